import type { NodeRoleState } from "../../../core/journal/events.ts";
import type { NodeRoleId } from "../../../core/model/ids.ts";
import type { NodeRoleProgress } from "../../../core/run/state.ts";
import { textWidth } from "../../../core/words/text-width.ts";
import { remember } from "../../data/remember.ts";
import { type Outcome, outcomeOf } from "../../data/run-tally.ts";
import type { RunView } from "../../data/run-view.ts";
import type { Glyphs } from "../../text/look.ts";
import type { Seg } from "../../text/line.ts";
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

/** Node-roles of a run, arranged; what they are does not change while the run goes on, only how they stand. */
export interface Arranged {
  readonly nodes: readonly string[];
  /** Columns that the longest name of a node takes. */
  readonly longest: number;
  /** In the order in which they come in the plan. */
  readonly roles: readonly string[];
  readonly byNode: ReadonlyMap<string, ReadonlyMap<string, NodeRoleId>>;
  /** In the order of their nodes. */
  readonly byRole: ReadonlyMap<string, readonly NodeRoleId[]>;
}

const arrangedMap = remember((nodeRoles: RunView["state"]["nodeRoles"]): Arranged => {
  const byNode = new Map<string, Map<string, NodeRoleId>>();
  const byRole = new Map<string, NodeRoleId[]>();
  for (const [id, { planned }] of nodeRoles) {
    const of = byNode.get(planned.node) ?? new Map<string, NodeRoleId>();
    byNode.set(planned.node, of.set(planned.role, id));
    byRole.set(planned.role, []);
  }
  const nodes = [...byNode.keys()].toSorted((a, b) => natural.compare(a, b));
  for (const node of nodes) for (const [role, id] of byNode.get(node) ?? []) byRole.get(role)?.push(id);
  const longest = Math.max(4, ...nodes.map((node) => textWidth(node)));
  return { nodes, longest, roles: [...byRole.keys()], byNode, byRole };
});

/** Arranges node-roles by node and by role. */
export function arranged({ state }: RunView): Arranged {
  return arrangedMap(state.nodeRoles);
}

/** How the node-roles with these ids stand now. */
export function standingOf({ state }: RunView, ids: Iterable<NodeRoleId> | undefined): readonly NodeRoleProgress[] {
  const all: NodeRoleProgress[] = [];
  for (const id of ids ?? []) {
    const each = state.nodeRoles.get(id);
    if (each !== undefined) all.push(each);
  }
  return all;
}

/** What went wrong in a role, in the order of nodes. */
export function wrongOf(view: RunView, role: string): readonly NodeRoleProgress[] {
  const wrong = view.tally.byRole.get(role)?.wrong;
  if (wrong === undefined || wrong.size === 0) return [];
  return standingOf(
    view,
    [...wrong].toSorted((a, b) => natural.compare(a, b)),
  );
}

const natural = new Intl.Collator("en", { numeric: true });

/** True when there is one row per role instead of one per node. */
export function isFolded(view: RunView, { shape }: RunLocal): boolean {
  return shape === "roles" || (shape === "auto" && arranged(view).nodes.length > manyNodes);
}

/** What has to be looked at first comes first. */
const urgency: readonly NodeRoleState[] = ["error", "unknown", "transition", "blocked", "todo", "waiting", "active", "retired"];

/** The most interesting one: failed, running, held up; of equals the one that moved last. */
function mostUrgent(all: Iterable<NodeRoleProgress>): NodeRoleProgress | undefined {
  let best: NodeRoleProgress | undefined;
  for (const each of all) {
    const by = best === undefined ? -1 : urgency.indexOf(each.state) - urgency.indexOf(best.state);
    if (by < 0 || (by === 0 && best !== undefined && each.since > best.since)) best = each;
  }
  return best;
}

/** The urgent ones first, else as they are. */
export function byUrgency(all: readonly NodeRoleProgress[]): readonly NodeRoleProgress[] {
  const rank = new Map(urgency.map((state, index) => [state, index]));
  return all.toSorted((a, b) => (rank.get(a.state) ?? 0) - (rank.get(b.state) ?? 0));
}

/** The node-role that the page is about: that of the row, and of the chosen column. */
export function selected(view: RunView, local: RunLocal, cursor: string | undefined): NodeRoleProgress | undefined {
  const { byNode, byRole, nodes } = arranged(view);
  if (cursor?.includes("/") === true) return view.state.nodeRoles.get(cursor as NodeRoleId);
  if (cursor?.startsWith("role:") === true) return mostUrgent(standingOf(view, byRole.get(cursor.slice(5))));
  const of = byNode.get(cursor ?? "") ?? (isFolded(view, local) ? undefined : byNode.get(nodes[0] ?? ""));
  const id = local.role === undefined ? undefined : of?.get(local.role);
  return (id === undefined ? undefined : view.state.nodeRoles.get(id)) ?? mostUrgent(standingOf(view, of?.values()));
}

/** The order in which counts are told. */
const told: readonly Outcome[] = ["error", "unknown", "transition", "blocked", "changed", "fine", "same", "retired", "todo", "waiting"];

/** Counts with their signs and words: what the signs of the table mean. */
export function countSegs(counts: ReadonlyMap<Outcome, number>, glyphs: Glyphs): readonly Seg[] {
  return told.flatMap((each): readonly Seg[] => {
    const n = counts.get(each);
    const { glyph, word, tone } = outcomeSign(each, glyphs);
    return n === undefined ? [] : [[`${glyph} ${n} ${word}`, tone]];
  });
}

function outcomeSign(each: Outcome, glyphs: Glyphs): Sign {
  switch (each) {
    case "same":
      return { glyph: glyphs.same, word: "unchanged", tone: "dim" };
    case "changed":
      return { glyph: glyphs.changed, word: "changed", tone: "change" };
    case "fine":
      return { ...nodeRoleSign("active", glyphs), word: "as it should be" };
    default:
      return nodeRoleSign(each, glyphs);
  }
}

/** How a node-role of a run is shown. */
export function progressSign(each: NodeRoleProgress, glyphs: Glyphs): Sign {
  return outcomeSign(outcomeOf(each), glyphs);
}
