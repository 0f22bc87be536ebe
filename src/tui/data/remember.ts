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

/** The same function of one object, which keeps every result for as long as the object lives: for data that is never changed in place. */
export function rememberEach<One extends object, Result>(compute: (one: One) => Result): (one: One) => Result {
  const known = new WeakMap<One, { readonly result: Result }>();
  return (one) => {
    let found = known.get(one);
    if (found === undefined) known.set(one, (found = { result: compute(one) }));
    return found.result;
  };
}
