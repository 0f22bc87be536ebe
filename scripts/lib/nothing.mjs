/** Stands in for packages that are never used in what is shipped. */
export default {};
