import type { NodeRoleState } from "../../../core/journal/events.ts";
import type { NodeRoleProgress } from "../../../core/run/state.ts";
import { remember } from "../../data/remember.ts";
import type { RunView } from "../../data/run-view.ts";
import type { Glyphs } from "../../text/look.ts";
import { type Sign, nodeRoleSign } from "../words.ts";

/** What a person chose on a page about a run. */
export interface RunLocal {
  /** The column that was chosen; `undefined` = whatever is most interesting on the node. */
  readonly role: string | undefined;
  readonly shape: "auto" | "matrix" | "roles";
  /** Roles that are unfolded. */
  readonly open: ReadonlySet<string>;
  readonly wrap: boolean;
  /** Stay at the end of the panel's output. */
  readonly follow: boolean;
}

/** A page nobody has chosen anything on. */
export const freshLocal: RunLocal = { role: undefined, shape: "auto", open: new Set(), wrap: false, follow: true };

/** From so many nodes on one row per node is too much. */
const manyNodes = 40;

/** Node-roles of a run, arranged. */
export interface Arranged {
  readonly nodes: readonly string[];
  /** In the order in which they come in the plan. */
  readonly roles: readonly string[];
  readonly byNode: ReadonlyMap<string, ReadonlyMap<string, NodeRoleProgress>>;
  readonly byRole: ReadonlyMap<string, readonly NodeRoleProgress[]>;
}

/** Arranges node-roles by node and by role. */
export const arranged = remember((view: RunView): Arranged => {
  const byNode = new Map<string, Map<string, NodeRoleProgress>>();
  const byRole = new Map<string, NodeRoleProgress[]>();
  for (const each of view.state.nodeRoles.values()) {
    const { node, role } = each.planned;
    const of = byNode.get(node) ?? new Map<string, NodeRoleProgress>();
    byNode.set(node, of.set(role, each));
    const all = byRole.get(role);
    if (all === undefined) byRole.set(role, [each]);
    else all.push(each);
  }
  const nodes = [...byNode.keys()].toSorted((a, b) => natural.compare(a, b));
  return { nodes, roles: [...byRole.keys()], byNode, byRole };
});

const natural = new Intl.Collator("en", { numeric: true });

/** True when there is one row per role instead of one per node. */
export function isFolded(view: RunView, { shape }: RunLocal): boolean {
  return shape === "roles" || (shape === "auto" && arranged(view).nodes.length > manyNodes);
}

/** What has to be looked at first comes first. */
const urgency: readonly NodeRoleState[] = ["error", "unknown", "transition", "blocked", "todo", "waiting", "active", "retired"];

/** The most interesting one: failed, running, held up; of equals the one that moved last. */
export function mostUrgent(all: Iterable<NodeRoleProgress>): NodeRoleProgress | undefined {
  let best: NodeRoleProgress | undefined;
  for (const each of all) {
    const by = best === undefined ? -1 : urgency.indexOf(each.state) - urgency.indexOf(best.state);
    if (by < 0 || (by === 0 && best !== undefined && each.since > best.since)) best = each;
  }
  return best;
}

/** Node-roles of a role, the urgent ones first. */
export function byUrgency(all: readonly NodeRoleProgress[]): readonly NodeRoleProgress[] {
  return all.toSorted((a, b) => urgency.indexOf(a.state) - urgency.indexOf(b.state) || natural.compare(a.planned.node, b.planned.node));
}

/** True for outcomes that somebody has to look at. */
export function isWrong(state: NodeRoleState): boolean {
  return state === "error" || state === "unknown";
}

/** The node-role that the page is about: that of the row, and of the chosen column. */
export function selected(view: RunView, local: RunLocal, cursor: string | undefined): NodeRoleProgress | undefined {
  const { byNode, byRole, nodes } = arranged(view);
  if (cursor?.includes("/") === true) return view.state.nodeRoles.get(cursor as `${string}/${string}`);
  if (cursor?.startsWith("role:") === true) return mostUrgent(byRole.get(cursor.slice(5)) ?? []);
  const of = byNode.get(cursor ?? "") ?? (isFolded(view, local) ? undefined : byNode.get(nodes[0] ?? ""));
  if (of === undefined) return undefined;
  return (local.role === undefined ? undefined : of.get(local.role)) ?? mostUrgent(of.values());
}

/** How a node-role of a run is shown: with more to tell about the good end than a state has. */
export function progressSign({ state, planned, changed }: NodeRoleProgress, glyphs: Glyphs): Sign {
  const sign = nodeRoleSign(state, glyphs);
  if (state !== "active") return sign;
  if (planned.action === "skip") return { glyph: glyphs.same, word: "unchanged", tone: "dim" };
  return changed > 0 ? { glyph: glyphs.changed, word: "changed", tone: "change" } : { ...sign, word: "as it should be" };
}
