/**
 * One topic of the probe, as source text. Both texts are embedded in one script, so they hold no `${...}` (the template's own syntax)
 * and no backticks, and the awk text holds no single quote.
 *
 * The script is two processes: a shell loop that finds out what only a shell can (globs, links, which commands exist) and prints
 * tab-separated records, and one awk program that reads those records and the files of /proc, /sys and /etc and prints JSON.
 * That keeps the number of forks independent of the size of the machine.
 */
export interface ProbePart {
  /** Body of the part in POSIX sh; prints records `key<TAB>value...`. `$R` is the root prefix, empty on a real node. May be empty. */
  readonly collect: string;
  /** awk functions and rules. Rules take the part's own records; `part_NAME()` returns its JSON text. */
  readonly report: string;
}
