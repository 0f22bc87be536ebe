import type { Frame } from "../jigs/resolved.ts";
import type { Redactor } from "./redactor.ts";

const mostLines = 8;
const mostChars = 800;

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
  const told = lines.slice(-mostLines).join("\n").slice(-mostChars);
  return told === "" ? undefined : told;
}
