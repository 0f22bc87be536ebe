import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { notesView } from "../../../src/cli/views/notes.ts";
import { applyCommand } from "../../../src/core/commands/apply.ts";
import { noteCommand } from "../../../src/core/commands/note.ts";
import { addNote, failureOf, notesAbout, readNotes } from "../../../src/core/notes/notes.ts";
import { problem } from "../../../src/core/errors.ts";
import type { JournalEvent } from "../../../src/core/journal/events.ts";
import { eventWords } from "../../../src/core/words/events.ts";
import { call, codesOf } from "../../support/command-rig.ts";
import { type FakeHouse, openFakeHouse } from "../../support/fake-house.ts";
import { planBody, plannedNodeRole } from "../run/plans.ts";

let folder: string;
let house: FakeHouse;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-notes-"));
  house = await openFakeHouse(folder, planBody(plannedNodeRole("n1", "web")));
});
afterEach(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

const screen = { columns: 80, unicode: false, bold: String, dim: String, cyan: String } as never;

/** Says `note` as a person does, and what it answers. */
async function note(args: object): Promise<Parameters<typeof notesView>[0]> {
  const { document } = await call(house, noteCommand, { text: [], ...args }).answer;
  return document as unknown as Parameters<typeof notesView>[0];
}

test("a note is made, found where it concerns somebody, and taken away", async () => {
  expect(await note({})).toMatchObject({ did: "listed", notes: [] });
  expect(await note({ of: "n1/web", text: ["clear", "the disk"] })).toMatchObject({
    did: "added",
    notes: [{ note: "N-1", node: "n1", role: "web", text: "clear the disk", by: "ann" }],
  });
  await note({ of: "n1", text: ["slow disk"] });
  await note({ of: "n2", text: ["other"] });
  const about = async (of: string): Promise<readonly string[]> => (await note({ of })).notes.map((each) => each.note);
  expect(await about("n1/web")).toEqual(["N-2", "N-1"]);
  expect(await about("n1/db")).toEqual(["N-2"]);
  expect(await about("n1")).toEqual(["N-2", "N-1"]);
  expect(await note({ remove: "N-2" })).toMatchObject({ did: "removed", notes: [{ text: "slow disk" }] });
  expect(await about("n1")).toEqual(["N-1"]);
  expect(await note({ of: "n1", text: ["again"] })).toMatchObject({ notes: [{ note: "N-4" }] });
});

test("what makes no sense is refused", async () => {
  const refused = (args: object): Promise<readonly string[]> => codesOf(call(house, noteCommand, { text: [], ...args }).answer);
  expect(await refused({ of: "n9", text: ["x"] })).toEqual(["NODE_UNKNOWN"]);
  expect(await refused({ of: "n1/web/x", text: ["x"] })).toEqual(["USAGE"]);
  expect(await refused({ of: "n1/", text: ["x"] })).toEqual(["USAGE"]);
  expect(await refused({ of: "n1", remove: "N-1" })).toEqual(["USAGE"]);
  expect(await refused({ remove: "N-7" })).toEqual(["NOTE_NOT_FOUND"]);
  expect(await refused({ of: "n1", text: ["x".repeat(2_001)] })).toEqual(["USAGE"]);
});

test("people who note at the same moment get numbers of their own", async () => {
  await Promise.all(Array.from({ length: 8 }, (_, index) => addNote(house.store, { node: "n1" }, `note ${index}`, "ann")));
  const notes = await readNotes(house.store);
  expect(new Set(notes.map((each) => each.note)).size).toBe(8);
  expect(notesAbout(notes, { node: "n1" })).toHaveLength(8);
});

test("a note about a run is found with the same failure elsewhere, and nowhere else", async () => {
  await call(house, applyCommand, { targets: [], wait: false, queue: true, detach: true }, true).answer;
  const wrong = (id: `${string}/${string}`, step: string): JournalEvent => ({
    type: "noderole.moved",
    v: 1,
    id,
    state: "error",
    attempt: 1,
    problem: problem("STEP_FAILED", { message: "it broke", at: { node: "n1", role: "web", step } }),
  });
  expect(await codesOf(call(house, noteCommand, { of: "R-1", text: ["x"] }).answer)).toEqual(["USAGE"]);
  await house.append(wrong("n1/web", "service"));
  expect(await note({ of: "R-1", text: ["the", "mirror", "was", "down"] })).toMatchObject({
    notes: [{ note: "N-1", run: "R-1", failures: ["STEP_FAILED:web/service"] }],
  });
  expect(await note({ of: "STEP_FAILED:web/service" })).toMatchObject({ notes: [{ note: "N-1" }] });
  expect(await note({ of: "R-1" })).toMatchObject({ notes: [{ note: "N-1" }] });
  const notes = await readNotes(house.store);
  const seen = (node: string, failure?: string): number => notesAbout(notes, { node, role: "web", failure }).length;
  expect([seen("n2", "STEP_FAILED:web/service"), seen("n2", "STEP_FAILED:web/other"), seen("n1")]).toEqual([1, 0, 0]);
  expect(failureOf(problem("STEP_FAILED", { message: "x", at: { node: "n2", role: "web", step: "service" } }))).toBe(
    "STEP_FAILED:web/service",
  );
  expect(notesView(await note({}), { ...(screen as object), width: 100 } as never).join("\n")).toContain("R-1: STEP_FAILED:web/service");
});

test("it is told in words", async () => {
  expect(notesView(await note({}), screen).join("\n")).toContain("There are no notes.");
  expect(notesView(await note({ of: "n1/web", text: ["mind the disk"] }), screen)).toEqual([
    "N-1 is noted about n1/web; it is shown when that fails next time.",
  ]);
  expect(eventWords({ type: "note.added", v: 1, note: "N-1", node: "n1", role: "web", text: "mind", by: "ann" })).toBe(
    "ann notes about n1/web (N-1): mind",
  );
  expect(eventWords({ type: "note.removed", v: 1, note: "N-1", by: "bo" })).toBe("bo takes N-1 away");
});
