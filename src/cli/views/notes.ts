import type { NotesDocument } from "../../core/commands/note.ts";
import type { Note } from "../../core/notes/notes.ts";
import { listed } from "../../core/words/count.ts";
import { agoWords } from "../../core/words/time.ts";
import { type Screen, table } from "../screen.ts";

/** Notes, or what became of one. */
export function notesView({ did, notes, at }: NotesDocument, screen: Screen): readonly string[] {
  const [first] = notes;
  switch (did) {
    case "added":
      return first === undefined ? [] : [`${first.note} is noted about ${placeWords(first)}; it is shown when that fails next time.`];
    case "removed":
      return first === undefined ? [] : [`${first.note} about ${placeWords(first)} is gone: ${first.text}`];
    case "listed":
      if (notes.length === 0) return ["There are no notes.", `Next: ${screen.bold("halligan note NODE/ROLE TEXT")} makes one.`];
      return table<Note>(
        screen,
        [
          { title: "NOTE", cell: ({ note }) => note },
          { title: "ABOUT", cell: placeWords },
          { title: "BY", cell: ({ by }) => by },
          { title: "WHEN", cell: (each) => agoWords(at - each.at) },
          { title: "TEXT", cell: ({ text }) => text, flexible: true },
        ],
        notes,
      );
    default:
      return did satisfies never;
  }
}

function placeWords({ node, role, run, failures = [] }: Note): string {
  if (node !== undefined) return role === undefined ? node : `${node}/${role}`;
  return `${run === undefined ? "" : `${run}: `}${listed(failures, 3)}`;
}
