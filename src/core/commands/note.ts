import { z } from "zod";
import { fail } from "../errors.ts";
import type { Note } from "../notes/notes.ts";
import { defineCommand } from "./command.ts";

/** `note --json`: notes that stand (or the one that was made), or the one that was taken away. Newest first. */
export interface NotesDocument {
  readonly halligan: 1;
  readonly kind: "notes";
  readonly did: "listed" | "added" | "removed";
  readonly notes: readonly Note[];
  /** When this was answered, in ms since the epoch. */
  readonly at: number;
}

/** Notes something about a node or a role on it, and lists notes. */
export const noteCommand = defineCommand({
  id: "note",
  area: "people",
  summary: "Note something about a node or a role on it, or list notes",
  details: [
    "A note is shown where somebody looks when that node-role fails next time: in the terminal UI beside the failure and on the node's page. Without a text the notes are listed.",
    "Notes are kept in the journal in plain text: no secrets in them.",
  ].join("\n\n"),
  args: z.object({
    of: z.string().optional().describe("A node, or NODE/ROLE; without it all notes are listed"),
    text: z.array(z.string()).default([]).describe("What to note"),
    remove: z.string().optional().describe("Take this note away, such as N-3"),
  }),
  positionals: ["of", "text"],
  risk: "change",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan note web1/nginx the disk fills up: clear /var/log first", does: "notes it for the next failure" },
    { line: "halligan note web1", does: "the notes about web1" },
    { line: "halligan note --remove N-3", does: "takes a note away" },
  ],
  async run(context, { of, text, remove }) {
    const { addNote, notesAbout, readNotes, removeNote } = await import("../notes/notes.ts");
    const house = await context.house();
    const answer = (did: NotesDocument["did"], notes: readonly Note[]) => {
      const document: NotesDocument = { halligan: 1, kind: "notes", did, notes, at: house.clock.now() };
      return { exit: 0 as const, document: { ...document } };
    };
    const words = text.join(" ").trim();
    if (remove !== undefined && of !== undefined) throw fail("USAGE", { message: "Give --remove alone, without a node." });
    if (remove !== undefined || words !== "") await context.authorise("operate", { kind: "anywhere" });
    if (remove !== undefined) return answer("removed", [await removeNote(house.store, remove, context.by)]);
    if (of === undefined) return answer("listed", (await readNotes(house.store)).toReversed());
    const place = await placeOf(of, async () => (await house.load()).cluster.nodes.map(({ name }) => name));
    if (words === "") return answer("listed", notesAbout(await readNotes(house.store), place));
    if (words.length > longest) throw fail("USAGE", { message: `A note has at most ${longest} characters; this one has ${words.length}.` });
    return answer("added", [await addNote(house.store, place, words, context.by)]);
  },
});

const longest = 2_000;

/** Reads `NODE` or `NODE/ROLE`. @throws `NODE_UNKNOWN` for a node that is not in the cluster file. */
async function placeOf(of: string, names: () => Promise<readonly string[]>): Promise<{ readonly node: string; readonly role?: string }> {
  const [node = "", role, ...more] = of.split("/");
  if (more.length > 0 || role === "") throw fail("USAGE", { message: `"${of}" is neither a node nor NODE/ROLE.` });
  if (!(await names()).includes(node)) throw fail("NODE_UNKNOWN", { message: `There is no node ${node} in the cluster file.` });
  return { node, ...(role === undefined ? {} : { role }) };
}
