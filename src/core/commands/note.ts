import { z } from "zod";
import { fail } from "../errors.ts";
import type { House } from "../house.ts";
import type { Note, NotePlace, notesAbout } from "../notes/notes.ts";
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
  summary: "Note something about a node, a role on it, a run or an error, or list notes",
  details: [
    "A note is shown where somebody looks when that fails next time: with the failure in the terminal UI and in chat, and on the node's page. Without a text the notes are listed.",
    "About a run (R-3): it is kept with every failure of that run, and shown wherever the same happens again: the same code, role and step. Such an error can be named itself: STEP_FAILED:nginx/service.",
    "Notes are kept in the journal in plain text: no secrets in them.",
  ].join("\n\n"),
  args: () =>
    z.object({
      of: z.string().optional().describe("A node, NODE/ROLE, a run such as R-3, or CODE:ROLE/STEP; without it all notes are listed"),
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
    { line: "halligan note R-3 the mirror was down: wait and retry", does: "notes it for every failure like those of R-3" },
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
    const place = await placeOf(of, house);
    if (words === "") return answer("listed", notesOf(await readNotes(house.store), place, notesAbout));
    if (words.length > longest) throw fail("USAGE", { message: `A note has at most ${longest} characters; this one has ${words.length}.` });
    return answer("added", [await addNote(house.store, place, words, context.by)]);
  },
});

const longest = 2_000;

/** How many kinds of failures of a run a note is about at most. */
const mostFailures = 50;

/**
 * Reads `NODE`, `NODE/ROLE`, `R-3` or `CODE:ROLE/STEP`. @throws `NODE_UNKNOWN` for a node that is not in the cluster file, `RUN_NOT_FOUND`,
 * `USAGE` for a run without failures.
 */
async function placeOf(of: string, house: House): Promise<NotePlace> {
  if (/^R-\d+$/u.test(of)) return await failuresOfRun(of, house);
  if (/^[A-Z][A-Z0-9_]+:[^\s/]+(\/\S+)?$/u.test(of)) return { failures: [of] };
  const [node = "", role, ...more] = of.split("/");
  if (more.length > 0 || role === "")
    throw fail("USAGE", { message: `"${of}" is neither a node, NODE/ROLE, a run, nor an error such as STEP_FAILED:nginx/service.` });
  const names = (await house.load()).cluster.nodes.map(({ name }) => name);
  if (!names.includes(node)) throw fail("NODE_UNKNOWN", { message: `There is no node ${node} in the cluster file.` });
  return { node, ...(role === undefined ? {} : { role }) };
}

async function failuresOfRun(run: string, { store }: House): Promise<NotePlace> {
  const [{ readRunState }, { failureOf }] = await Promise.all([import("../run/requests.ts"), import("../notes/notes.ts")]);
  const { state } = await readRunState(store, run);
  const wrong = [...state.nodeRoles.values()].filter((each) => each.state === "error" || each.state === "unknown");
  const found = wrong.flatMap(({ problem, planned }) => {
    const failure = problem === undefined ? undefined : failureOf({ code: problem.code, at: { role: planned.role, ...problem.at } });
    return failure === undefined ? [] : [failure];
  });
  const failures = [...new Set(found)].slice(0, mostFailures);
  if (failures.length > 0) return { run, failures };
  throw fail("USAGE", {
    message: `Nothing has failed in ${run}, so there is no failure that the note could be shown with.`,
    hint: "Note it about a node or NODE/ROLE: `halligan note web1 TEXT`.",
  });
}

/** Notes about what was named. */
function notesOf(notes: readonly Note[], place: NotePlace, about: typeof notesAbout): readonly Note[] {
  if ("node" in place) return about(notes, place);
  const { run, failures } = place;
  return notes
    .filter((each) => (run !== undefined && each.run === run) || each.failures?.some((one) => failures.includes(one)))
    .toReversed();
}
