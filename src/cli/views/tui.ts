/** `tui --json`: what is left when the terminal UI has been left. */
interface TuiDocument {
  readonly openRun: string | null;
}

/** Says how to come back to a run that goes on. */
export function tuiView({ openRun }: TuiDocument): readonly string[] {
  return openRun === null
    ? []
    : [`${openRun} goes on in its engine: \`halligan watch ${openRun}\` follows it, \`halligan tui\` comes back.`];
}
