import { type Screen, createScreen } from "../../../src/cli/screen.ts";

/** No colour, no bound on the width: what a file gets. */
export const paper: Screen = createScreen({
  isTerminal: false,
  columns: undefined,
  plain: false,
  environment: { NO_COLOR: "1", LANG: "C.UTF-8" },
});

/** A terminal with colour, `columns` wide. */
export function colourful(columns: number): Screen {
  return createScreen({ isTerminal: true, columns, plain: false, environment: { TERM: "xterm", LANG: "C.UTF-8" } });
}
