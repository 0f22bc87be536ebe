import { known } from "../../data/world.ts";
import type { AnyTopic } from "../../data/topic.ts";
import type { RunView } from "../../data/run-view.ts";
import { isWrong } from "../../data/run-tally.ts";
import { type LogPlace, logTopic, notesTopic, seeLog } from "../../data/run-topics.ts";
import type { NodeRoleProgress } from "../../../core/run/state.ts";
import type { Line } from "../../text/line.ts";
import { type BodyView, type Intent, type Sight } from "../screen.ts";
import { type Around, runHead } from "./head.ts";
import { foldedOf, matrixOf } from "./matrix.ts";
import { panelOf } from "./panel.ts";
import { type RunLocal, arranged, isFolded, selected, standingOf, wrongOf } from "./select.ts";

/** What a page about a run is drawn from. */
export interface RunSight {
  readonly view: RunView;
  readonly local: RunLocal;
  /** The run's own time: that of the world, or of its replay. */
  readonly now: number;
  /** `undefined` in a replay: nothing can be done about it. */
  readonly around: Around | undefined;
  /** Rows above everything else. */
  readonly above: readonly Line[];
}

/** A run as a page: where it stands, its table, and everything about the chosen node-role. */
export function runBody({ world, list, look, width, height }: Sight, { view, local, now, around, above }: RunSight): BodyView {
  const each = selected(view, local, list.cursor);
  const rowsWidth = width >= 110 ? width - Math.floor(width * 0.48) - 5 : width - 3;
  const table = isFolded(view, local) ? foldedOf(view, local, now, look) : matrixOf(view, local, list.cursor, look, rowsWidth);
  const head = [...above, ...runHead(view, around, now, { width, height: height - above.length, look }), table.head];
  const wrong = list.cursor === undefined ? firstWrong(view) : undefined;
  const first = wrong === undefined ? {} : { first: isFolded(view, local) ? wrong.id : wrong.node };
  if (each === undefined) return { kind: "body", head, rows: table.rows, ...first };
  const place = logPlace(view, each);
  const isOver = each.state !== "transition";
  const log =
    place === undefined || (around === undefined && !isOver) ? undefined : seeLog(world, place, "panel", around !== undefined && !isOver);
  const side = panelOf({ view, each, local, now, notes: known(world, notesTopic) ?? [], log, look });
  return { kind: "body", head, rows: table.rows, side, ...first };
}

/** What went wrong first in the order of the table: where somebody who comes to look has to look. */
function firstWrong(view: RunView): NodeRoleProgress["planned"] | undefined {
  if (view.tally.wrong === 0) return undefined;
  const { roles, nodes } = arranged(view);
  const wrong = new Map(roles.flatMap((role) => wrongOf(view, role)).map(({ planned }) => [planned.node, planned]));
  const node = nodes.find((each) => wrong.has(each));
  return wrong.get(node ?? "");
}

/** Data that such a page needs beside the run itself. */
export function bodyTopics(view: RunView | undefined, local: RunLocal, cursor: string | undefined, live: boolean): readonly AnyTopic[] {
  const each = view === undefined ? undefined : selected(view, local, cursor);
  const place = view === undefined || each === undefined ? undefined : logPlace(view, each);
  return [notesTopic, ...(place === undefined ? [] : [logTopic(place, "panel", live && each?.state === "transition")])];
}

/** Where a node-role's output is; `undefined` before it was started. */
function logPlace({ state }: RunView, { planned, attempt }: NodeRoleProgress): LogPlace | undefined {
  return attempt === 0 ? undefined : { run: state.run, node: planned.node, role: planned.role, attempt };
}

/** The column beside the chosen one, among those that the row has something in. */
export function turnRole(view: RunView, local: RunLocal, cursor: string | undefined, by: 1 | -1): RunLocal {
  const each = selected(view, local, cursor);
  const { roles, byNode } = arranged(view);
  const there = roles.filter((role) => byNode.get(each?.planned.node ?? "")?.has(role) === true);
  const at = there.indexOf(each?.planned.role ?? "");
  return { ...local, role: there[(at + by + there.length) % Math.max(1, there.length)] };
}

/** Goes to the next thing that went wrong, in the order of the table; after the last comes the first. */
export function toFailure<Local>(
  view: RunView,
  local: RunLocal,
  cursor: string | undefined,
  by: 1 | -1,
  put: (local: RunLocal) => Local,
): readonly Intent<Local>[] {
  const { nodes, byNode, byRole } = arranged(view);
  const folded = isFolded(view, local);
  const groups = folded ? [...byRole.values()] : nodes.map((node) => [...(byNode.get(node)?.values() ?? [])]);
  const wrong = groups.flatMap((ids) => standingOf(view, ids)).filter(({ state }) => isWrong(state));
  const here = cursor?.startsWith("role:") === true ? -1 : wrong.findIndex((each) => each === selected(view, local, cursor));
  const next = wrong[here === -1 ? (by === 1 ? 0 : wrong.length - 1) : (here + by + wrong.length) % wrong.length];
  if (next === undefined) return [{ want: "notice", tone: "ok", text: "Nothing has failed." }];
  const { id, node, role } = next.planned;
  const open = folded ? new Set([...local.open, role]) : local.open;
  return [
    { want: "local", value: put({ ...local, role, open }) },
    { want: "cursor", id: folded ? id : node },
    { want: "notice", tone: "bad", text: `${(wrong.indexOf(next) + 1).toString()} of ${wrong.length} that went wrong` },
  ];
}

/** The page of a node-role's log. */
export function logParam({ state }: RunView, { planned, attempt }: NodeRoleProgress): string {
  return `${state.run} ${planned.id}${attempt > 1 ? ` ${attempt}` : ""}`;
}
