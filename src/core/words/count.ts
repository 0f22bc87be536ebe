/** `1 node`, `3 nodes`, `2 batches` (with the plural given). */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${n} ${n === 1 ? singular : plural}`;
}

/** `a`, `a and b`, `a, b and 7 more`: at most `most` names are spelt out. */
export function listed(names: readonly string[], most = 6): string {
  if (names.length > most) return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
  const last = names.at(-1);
  if (last === undefined || names.length === 1) return last ?? "";
  return `${names.slice(0, -1).join(", ")} and ${last}`;
}
