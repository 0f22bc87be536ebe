/** The known word nearest to a misspelt one, if any is near enough: at most a third of the letters wrong, case and `-` or `_` aside. */
function nearest(word: string, known: Iterable<string>): string | undefined {
  const plain = normal(word);
  if (plain.length > 64) return undefined;
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const other = normal(name);
    const allowed = Math.max(1, Math.floor(Math.min(plain.length, other.length) / 3));
    if (Math.abs(other.length - plain.length) > allowed) continue;
    const distance = editDistance(plain, other);
    if (distance <= allowed && distance < Math.min(plain.length, other.length) && (best === undefined || distance < best.distance))
      best = { name, distance };
  }
  return best?.name;
}

/** A hint such as ``Did you mean `count`?``, else the list of what is known, bounded. */
export function suggestion(word: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  const near = nearest(word, names);
  if (near !== undefined) return `Did you mean \`${near}\`?`;
  if (names.length === 0) return undefined;
  const shown = names.slice(0, 20).map((name) => `\`${name}\``);
  return `Known here: ${shown.join(", ")}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ""}.`;
}

function normal(word: string): string {
  return word.toLowerCase().replace(/[-_]/gu, "");
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min((line[column - 1] ?? 0) + 1, (above[column] ?? 0) + 1, (above[column - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      line.push(cost);
    }
    before = above;
    above = line;
  }
  return above[b.length] ?? 0;
}
