import type { ScreenTable } from "../screens/table.ts";
import { findCommand } from "../state/command-line.ts";
import type { State } from "../state/state.ts";

/** What others are told of what is done here: the page, and the command that runs, without its arguments. */
export function whereabouts({ ui, world }: State, table: ScreenTable): { readonly where: string; readonly doing?: string } {
  const where = ui.stack.map((page) => table.get(page.screen).title(page)).join(" > ");
  const job = [...world.jobs.values()].findLast(({ end }) => end === undefined);
  const doing = job === undefined ? undefined : findCommand(job.command.split(" "))?.command.id;
  return doing === undefined ? { where } : { where, doing };
}
