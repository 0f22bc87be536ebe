import type { WrittenDocument } from "../../core/commands/init.ts";
import type { Screen } from "../screen.ts";

/** Files that were written, and what to do now. */
export function writtenView(document: WrittenDocument, screen: Screen): readonly string[] {
  return [
    ...document.files.map((file) => `${screen.green("written")} ${file}`),
    ...(document.next.length === 0 ? [] : ["", "Now:", ...document.next.map((line) => `  ${line}`)]),
  ];
}
