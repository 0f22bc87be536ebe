import { hasCode } from "../errors.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { EpochMs, Json, Store } from "../ports.ts";
import type { DriftFound } from "./drift.ts";

const collection = "drift";
const key = "last";
/** Diffs of what is kept are cut to this; `halligan drift` shows all of them. */
const keptDiffChars = 2_000;
/** More drifted node-roles than this are counted only. */
const mostKept = 500;

/** What was found to differ at one node-role, and when. */
export type KeptDrift = DriftFound & { readonly at: EpochMs };

/** What looking for drift found last, for who shows how the cluster stands. Node-roles that were put back since are not in it. */
export interface DriftKept {
  readonly at: EpochMs;
  readonly by: string;
  /** Node-roles that were looked at then. */
  readonly checked: number;
  /** Those that had drifted or could not be looked at, of earlier looks too where they were not looked at again. At most 500. */
  readonly nodeRoles: readonly KeptDrift[];
  /** How many there are beyond them. */
  readonly more: number;
  /** When each node on which something stands was last looked at. Absent in what versions kept that did not note it. */
  readonly nodes?: Readonly<Record<string, EpochMs>>;
}

/** What was found last; `undefined` = nobody has looked. */
export async function readDrift(store: Store): Promise<DriftKept | undefined> {
  return (await store.get<Json>(collection, key))?.value as unknown as DriftKept | undefined;
}

/** Keeps what was found, together with earlier findings about what was not looked at now. `standing`: everything that stands. */
export async function keepDrift(
  store: Store,
  found: readonly DriftFound[],
  { at, by, standing }: { readonly at: EpochMs; readonly by: string; readonly standing: readonly Pick<DriftFound, "id" | "node">[] },
): Promise<void> {
  const looked = new Set(found.map((each) => each.id));
  const stand = new Set(standing.map((each) => each.id));
  const now = Object.fromEntries(found.map((each) => [each.node, at]));
  await change(store, (before) => {
    const earlier = (before?.nodeRoles ?? []).filter((each) => !looked.has(each.id) && stand.has(each.id));
    const fresh = found.filter((each) => each.state !== "same").map((each) => ({ ...short(each), at }));
    const all = [...earlier, ...fresh].toSorted((one, other) => (one.id < other.id ? -1 : 1));
    const seen = { ...before?.nodes, ...now };
    const nodes = Object.fromEntries(standing.flatMap(({ node }) => (seen[node] === undefined ? [] : [[node, seen[node]]])));
    return { at, by, checked: found.length, nodeRoles: all.slice(0, mostKept), more: Math.max(0, all.length - mostKept), nodes };
  });
}

/** Takes out what a run has brought to its end: it is as it should be again, or gone. */
export async function settleDrift(store: Store, settled: ReadonlySet<NodeRoleId>): Promise<void> {
  const before = await readDrift(store);
  if (before === undefined || !before.nodeRoles.some((each) => settled.has(each.id))) return;
  await change(store, (now) =>
    now === undefined ? undefined : { ...now, nodeRoles: now.nodeRoles.filter((each) => !settled.has(each.id)) },
  );
}

async function change(store: Store, make: (before: DriftKept | undefined) => DriftKept | undefined): Promise<void> {
  for (;;) {
    const doc = await store.get<Json>(collection, key);
    const value = make(doc?.value as unknown as DriftKept | undefined);
    if (value === undefined) return;
    try {
      await store.put(collection, key, value as unknown as Json, doc?.rev ?? 0);
      return;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
  }
}

function short(found: DriftFound): DriftFound {
  if (found.state !== "drifted") return found;
  const cut = (diff: string): string => (diff.length <= keptDiffChars ? diff : `${diff.slice(0, keptDiffChars)}\n... cut`);
  return { ...found, steps: found.steps.map((step) => (step.diff === undefined ? step : { ...step, diff: cut(step.diff) })) };
}
