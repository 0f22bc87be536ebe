import type { Screen } from "../../screen.ts";

/** A unified diff with its added and removed lines marked. */
export function diffLines(diff: string, screen: Screen): readonly string[] {
  if (diff === "") return [];
  return diff
    .replace(/\n$/u, "")
    .split("\n")
    .map((line) => paintOf(line, screen)(line));
}

function paintOf(line: string, screen: Screen): (text: string) => string {
  if (line.startsWith("+++") || line.startsWith("---")) return screen.bold;
  if (line.startsWith("@@")) return screen.cyan;
  if (line.startsWith("+")) return screen.green;
  return line.startsWith("-") ? screen.red : String;
}
