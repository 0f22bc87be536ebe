import type { NodeRoleState } from "../../core/journal/events.ts";
import { stateWords } from "../../core/words/states.ts";
import type { NodeState } from "../data/standing.ts";
import type { Glyphs } from "../text/look.ts";
import type { Tone } from "../text/line.ts";

/** A sign, a word and a tone: colour is never the only thing that tells states apart. */
export interface Sign {
  readonly glyph: string;
  readonly word: string;
  readonly tone: Tone;
}

/** How a node-role's state is shown. */
export function nodeRoleSign(state: NodeRoleState, glyphs: Glyphs): Sign {
  const word = stateWords(state);
  switch (state) {
    case "active":
      return { glyph: glyphs.ok, word, tone: "ok" };
    case "transition":
      return { glyph: glyphs.busy, word, tone: "busy" };
    case "waiting":
    case "todo":
      return { glyph: glyphs.waiting, word, tone: "dim" };
    case "retired":
      return { glyph: glyphs.skipped, word, tone: "dim" };
    case "error":
      return { glyph: glyphs.bad, word, tone: "bad" };
    case "unknown":
      return { glyph: glyphs.unknown, word, tone: "warn" };
    case "blocked":
      return { glyph: glyphs.skipped, word, tone: "warn" };
    default:
      return state satisfies never;
  }
}

/** How a node's state is shown. */
export function nodeSign(state: NodeState, glyphs: Glyphs): Sign {
  switch (state) {
    case "ok":
      return { glyph: glyphs.ok, word: "ok", tone: "ok" };
    case "running":
      return { glyph: glyphs.busy, word: "running", tone: "busy" };
    case "failed":
      return { glyph: glyphs.bad, word: "failed", tone: "bad" };
    case "unknown":
      return { glyph: glyphs.unknown, word: "unknown", tone: "warn" };
    case "blocked":
      return { glyph: glyphs.skipped, word: "not started", tone: "warn" };
    case "new":
      return { glyph: glyphs.waiting, word: "nothing yet", tone: "dim" };
    default:
      return state satisfies never;
  }
}
