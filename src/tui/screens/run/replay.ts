import { eventWords } from "../../../core/words/events.ts";
import { remember } from "../../data/remember.ts";
import { journalTopic } from "../../data/run-topics.ts";
import { isWrong } from "../../data/run-tally.ts";
import { type RunJournal, type RunView, firstView, nextView } from "../../data/run-view.ts";
import { known, see } from "../../data/world.ts";
import { keyRow } from "../../keys/keymap.ts";
import { type Line, line } from "../../text/line.ts";
import type { Look } from "../../text/look.ts";
import { type ActionSight, type Intent, type Sight, type View, defineScreen, whenReady } from "../screen.ts";
import { bodyTopics, logParam, runBody, toFailure, turnRole } from "./body.ts";
import { seconds } from "./head.ts";
import { chosen, paged, refolded, unfolded } from "./run.ts";
import { type RunLocal, freshLocal, isFolded } from "./select.ts";

/** A clock of its own: it stood at `at` (ms since the run was asked for) when the world's stood at `since`. */
interface ReplayClock {
  readonly at: number;
  readonly since: number;
  /** `undefined` = so that the whole run takes half a minute at most. */
  readonly speed: number | undefined;
  readonly playing: boolean;
}

interface ReplayLocal {
  readonly run: RunLocal;
  readonly clock: ReplayClock;
}

const speeds = [0.5, 1, 2, 5, 10, 30, 100, 300, 1_000] as const;
const wholeMs = 30_000;

/** A run that is over, or as much of it as there is, played again: the same page, made from its journal alone. */
export const replayScreen = defineScreen<ReplayLocal>({
  id: "replay",
  about: "A run played again from its journal, at any speed: space plays and stops, ] and [ go event by event.",
  title: ({ param }) => `${param} again`,
  topics: (world, { param, local, list }) => {
    const { run, clock } = local as ReplayLocal;
    const journal = known(world, journalTopic(param));
    const view = journal === undefined ? undefined : viewAt(journal, positionOf(journal, clock, world.now));
    return [journalTopic(param), ...bodyTopics(view, run, list.cursor, false)];
  },
  start: (_, now) => ({ run: freshLocal, clock: { at: 0, since: now, speed: undefined, playing: true } }),
  moves: (world, { param, local }) => {
    const { clock } = local as ReplayLocal;
    const journal = known(world, journalTopic(param));
    return clock.playing && journal !== undefined && positionOf(journal, clock, world.now) < lengthOf(journal);
  },
  view: (sight) =>
    whenReady(see(sight.world, journalTopic(sight.param)), sight.param, (journal): View => {
      const { world, local, look } = sight;
      const position = positionOf(journal, local.clock, world.now);
      const view = viewAt(journal, position);
      return runBody(sight as Sight, {
        view,
        local: local.run,
        now: startOf(journal) + position,
        around: undefined,
        above: clockLines(journal, local.clock, position, sight.width, look),
      });
    }),
  keys: [
    keyRow("replay", "play", ["space"], "play, stop", { hint: 9 }),
    keyRow("replay", "faster", ["+", "="], "faster", { hint: 7 }),
    keyRow("replay", "slower", ["-"], "slower", { hint: 6 }),
    keyRow("replay", "event", ["]"], "next event", { hint: 6 }),
    keyRow("replay", "event-back", ["["], "event before", { hint: 5 }),
    keyRow("replay", "tenth", ["}"], "a tenth on", { hint: 4 }),
    keyRow("replay", "tenth-back", ["{"], "a tenth back", { hint: 4 }),
    keyRow("replay", "start", ["0"], "to the start", { hint: 3 }),
    keyRow("replay", "end", ["$"], "to the end", { hint: 3 }),
    keyRow("replay", "failure-time", ["n"], "when the next failed", { hint: 5 }),
    keyRow("replay", "failure", ["N"], "next that has failed"),
    keyRow("replay", "open", ["enter"], "output"),
    keyRow("replay", "role", ["l", "right"], "next role"),
    keyRow("replay", "role-back", [","], "role before"),
    keyRow("replay", "fold", ["v"], "by role, by node"),
    keyRow("replay", "wrap", ["w"], "wrap the output"),
    keyRow("replay", "pager", ["o"], "pager"),
    keyRow("replay", "note", ["m"], "note"),
  ],
  actions: {
    play: (sight) =>
      withJournal(sight, (journal, position) => {
        const over = position >= lengthOf(journal);
        return moved(sight, over ? 0 : position, { playing: over || !sight.local.clock.playing });
      }),
    faster: (sight) => paced(sight, 1),
    slower: (sight) => paced(sight, -1),
    event: (sight) => stepped(sight, 1),
    "event-back": (sight) => stepped(sight, -1),
    tenth: (sight) => withJournal(sight, (journal, position) => moved(sight, position + lengthOf(journal) / 10, {})),
    "tenth-back": (sight) => withJournal(sight, (journal, position) => moved(sight, position - lengthOf(journal) / 10, {})),
    start: (sight) => withJournal(sight, () => moved(sight, 0, {})),
    end: (sight) => withJournal(sight, (journal) => moved(sight, lengthOf(journal), { playing: false })),
    "failure-time": (sight) => toFailureInTime(sight),
    failure: (sight) =>
      withJournal(sight, (journal, position) =>
        toFailure(viewAt(journal, position), sight.local.run, sight.row?.id, 1, (run): ReplayLocal => ({ ...sight.local, run })),
      ),
    open: (sight) =>
      withJournal(sight, (journal, position) => {
        if (sight.row?.id.startsWith("role:") === true) return kept(sight, unfolded(sight.local.run, sight.row.id.slice(5)));
        const view = viewAt(journal, position);
        const each = chosen(sight, view, sight.local.run);
        return each === undefined ? [] : [{ want: "open", screen: "log", param: logParam(view, each) }];
      }),
    role: (sight) => withJournal(sight, (journal, at) => kept(sight, turnRole(viewAt(journal, at), sight.local.run, sight.row?.id, 1))),
    "role-back": (sight) =>
      withJournal(sight, (journal, at) => kept(sight, turnRole(viewAt(journal, at), sight.local.run, sight.row?.id, -1))),
    fold: (sight) => withJournal(sight, (journal, at) => kept(sight, refolded(viewAt(journal, at), sight.local.run))),
    wrap: (sight) => kept(sight, { ...sight.local.run, wrap: !sight.local.run.wrap }),
    note: (sight) =>
      withJournal(sight, (journal, at) => {
        const each = chosen(sight, viewAt(journal, at), sight.local.run);
        return each === undefined ? [] : [{ want: "form", command: "note", rest: [each.planned.id] }];
      }),
    pager: (sight) => withJournal(sight, (journal, at) => paged(sight, viewAt(journal, at), sight.local.run)),
  },
});

type Act = readonly Intent<ReplayLocal>[];

function withJournal(sight: ActionSight<ReplayLocal>, act: (journal: RunJournal, position: number) => Act): Act {
  const journal = known(sight.world, journalTopic(sight.param));
  return journal === undefined ? [] : act(journal, positionOf(journal, sight.local.clock, sight.world.now));
}

function startOf({ events: [first] }: RunJournal): number {
  return first.at;
}

/** How long the run took, in ms from when it was asked for. */
function lengthOf(journal: RunJournal): number {
  return timesOf(journal).at(-1) ?? 0;
}

function speedOf(journal: RunJournal, { speed }: ReplayClock): number {
  return speed ?? speeds.find((each) => each >= 1 && lengthOf(journal) / each <= wholeMs) ?? 1_000;
}

/** Where the replay's clock stands, in ms from when the run was asked for; at the end it stays. */
function positionOf(journal: RunJournal, clock: ReplayClock, now: number): number {
  const passed = clock.playing ? (now - clock.since) * speedOf(journal, clock) : 0;
  return Math.min(lengthOf(journal), Math.max(0, clock.at + passed));
}

let played: { readonly journal: RunJournal; readonly index: number; readonly view: RunView } | undefined;

/** When events happened, in ms from the first; a clock that was set back in between does not take the replay back. */
const timesOf = remember(({ events: [first, ...rest] }: RunJournal): readonly number[] => {
  let latest = 0;
  return [0, ...rest.map(({ at }) => (latest = Math.max(latest, at - first.at)))];
});

/** Number of events that have happened by then. */
function countAt(journal: RunJournal, position: number): number {
  const times = timesOf(journal);
  let [low, high] = [1, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The run as it stood then: a fold of the events before. Going on takes the new events in; going back folds from the start. */
function viewAt(journal: RunJournal, position: number): RunView {
  const wanted = countAt(journal, position);
  const from = played?.journal === journal && played.index <= wanted ? played : { journal, index: 1, view: firstView(journal) };
  let { view } = from;
  for (const event of journal.events.slice(from.index, wanted)) view = nextView(view, event);
  played = { journal, index: wanted, view };
  return view;
}

/** The replay's own clock: how far, how fast, and what has just happened. */
function clockLines(journal: RunJournal, clock: ReplayClock, position: number, width: number, look: Look): readonly Line[] {
  const length = lengthOf(journal);
  const happened = countAt(journal, position);
  const event = journal.events[happened - 1];
  const over = position >= length;
  const barWidth = Math.min(30, Math.max(6, width - 52));
  const at = length === 0 ? barWidth : Math.min(barWidth, Math.floor((position / length) * barWidth));
  const sign = over
    ? "the end"
    : clock.playing
      ? `${look.glyphs.busy} ${speedOf(journal, clock)}x`
      : `stopped, ${speedOf(journal, clock)}x`;
  return [
    line(
      ["   again  ", "accent"],
      [look.glyphs.full.repeat(at), "accent"],
      [look.glyphs.open.repeat(barWidth - at), "dim"],
      [`  ${seconds(position)} of ${seconds(length)}  `, "plain"],
      [sign, over || !clock.playing ? "warn" : "busy"],
      [`  event ${happened} of ${journal.events.length}`, "dim"],
    ),
    line(["   ", "plain"], [event === undefined ? "" : eventWords(event), "dim"]),
  ];
}

function kept({ local }: ActionSight<ReplayLocal>, run: RunLocal): Act {
  return [{ want: "local", value: { ...local, run } }];
}

/** Sets the clock to a position; it goes on playing if it did. */
function moved({ local, world, param }: ActionSight<ReplayLocal>, at: number, change: Partial<ReplayClock>): Act {
  const journal = known(world, journalTopic(param));
  const end = journal === undefined ? at : lengthOf(journal);
  const clock: ReplayClock = { ...local.clock, at: Math.min(end, Math.max(0, at)), since: world.now, ...change };
  return [{ want: "local", value: { ...local, clock } }];
}

function paced(sight: ActionSight<ReplayLocal>, by: 1 | -1): Act {
  return withJournal(sight, (journal, position) => {
    const now = speedOf(journal, sight.local.clock);
    const at = speeds.findIndex((each) => each >= now);
    const speed = speeds[Math.min(speeds.length - 1, Math.max(0, at + by))] ?? 1;
    return [...moved(sight, position, { speed }), { want: "notice", tone: "plain", text: `${speed} times as fast as it was` }];
  });
}

/** Goes to the next or the previous moment at which something happened, and stops there. */
function stepped(sight: ActionSight<ReplayLocal>, by: 1 | -1): Act {
  return withJournal(sight, (journal, position) => {
    const times = timesOf(journal);
    const next = by === 1 ? times.find((each) => each > position) : times.findLast((each) => each < position);
    return moved(sight, next ?? (by === 1 ? lengthOf(journal) : 0), { playing: false });
  });
}

/** Goes to the moment of the next failure, and to what failed. */
function toFailureInTime(sight: ActionSight<ReplayLocal>): Act {
  return withJournal(sight, (journal, position) => {
    const times = timesOf(journal);
    const index = journal.events.findIndex(
      (event, each) => (times[each] ?? 0) > position && event.type === "noderole.moved" && isWrong(event.state),
    );
    const failed = journal.events[index];
    if (failed?.type !== "noderole.moved")
      return [{ want: "notice", tone: "plain", text: "Nothing fails from here on; 0 goes to the start." }];
    const [node = "", role] = failed.id.split("/");
    const at = times[index] ?? 0;
    const clock: ReplayClock = { ...sight.local.clock, at, since: sight.world.now, playing: false };
    return [
      { want: "local", value: { run: { ...sight.local.run, role, open: new Set([...sight.local.run.open, role ?? ""]) }, clock } },
      { want: "cursor", id: isFolded(viewAt(journal, at), sight.local.run) ? failed.id : node },
    ];
  });
}
