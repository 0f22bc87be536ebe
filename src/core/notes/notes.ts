import { fail, hasCode } from "../errors.ts";
import { type JournalEvent, type Recorded, fromStored, toStored } from "../journal/events.ts";
import type { Store } from "../ports.ts";

/** What somebody noted about a node, one role on it, a run, or failures of a kind, for whoever meets them next time. */
export interface Note {
  readonly note: `N-${number}`;
  /** Absent = it is about failures, wherever they happen. */
  readonly node?: string;
  /** Absent = the whole node. */
  readonly role?: string;
  /** The run whose failures it is about. */
  readonly run?: string;
  /** Fingerprints of failures (`failureOf`): `STEP_FAILED:nginx/service`. */
  readonly failures?: readonly string[];
  readonly text: string;
  readonly by: string;
  /** ms since 1970. */
  readonly at: number;
}

/** What a note is about. */
export type NotePlace =
  | { readonly node: string; readonly role?: string | undefined }
  | { readonly run?: string; readonly failures: readonly string[] };

/** Where somebody looks; `failure`: the fingerprint of what they see there. */
export interface NoteSight {
  readonly node: string;
  readonly role?: string | undefined;
  readonly failure?: string | undefined;
}

/** What makes two failures the same, wherever they happen: code, role and step. `undefined` = it is not about a role. */
export function failureOf({ code, at }: { readonly code: string; readonly at?: unknown }): string | undefined {
  if (typeof at !== "object" || at === null || !("role" in at) || typeof at.role !== "string") return undefined;
  const step = "step" in at && typeof at.step === "string" && at.step !== "" ? `/${at.step}` : "";
  return `${code}:${at.role}${step}`;
}

const notesStream = "notes";

/** Notes that stand, oldest first, and how far their stream was read. */
interface NoteState {
  readonly notes: readonly Note[];
  readonly version: number;
  /** Notes ever made: numbers are given out once. */
  readonly made: number;
}

/** All notes that stand, oldest first. */
export async function readNotes(store: Store): Promise<readonly Note[]> {
  return (await readState(store)).notes;
}

/** Takes an event in; the same list when it is not about notes. */
export function foldNotes(notes: readonly Note[], event: Recorded): readonly Note[] {
  if (event.type === "note.removed") return notes.filter(({ note }) => note !== event.note);
  if (event.type !== "note.added" || notes.some(({ note }) => note === event.note)) return notes;
  const { note, node, role, run, failures, text, by, at } = event;
  const about = Object.fromEntries(Object.entries({ node, role, run, failures }).filter(([, value]) => value !== undefined));
  return [...notes, { note, ...about, text, by, at }];
}

/**
 * Notes that concern a place, newest first: for a role those of the role and of its whole node, for a node all that are about it; and those
 * about the failure that is seen there.
 */
export function notesAbout(notes: readonly Note[], { node, role, failure }: NoteSight): readonly Note[] {
  const here = (each: Note): boolean => each.node === node && (role === undefined || each.role === undefined || each.role === role);
  return notes.filter((each) => here(each) || (failure !== undefined && each.failures?.includes(failure) === true)).toReversed();
}

/** Notes something down. Gives the note. */
export async function addNote(store: Store, place: NotePlace, text: string, by: string): Promise<Note> {
  let id: Note["note"] = "N-1";
  await decide(store, ({ made }) => {
    id = `N-${made + 1}`;
    return { type: "note.added", v: 1, note: id, ...aboutOf(place), text, by };
  });
  const note = (await readNotes(store)).find((each) => each.note === id);
  if (note === undefined) throw fail("NOTE_NOT_FOUND", { message: `${id} was removed again at once.` });
  return note;
}

function aboutOf(place: NotePlace): Pick<Note, "node" | "role" | "run"> & { failures?: string[] } {
  if ("node" in place) return { node: place.node, ...(place.role === undefined ? {} : { role: place.role }) };
  return { ...(place.run === undefined ? {} : { run: place.run }), failures: [...place.failures] };
}

/** Takes a note away. Gives it as it was. @throws `NOTE_NOT_FOUND`. */
export async function removeNote(store: Store, id: string, by: string): Promise<Note> {
  let found: Note | undefined;
  await decide(store, ({ notes }) => {
    found = notes.find(({ note }) => note === id);
    if (found === undefined) throw fail("NOTE_NOT_FOUND", { message: `There is no note ${id}.` });
    return { type: "note.removed", v: 1, note: found.note, by };
  });
  if (found === undefined) throw fail("NOTE_NOT_FOUND", { message: `There is no note ${id}.` });
  return found;
}

async function readState(store: Store): Promise<NoteState> {
  let state: NoteState = { notes: [], version: 0, made: 0 };
  for (;;) {
    const page = await store.read({ stream: notesStream, after: state.version, limit: 1000 });
    for (const stored of page) {
      const event = fromStored(stored);
      const notes = event === undefined ? state.notes : foldNotes(state.notes, event);
      state = { notes, version: stored.version, made: state.made + (event?.type === "note.added" ? 1 : 0) };
    }
    if (page.length < 1000) return state;
  }
}

/** Appends what is decided on the present notes; when somebody was faster, decides again. */
async function decide(store: Store, event: (state: NoteState) => JournalEvent): Promise<void> {
  for (;;) {
    const state = await readState(store);
    try {
      await store.append(notesStream, [toStored(event(state))], { expected: state.version });
      return;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
  }
}
