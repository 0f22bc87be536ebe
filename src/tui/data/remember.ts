/** The same function, which keeps its last result as long as it is called with the very same arguments. */
export function remember<Args extends readonly unknown[], Result>(compute: (...args: Args) => Result): (...args: Args) => Result {
  let last: { readonly args: Args; readonly result: Result } | undefined;
  return (...args) => {
    if (last !== undefined && last.args.length === args.length && last.args.every((each, index) => Object.is(each, args[index])))
      return last.result;
    last = { args, result: compute(...args) };
    return last.result;
  };
}
