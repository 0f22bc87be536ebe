/** A word as a person types it into a shell: quoted where it has to be. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./*-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
