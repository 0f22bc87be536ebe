import { type Line, type Seg, type Tone, oneLine } from "./line.ts";

const toneOf: Readonly<Record<string, Tone>> = {
  "1": "strong",
  "2": "dim",
  "31": "bad",
  "32": "ok",
  "33": "warn",
  "34": "busy",
  "36": "accent",
};

/** Reads a line that one of our own text views coloured; any other sequence is shown as text that does nothing. */
export function readColoured(text: string): Line {
  const segs: Seg[] = [];
  let tone: Tone = "plain";
  let from = 0;
  for (const found of text.matchAll(/\u001b\[(\d*)m/gu)) {
    if (found.index > from) segs.push([oneLine(text.slice(from, found.index)), tone]);
    tone = toneOf[found[1] ?? ""] ?? "plain";
    from = found.index + found[0].length;
  }
  if (from < text.length) segs.push([oneLine(text.slice(from)), tone]);
  return { segs, look: "normal" };
}
