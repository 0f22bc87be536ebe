import type { NodeRoleProgress } from "../../core/run/state.ts";
import { hasEnded } from "../../core/run/state.ts";
import { count } from "../../core/words/count.ts";
import { engineWords } from "../../core/words/events.ts";
import { phaseWords } from "../../core/words/states.ts";
import { durationWords } from "../../core/words/time.ts";
import { safeText } from "../../core/words/safe-text.ts";
import type { Paint, Screen } from "../screen.ts";
import { cutToWidth, padToWidth, textWidth } from "../../core/words/text-width.ts";
import { dialogueLines } from "./dialogue.ts";
import type { LiveRun } from "./model.ts";

/** Size of a terminal. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Node-roles that run at once and are shown one by one; more are told by role. */
const mostRows = 40;

/** Draws a run: a bar with what is done, then what runs now. Never wider than `columns - 1` nor higher than `rows - 1`. Pure. */
export function frame(run: LiveRun, now: number, size: Size, screen: Screen, asking: boolean): readonly string[] {
  const width = Math.max(10, size.columns - 1);
  const footer = asking ? dialogueLines(run.state.run, safeText(run.engine)) : [hintOf(run)];
  const head = headLines(run, now, width, screen);
  const room = Math.max(0, size.rows - 1 - head.length - footer.length);
  const lines = [
    ...head,
    ...activeLines(run, now, { width, room }, screen),
    ...footer.map((line, index) => (asking && index === 0 ? screen.bold(cut(line, width, screen)) : screen.dim(cut(line, width, screen)))),
  ];
  return lines.slice(0, Math.max(1, size.rows - 1));
}

function headLines(run: LiveRun, now: number, width: number, screen: Screen): readonly string[] {
  const { state } = run;
  const { steps, nodeRoles } = run.progress();
  const phase = phaseWords(state);
  const paint: Paint = state.cancel !== undefined || state.paused || state.held !== undefined ? screen.yellow : screen.cyan;
  const title = `${state.run} of plan ${state.plan}: `;
  const engine = run.engine === "" ? "" : `, engine on ${safeText(engineWords(run.engine))}`;
  const head =
    textWidth(title + phase + engine) <= width
      ? `${screen.bold(title)}${paint(phase)}${screen.dim(engine)}`
      : cut(title + phase, width, screen);
  const lost = nodeRoles.lost > 0 ? `, ${nodeRoles.lost} failed or not started` : "";
  const times = `${durationWords(now - (state.startedAt ?? state.requestedAt))}, ${leftWords(run, now)}`;
  const counts = `${steps.done} of ${count(steps.total, "step")}, ${nodeRoles.done} of ${count(nodeRoles.total, "node-role")}${lost}`;
  const barWidth = Math.max(10, Math.min(40, width - textWidth(times) - 4));
  return [
    head,
    `${bar(steps, barWidth, screen)}  ${cut(times, Math.max(0, width - barWidth - 4), screen)}`,
    cut(counts, width, screen),
    ...heldLines(state, width, screen),
  ];
}

/** Why the run does not go on, a line for each reason. */
function heldLines({ held }: LiveRun["state"], width: number, screen: Screen): readonly string[] {
  const lines = (held?.problems ?? []).map(({ code, message }) => `held by ${code}: ${safeText(message).replaceAll(/\s+/gu, " ")}`);
  const most = 4;
  const shown = lines.length > most ? [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more reasons: halligan status`] : lines;
  return shown.map((line) => screen.yellow(cut(line, width, screen)));
}

function leftWords(run: LiveRun, now: number): string {
  if (hasEnded(run.state.phase)) return "ended";
  if (run.state.paused) return "paused";
  if (run.state.held !== undefined) return "held";
  const left = run.leftMs(now);
  return left === undefined
    ? "estimating"
    : `about ${durationWords(Math.max(1000, Math.ceil(left / 1000) * 1000)).replace(".0s", "s")} left`;
}

function bar(
  { total, done, lost }: { readonly total: number; readonly done: number; readonly lost: number },
  width: number,
  screen: Screen,
): string {
  const share = (n: number): number => (total === 0 ? width : Math.floor((n / total) * width));
  const good = share(done);
  const bad = Math.min(width - good, lost > 0 ? Math.max(1, share(lost)) : 0);
  const [full, gone, empty] = screen.unicode ? ["█", "▒", "░"] : ["#", "x", "."];
  return `[${screen.green(full.repeat(good))}${screen.red(gone.repeat(bad))}${screen.dim(empty.repeat(Math.max(0, width - good - bad)))}]`;
}

function activeLines(
  run: LiveRun,
  now: number,
  { width, room }: { readonly width: number; readonly room: number },
  screen: Screen,
): readonly string[] {
  const active = [...run.state.nodeRoles.values()].filter((each) => each.state === "transition");
  const lost = [...run.lost.keys()];
  const trouble =
    lost.length === 0
      ? []
      : [screen.yellow(cut(`no contact: ${lost.join(", ")} (their steps go on; trying to reach them)`, width, screen))];
  const left = room - trouble.length;
  if (left <= 0) return trouble.slice(0, Math.max(0, room));
  const rows = active.length > Math.min(mostRows, left) ? byRole(run, active, now) : active.map((each) => oneRow(run, each, now));
  const shown =
    rows.length > left
      ? [...rows.slice(0, left - 1), { name: `${screen.unicode ? "…" : "..."} ${rows.length - left + 1} more`, what: "", time: "" }]
      : rows;
  const [names, times] = [widest(shown, (row) => row.name, Math.floor(width / 2)), widest(shown, (row) => row.time, 10)];
  const middle = Math.max(0, width - names - times - 6);
  return [
    ...trouble,
    ...shown.map(({ name, what, time }) =>
      `  ${screen.cyan(padToWidth(cut(name, names, screen), names))}  ${padToWidth(cut(what, middle, screen), middle)}  ${" ".repeat(Math.max(0, times - textWidth(time)))}${screen.dim(time)}`.trimEnd(),
    ),
  ];
}

interface Row {
  readonly name: string;
  readonly what: string;
  readonly time: string;
}

function oneRow(run: LiveRun, { planned, step, attempt }: NodeRoleProgress, now: number): Row {
  const label = step === undefined ? "starting" : (planned.steps.find((each) => each.id === step)?.label ?? step);
  return {
    name: planned.id,
    what: safeText(label).replaceAll(/[\n\t]/gu, " ") + (attempt > 1 ? ` (attempt ${attempt})` : ""),
    time: elapsed(run, planned.id, now),
  };
}

/** One row per role where too much runs at once for a row each. */
function byRole(run: LiveRun, active: readonly NodeRoleProgress[], now: number): readonly Row[] {
  const roles = new Map<string, NodeRoleProgress[]>();
  for (const each of active) roles.set(each.planned.role, [...(roles.get(each.planned.role) ?? []), each]);
  return [...roles].map(([role, all]) => {
    const [slowest] = all.toSorted((a, b) => startOf(run, a) - startOf(run, b));
    const what = `running on ${count(all.length, "node")}${slowest === undefined ? "" : `, longest on ${slowest.planned.node}`}`;
    return { name: role, what, time: slowest === undefined ? "" : elapsed(run, slowest.planned.id, now) };
  });
}

function startOf(run: LiveRun, { planned, since }: NodeRoleProgress): number {
  return run.pace.get(planned.id)?.startedAt ?? since;
}

function elapsed(run: LiveRun, id: `${string}/${string}`, now: number): string {
  const started = run.pace.get(id)?.startedAt;
  return started === undefined ? "" : durationWords(Math.floor((now - started) / 1000) * 1000).replace(".0s", "s");
}

function widest(rows: readonly Row[], of: (row: Row) => string, most: number): number {
  return Math.min(
    most,
    rows.reduce((width, row) => Math.max(width, textWidth(of(row))), 0),
  );
}

function hintOf({ state }: LiveRun): string {
  return hasEnded(state.phase) ? "" : "Ctrl+C: detach or cancel";
}

function cut(text: string, width: number, screen: Screen): string {
  return cutToWidth(text, width, screen.unicode ? "…" : "...");
}
