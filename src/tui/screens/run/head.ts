import type { RunEntry } from "../../../core/run/requests.ts";
import { estimateLeftMs } from "../../../core/run/estimate.ts";
import { hasEnded } from "../../../core/run/state.ts";
import { count, listed } from "../../../core/words/count.ts";
import { cancelWords, engineWords } from "../../../core/words/events.ts";
import { phaseWords } from "../../../core/words/states.ts";
import { durationWords, utcWords } from "../../../core/words/time.ts";
import type { RunView } from "../../data/run-view.ts";
import { problemLines } from "../../data/problem-lines.ts";
import type { Look } from "../../text/look.ts";
import { type Line, type Seg, type Tone, line, lineWidth } from "../../text/line.ts";
import { indent } from "../told.ts";
import { countSegs } from "./select.ts";

/** What is known about a run beside its journal. */
export interface Around {
  /** Runs that are open too. */
  readonly others: readonly RunEntry[];
  /** Nobody carries it out. */
  readonly gone: boolean;
  /** The machine on which an engine would be started. */
  readonly host: string;
}

/** Where a run stands: phase and bar, counts with their signs, and what keeps it from going on. */
export function runHead(view: RunView, around: Around | undefined, now: number, room: HeadRoom): readonly Line[] {
  const alerts = around === undefined ? [] : alertsOf(view, around, now, room.look);
  const ended = problemLines(view.ended, Math.max(20, room.width - 6)).map((row) => indent(row, 3));
  const mostEnded = Math.max(1, Math.floor(room.height / 4));
  const most = room.height < 12 ? 1 : room.height < 24 ? 3 : 6;
  const more = alerts.length - most;
  const shown = more > 0 ? [...alerts.slice(0, most - 1), line(["   ", "plain"], [`and ${more + 1} more: :status`, "warn"])] : alerts;
  return [...(room.height < 12 ? [] : [titleLine(view, room)]), barLine(view, now, room), ...ended.slice(0, mostEnded), ...shown];
}

/** Room for the head, and how it looks. */
export interface HeadRoom {
  readonly width: number;
  readonly height: number;
  readonly look: Look;
}

function titleLine({ state, engine }: RunView, { width }: HeadRoom): Line {
  const { run, plan, by, owner, breakglass } = state;
  const parts: Seg[] = [
    [`   ${run} `, "strong"],
    [phaseWords(state), phaseTone(state)],
    [`  plan ${plan}, by ${owner ?? by}`, "plain"],
  ];
  if (breakglass !== undefined) parts.push([`  BREAK-GLASS: ${breakglass.reason}`, "warn"]);
  if (engine !== "") parts.push([`  engine on ${engineWords(engine)}`, "dim"]);
  while (parts.length > 3 && lineWidth(line(...parts)) > width) parts.pop();
  return line(...parts);
}

function phaseTone({ phase, paused, held, cancel }: RunView["state"]): Tone {
  if (phase === "succeeded") return "ok";
  if (phase === "failed") return "bad";
  if (phase === "cancelled" || paused || held !== undefined || cancel !== undefined) return "warn";
  return "busy";
}

function barLine(view: RunView, now: number, { width, height, look }: HeadRoom): Line {
  const { state } = view;
  const { steps } = view.tally;
  const small: readonly Seg[] =
    height < 12
      ? [
          [`${state.run} `, "strong"],
          [`${phaseWords(state)} `, phaseTone(state)],
        ]
      : [];
  const words = `  ${steps.done}/${steps.total} steps  ${timeWords(view, now)}`;
  const counts = countSegs(view.tally.all, look.glyphs);
  const barWidth = Math.min(40, Math.max(8, width - 4 - words.length - small.reduce((sum, [text]) => sum + text.length, 0)));
  const good = steps.total === 0 ? barWidth : Math.floor((steps.done / steps.total) * barWidth);
  const bad = Math.min(
    barWidth - good,
    steps.lost > 0 && steps.total > 0 ? Math.max(1, Math.floor((steps.lost / steps.total) * barWidth)) : 0,
  );
  const parts: Seg[] = [
    ["   ", "plain"],
    ...small,
    [look.glyphs.full.repeat(good), "ok"],
    [look.glyphs.lost.repeat(bad), "bad"],
    [look.glyphs.open.repeat(barWidth - good - bad), "dim"],
    [words, "plain"],
  ];
  for (const [text, tone] of counts) {
    if (lineWidth(line(...parts)) + text.length + 3 > width) break;
    parts.push([`   ${text}`, tone]);
  }
  return line(...parts);
}

function timeWords(view: RunView, now: number): string {
  const { state } = view;
  const { startedAt, endedAt } = state;
  if (startedAt === undefined && hasEnded(state.phase)) return "never started";
  if (startedAt === undefined) return `asked for ${seconds(now - state.requestedAt)} ago`;
  if (hasEnded(state.phase)) return `took ${durationWords((endedAt ?? now) - startedAt)}`;
  const left = state.paused || state.held !== undefined ? undefined : leftMs(view, now);
  return `${seconds(now - startedAt)}${left === undefined ? "" : `, about ${seconds(Math.max(1000, left))} left`}`;
}

/** Whole seconds: what counts up must not flicker. */
export function seconds(ms: number): string {
  return durationWords(Math.max(0, Math.floor(ms / 1000) * 1000)).replace(/\.0s$/u, "s");
}

let judged: { readonly run: string; readonly at: number; readonly leftMs: number | undefined } | undefined;
const judgeMs = 5_000;

/** Judged anew every few seconds, counted down in between: a run may hold 20,000 node-roles. */
function leftMs({ state, pace }: RunView, now: number): number | undefined {
  const age = judged?.run === state.run ? now - judged.at : -1;
  if (judged === undefined || age < 0 || age >= judgeMs || judged.leftMs === undefined)
    judged = { run: state.run, at: now, leftMs: estimateLeftMs(state, pace, now) };
  return judged.leftMs === undefined ? undefined : judged.leftMs - (now - judged.at);
}

function alertsOf(view: RunView, { others, gone, host }: Around, now: number, look: Look): readonly Line[] {
  const { state } = view;
  const say = (text: string, tone: Tone = "warn", glyph = look.glyphs.mark): Line => line(["   ", "plain"], [`${glyph} ${text}`, tone]);
  if (hasEnded(state.phase)) {
    const open = others.filter(({ phase }) => phase === "requested");
    return open.length === 0
      ? []
      : [say(`${listed(open.map(({ run }) => run))} ${open.length === 1 ? "is" : "are"} open; ] goes there.`, "busy")];
  }
  const before = others.filter(({ at }) => at < state.requestedAt);
  const behind = others.filter(({ at }) => at >= state.requestedAt);
  return [
    ...(gone ? [say(`No engine carries it out. E starts one on ${host}.`, "bad", look.glyphs.bad)] : []),
    ...(state.cancel === undefined ? [] : [say(`being cancelled: ${cancelWords(state.cancel)}`)]),
    ...(state.paused ? [say("paused: what runs comes to its end, nothing new is started; P lets it go on")] : []),
    ...heldWords(state, now).map((text) => say(text)),
    ...(view.lost.size === 0 ? [] : [say(`no contact: ${listed([...view.lost.keys()])}; their steps go on there, trying to reach them`)]),
    ...(state.notBefore !== undefined && now < state.notBefore
      ? [say(`not before ${utcWords(state.notBefore)}, in ${seconds(state.notBefore - now)}`)]
      : []),
    ...(state.phase === "requested" && before.length > 0 ? [say(`waits behind ${runsWords(before)}`, "busy")] : []),
    ...(behind.length > 0 ? [say(`behind it ${behind.length === 1 ? "waits" : "wait"} ${runsWords(behind)}`, "dim")] : []),
  ];
}

/** Why a run is held, and until when. */
function heldWords({ held }: RunView["state"], now: number): readonly string[] {
  if (held === undefined) return [];
  const until = held.until === undefined ? "" : `, until ${utcWords(held.until)} (in ${seconds(held.until - now)})`;
  return held.problems.map(({ code, message }) => `held for ${seconds(now - held.since)} by ${code}: ${message}${until}`);
}

function runsWords(runs: readonly RunEntry[]): string {
  return `${listed(
    runs.map(({ run, by }) => `${run} (${by})`),
    3,
  )}${runs.length > 3 ? `, ${count(runs.length, "run")} in all` : ""}`;
}
