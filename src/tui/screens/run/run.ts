import type { NodeRoleProgress } from "../../../core/run/state.ts";
import { hasEnded } from "../../../core/run/state.ts";
import type { RunEntry } from "../../../core/run/requests.ts";
import { count } from "../../../core/words/count.ts";
import { cancelWords } from "../../../core/words/events.ts";
import { notesTopic } from "../../data/run-topics.ts";
import type { RunView } from "../../data/run-view.ts";
import { runTopic, runsTopic } from "../../data/topics.ts";
import { type World, engineState, known, see } from "../../data/world.ts";
import { keyRow } from "../../keys/keymap.ts";
import type { Confirmation } from "../../state/state.ts";
import { type ActionSight, type Intent, type Sight, type View, defineScreen, whenReady } from "../screen.ts";
import { runWords } from "../../state/run-line.ts";
import { bodyTopics, logParam, runBody, toFailure, turnRole } from "./body.ts";
import type { Around } from "./head.ts";
import { type RunLocal, freshLocal, isFolded, selected } from "./select.ts";

/** Runs that are open, in the order in which they were asked for. */
function openRuns(world: World): readonly RunEntry[] {
  return (known(world, runsTopic) ?? []).filter(({ phase }) => phase === "requested");
}

/** The run that a page is about: the named one, else the first that is open, else the newest. */
function runOf(world: World, param: string): string | undefined {
  return param !== "" ? param : (openRuns(world)[0] ?? known(world, runsTopic)?.at(-1))?.run;
}

/** The run, as far as it is known. */
function viewOf({ world, param }: Pick<Sight, "world" | "param">): RunView | undefined {
  const run = runOf(world, param);
  return run === undefined ? undefined : known(world, runTopic(run));
}

function aroundOf(world: World, run: string): Around {
  const engine = engineState(world);
  const entry = openRuns(world).find((each) => each.run === run);
  const gone = engine.kind === "gone" && entry !== undefined && world.now - entry.at > 5_000;
  return { others: openRuns(world).filter((each) => each.run !== run), gone, host: world.host };
}

/** A run, live: what it does on every node, and everything about the chosen node-role. */
export const runScreen = defineScreen<RunLocal>({
  id: "run",
  tab: { key: "3", label: "run" },
  about: "The run that goes on, or the last one: every node and role, the chosen one's failure, steps and output.",
  title: ({ param }) => (param === "" ? "run" : param),
  topics: (world, { param, local, list }) => {
    const run = runOf(world, param);
    if (run === undefined) return [runsTopic, notesTopic];
    return [runsTopic, runTopic(run), ...bodyTopics(known(world, runTopic(run)), local as RunLocal, list.cursor, true)];
  },
  start: () => freshLocal,
  view: (sight) =>
    whenReady(see(sight.world, runsTopic), "the runs", (): View => {
      const run = runOf(sight.world, sight.param);
      if (run === undefined)
        return {
          kind: "empty",
          says: "Nothing has run in this cluster yet. A plan shows what a run would do; A applies it.",
          command: "plan",
        };
      return whenReady(see(sight.world, runTopic(run)), run, (view): View => {
        const { world, local } = sight;
        return runBody(sight, { view, local, now: world.now, around: aroundOf(world, run), above: [] });
      });
    }),
  keys: [
    keyRow("run", "open", ["enter"], "output", { hint: 9 }),
    keyRow("run", "failure", ["n"], "next failure", { hint: 8 }),
    keyRow("run", "failure-back", ["N"], "failure before"),
    keyRow("run", "role", ["l", "right"], "next role", { hint: 5 }),
    keyRow("run", "role-back", [","], "role before"),
    keyRow("run", "pause", ["P"], "pause, go on", { hint: 6, level: "asks" }),
    keyRow("run", "cancel", ["X"], "cancel", { hint: 6, level: "asks" }),
    keyRow("run", "cancel-now", ["T"], "cancel, end steps now", { level: "asks" }),
    keyRow("run", "abandon", ["B"], "abandon", { level: "types" }),
    keyRow("run", "engine", ["E"], "start an engine", { level: "asks" }),
    keyRow("run", "retry", ["R"], "retry", { hint: 7 }),
    keyRow("run", "plan", ["p"], "plan what is left", { hint: 4 }),
    keyRow("run", "note", ["m"], "note", { hint: 3 }),
    keyRow("run", "node", ["i"], "the node", { hint: 3 }),
    keyRow("run", "fold", ["v"], "by role, by node", { hint: 2 }),
    keyRow("run", "follow", ["f"], "follow the output"),
    keyRow("run", "wrap", ["w"], "wrap the output"),
    keyRow("run", "pager", ["o"], "pager", { hint: 2 }),
    keyRow("run", "replay", ["r"], "replay", { hint: 2 }),
    keyRow("run", "run-next", ["]"], "next run"),
    keyRow("run", "run-back", ["["], "run before"),
  ],
  actions: {
    open: (sight) => opened(sight, viewOf(sight)),
    failure: (sight) => failure(sight, 1),
    "failure-back": (sight) => failure(sight, -1),
    role: (sight) => turned(sight, 1),
    "role-back": (sight) => turned(sight, -1),
    pause: ({ world, param }) => {
      const view = viewOf({ world, param });
      if (view === undefined || hasEnded(view.state.phase)) return isOver;
      const { run, paused } = view.state;
      return paused
        ? question("go on", run, "resume", [], [`${run} goes on: what waits is started again.`])
        : question("pause", run, "pause", [], [`What runs in ${run} comes to its end, nothing new is started until it is resumed.`]);
    },
    cancel: (sight) => cancelled(sight, "after-step"),
    "cancel-now": (sight) => cancelled(sight, "now"),
    abandon: (sight) => cancelled(sight, "abandon"),
    engine: ({ world, param }) => {
      const view = viewOf({ world, param });
      if (view === undefined || hasEnded(view.state.phase)) return isOver;
      if (engineState(world).kind === "here") return [{ want: "notice", tone: "plain", text: "An engine carries it out already." }];
      const { run, paused } = view.state;
      return question(
        "start an engine",
        run,
        "resume",
        [],
        [
          `An engine is started on ${world.host} and takes ${run} over: it re-attaches to what runs on the nodes and goes on with the rest.`,
          ...(paused ? [`${run} is paused; this lets it go on too.`] : []),
          "It goes on when this screen is left, as long as that machine is up.",
        ],
      );
    },
    plan: ({ world, param }) => {
      const view = viewOf({ world, param });
      const argv = ["plan", ...(view?.plan.body.deployments ?? [])];
      return [
        { want: "notice", tone: "plain", text: "What a run finished stays; the plan shows what is left, A applies it." },
        { want: "effect", effect: { do: "run", argv, show: "quiet", opens: { screen: "plan", param: "" } } },
      ];
    },
    retry: (sight) => {
      const view = viewOf(sight);
      return view === undefined ? [] : toRetry(view.state.run, view.state.phase, sight.world);
    },
    note: (sight) => {
      const each = chosen(sight, viewOf(sight));
      return each === undefined ? [] : [{ want: "form", command: "note", rest: [each.planned.id] }];
    },
    node: (sight) => {
      const each = chosen(sight, viewOf(sight));
      return each === undefined ? [] : [{ want: "open", screen: "node", param: each.planned.node }];
    },
    fold: (sight) => {
      const view = viewOf(sight);
      return view === undefined ? [] : [{ want: "local", value: refolded(view, sight.local) }];
    },
    follow: ({ local }) => [{ want: "local", value: { ...local, follow: !local.follow } }],
    wrap: ({ local }) => [{ want: "local", value: { ...local, wrap: !local.wrap } }],
    pager: (sight) => paged(sight, viewOf(sight)),
    replay: ({ world, param }) => {
      const run = runOf(world, param);
      return run === undefined ? [] : [{ want: "open", screen: "replay", param: run }];
    },
    "run-next": (sight) => nextRun(sight, 1),
    "run-back": (sight) => nextRun(sight, -1),
  },
});

/** A plan of what a run left undone; `A` on its page carries it out. */
export function toRetry(run: string, phase: RunView["state"]["phase"], world: World): readonly Intent<never>[] {
  if (phase === "failed" || phase === "cancelled") return runWords(["retry", run], world);
  const text =
    phase === "succeeded" ? `${run} left nothing undone.` : `${run} has not ended; what it leaves undone can be retried when it has.`;
  return [{ want: "notice", tone: "plain", text }];
}

/** Matrix or roles, whichever it is not now. */
export function refolded(view: RunView, local: RunLocal): RunLocal {
  return { ...local, shape: isFolded(view, local) ? "matrix" : "roles" };
}

/** The node-role of the row that an action is about. */
export function chosen(
  sight: ActionSight<unknown>,
  view: RunView | undefined,
  local: RunLocal = sight.local as RunLocal,
): NodeRoleProgress | undefined {
  return view === undefined ? undefined : selected(view, local, sight.row?.id ?? sight.list.cursor);
}

/** Unfolds a role, or opens the output of the chosen node-role. */
function opened(sight: ActionSight<RunLocal>, view: RunView | undefined): readonly Intent<RunLocal>[] {
  const { row, local } = sight;
  if (view === undefined || row === undefined) return [];
  if (row.id.startsWith("role:")) return [{ want: "local", value: unfolded(local, row.id.slice(5)) }];
  const each = chosen(sight, view);
  return each === undefined ? [] : [{ want: "open", screen: "log", param: logParam(view, each) }];
}

/** The role folded or unfolded, whichever it is not now. */
export function unfolded(local: RunLocal, role: string): RunLocal {
  const open = new Set(local.open);
  if (!open.delete(role)) open.add(role);
  return { ...local, open };
}

/** The whole output in the pager. */
export function paged<Local>(sight: ActionSight<Local>, view: RunView | undefined, local?: RunLocal): readonly Intent<Local>[] {
  const each = chosen(sight, view, local);
  if (view === undefined || each === undefined) return [];
  return [{ want: "effect", effect: { do: "foreground", what: { kind: "paged", argv: ["logs", view.state.run, each.planned.id] } } }];
}

function failure(sight: ActionSight<RunLocal>, by: 1 | -1): readonly Intent<RunLocal>[] {
  const view = viewOf(sight);
  return view === undefined ? [] : toFailure(view, sight.local, sight.row?.id, by, (local) => local);
}

function turned(sight: ActionSight<RunLocal>, by: 1 | -1): readonly Intent<RunLocal>[] {
  const view = viewOf(sight);
  if (view === undefined) return [];
  if (sight.row?.id.startsWith("role:") === true) return [{ want: "local", value: unfolded(sight.local, sight.row.id.slice(5)) }];
  return [{ want: "local", value: turnRole(view, sight.local, sight.row?.id, by) }];
}

const isOver: readonly Intent<RunLocal>[] = [{ want: "notice", tone: "plain", text: "This run has ended; p plans what is left." }];

function question(
  title: string,
  run: string,
  command: string,
  options: readonly string[],
  says: readonly string[],
  level: Confirmation["level"] = "asks",
): readonly Intent<RunLocal>[] {
  const argv = [command, run, ...options];
  return [
    {
      want: "ask",
      confirmation: {
        level,
        title: `${title}: ${run}`,
        says,
        command: `halligan ${argv.join(" ")}`,
        effects: [{ do: "run", argv: [...argv, "--yes"], show: "quiet" }],
      },
    },
  ];
}

function cancelled(sight: ActionSight<RunLocal>, how: "after-step" | "now" | "abandon"): readonly Intent<RunLocal>[] {
  const view = viewOf(sight);
  if (view === undefined || hasEnded(view.state.phase)) return isOver;
  const running = [...view.state.nodeRoles.values()].filter(({ state }) => state === "transition").length;
  const option = { "after-step": [], now: ["--now"], abandon: ["--abandon"] }[how];
  const words = cancelWords(how);
  const says = [
    `${words.charAt(0).toUpperCase()}${words.slice(1)}.`,
    running === 0 ? "Nothing runs on a node at present." : `${count(running, "node-role")} ${running === 1 ? "runs" : "run"} at present.`,
    "A run that was cancelled cannot go on; a new plan shows what is left.",
  ];
  return question(how === "abandon" ? "abandon" : "cancel", view.state.run, "cancel", option, says, how === "abandon" ? "types" : "asks");
}

function nextRun({ world, param }: ActionSight<RunLocal>, by: 1 | -1): readonly Intent<RunLocal>[] {
  const all = known(world, runsTopic) ?? [];
  const at = all.findIndex(({ run }) => run === runOf(world, param));
  const next = all[at + by];
  if (next === undefined) return [{ want: "notice", tone: "plain", text: by === 1 ? "This is the newest run." : "This is the first run." }];
  return [{ want: "back" }, { want: "open", screen: "run", param: next.run }];
}
