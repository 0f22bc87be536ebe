import type { Frame } from "../jigs/resolved.ts";
import type { Redactor } from "./redactor.ts";

const mostLines = 8;
const mostChars = 800;
/** Of a longer line the middle is left out: it begins with who speaks, and ends with what is wrong. */
const longestLine = 300;

/** What a step printed last, without secrets and control characters: what a person looks at first when it fails. `undefined` = nothing. */
export function lastWords(frames: readonly Frame[], index: number, redactor: Redactor): string | undefined {
  const chunks = frames.flatMap((frame) => (frame.type === "out" && frame.index === index ? [frame.content] : []));
  const text = redactor.redactText(Buffer.concat(chunks).toString("utf8"));
  const lines = text
    .replaceAll(/\r\n?/gu, "\n")
    .replaceAll(/[^\P{C}\n\t]/gu, "")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
  let room = mostChars;
  const told = lines
    .slice(-mostLines)
    .map(shortened)
    .toReversed()
    .filter((line) => {
      room -= line.length + 1;
      return room >= 0;
    });
  return told.length === 0 ? undefined : told.toReversed().join("\n");
}

function shortened(line: string): string {
  if (line.length <= longestLine) return line;
  const half = Math.floor((longestLine - 3) / 2);
  return `${line.slice(0, half).toWellFormed()} … ${line.slice(-half).toWellFormed()}`;
}
