import type { Driver } from "../../tui/app/driver.ts";
import type { ScreenTable } from "../../tui/screens/table.ts";

const aMoment = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

/** Draws on this process's terminal until the person leaves or `signal` aborts. The terminal is given back, whatever else happens. */
export async function fullScreen(
  driver: Driver,
  table: ScreenTable,
  { now, signal, mouse }: { readonly now: () => number; readonly signal: AbortSignal; readonly mouse: boolean },
): Promise<void> {
  const { draw } = await import("../../tui/app/app.ts");
  const dying = new AbortController();
  // Before the last words of a crash are printed the terminal has to be as it was.
  const restore = (): void => dying.abort();
  process.prependListener("uncaughtException", restore);
  process.prependListener("unhandledRejection", restore);
  // A terminal that is gone answers with errors for ever: there is nobody to draw for.
  process.stdin.on("error", restore);
  process.stdin.on("end", restore);
  process.stdout.on("error", restore);
  try {
    await draw(driver, table, process, { now, mouse, aMoment, signal: AbortSignal.any([signal, dying.signal]) });
  } finally {
    process.off("uncaughtException", restore);
    process.off("unhandledRejection", restore);
    process.stdin.off("error", restore);
    process.stdin.off("end", restore);
    process.stdout.off("error", restore);
  }
}
