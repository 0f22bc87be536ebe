import type { Passing } from "../../core/commands/command.ts";
import type { Screen } from "../screen.ts";

/** Lines of a piece of a log; each begins with its NODE/ROLE unless that log is the only one. The text is safe already. */
export function logLines({ node, role, text, alone }: Extract<Passing, { type: "log" }>, screen: Screen): string {
  const lines = (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
  const prefix = alone === true ? "" : `${screen.cyan(`${node}/${role}`)} `;
  return lines.map((line) => `${prefix}${line}\n`).join("");
}
