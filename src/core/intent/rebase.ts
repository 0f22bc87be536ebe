import { applyPatch, structuredPatch } from "diff";
import { hasCode } from "../errors.ts";
import { type IntentChange, intentChanges, overlap, pathText, sameValue } from "./changes.ts";
import { editYaml } from "./yaml-edit.ts";

/** A change put on another text, or what stands in the way: paths that both change. */
export type Rebased = { readonly text: string } | { readonly conflicts: readonly string[] };

/**
 * Puts the change from `base` to `after` on `present`. It is done only where it means the same there: what the result changes by meaning is
 * exactly what the proposal changes. Comments come along where the lines around them are still the same.
 */
export function rebase(base: string, after: string, present: string): Rebased {
  if (present === base || present === after) return { text: after };
  const wanted = intentChanges(base, after);
  const theirs = intentChanges(base, present);
  const conflicts = wanted.filter((each) => theirs.some((other) => overlap(each.path, other.path) && !isSame(each, other)));
  if (conflicts.length > 0) return { conflicts: conflicts.map((each) => pathText(each.path)) };
  const open = wanted.filter((each) => !theirs.some((other) => isSame(each, other)));
  const means = (text: string): boolean => sameChanges(intentChanges(present, text), open);
  const patched = applyPatch(present, structuredPatch("", "", base, after, "", "", { context: 3 }), { fuzzFactor: 0 });
  if (patched !== false && means(patched)) return { text: patched };
  if (wanted.length === 0) return { conflicts: ["comments and layout"] };
  const edited = edit(present, open);
  return edited !== undefined && means(edited) ? { text: edited } : { conflicts: open.map((each) => pathText(each.path)) };
}

/** Makes changes of meaning, one after the other; `undefined` where one cannot be made by itself. */
function edit(text: string, changes: readonly IntentChange[]): string | undefined {
  try {
    return changes.reduce(
      (present, { path, after }) => editYaml(present, after === undefined ? { do: "remove", path } : { do: "set", path, value: after }),
      text,
    );
  } catch (error) {
    if (hasCode(error, "EDIT_REFUSED")) return undefined;
    throw error;
  }
}

function isSame(one: IntentChange, other: IntentChange): boolean {
  return pathText(one.path) === pathText(other.path) && sameValue(one.after, other.after);
}

function sameChanges(found: readonly IntentChange[], wanted: readonly IntentChange[]): boolean {
  return found.length === wanted.length && found.every((each) => wanted.some((other) => isSame(each, other)));
}
