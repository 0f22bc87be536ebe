import type { Frame } from "../../jigs/resolved.ts";

/** What a script shows of a step that would change something. */
export interface Shown {
  readonly old?: Uint8Array;
  readonly new?: Uint8Array;
  /** Lines of `key: before -> after`. */
  readonly text?: string;
}

/** Gathers what frames show of each step, by its index. Pure. */
export function shownContents(frames: readonly Frame[]): ReadonlyMap<number, Shown> {
  const contents = new Map<number, Shown>();
  for (const frame of frames) {
    if (frame.type !== "old" && frame.type !== "new" && frame.type !== "line" && frame.type !== "diff") continue;
    const before = contents.get(frame.index);
    contents.set(frame.index, { ...before, ...shownBy(frame, before?.old) });
  }
  return contents;
}

function shownBy(frame: Frame & { readonly type: "old" | "new" | "line" | "diff" }, old: Uint8Array | undefined): Shown {
  switch (frame.type) {
    case "old":
      return { old: frame.content };
    case "new":
      return { new: frame.content };
    case "line":
      return { new: withLine(old ?? new Uint8Array(), frame.number, frame.content) };
    case "diff":
      return { text: Buffer.from(frame.content).toString("utf8") };
    default:
      return frame satisfies never;
  }
}

/** A text with another line of this number, or with one more at its end with 0. It ends with a line break. */
function withLine(before: Uint8Array, number: number, line: Uint8Array): Uint8Array {
  // Bytes as characters: they need not be of any encoding.
  const lines = Buffer.from(before).toString("latin1").split("\n");
  if (lines.at(-1) === "") lines.pop();
  lines.splice(number === 0 ? lines.length : number - 1, number === 0 ? 0 : 1, Buffer.from(line).toString("latin1"));
  return Buffer.from(`${lines.join("\n")}\n`, "latin1");
}
