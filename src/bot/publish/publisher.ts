import { HalliganError } from "../../core/errors.ts";
import { fromStored, type Recorded } from "../../core/journal/events.ts";
import { hasEnded } from "../../core/run/state.ts";
import { listRuns } from "../../core/run/requests.ts";
import { type PlanView, planPhaseKey } from "../messages/plan-view.ts";
import type { Place } from "../send/sender.ts";
import type { Board, BoardPorts } from "./board.ts";
import { openCursor } from "./cursor.ts";
import type { KeptMessage } from "./message-book.ts";
import { type RunStory, readStory } from "./run-story.ts";
import { tellThread } from "./run-thread.ts";
import { askApprovers, tellBreakglass, tellDecided, tellEnded, tellHanded } from "./tell-people.ts";

/** Things that happen with time alone are looked at so often: requests that run out, messages that another instance posted. */
const lookEveryMs = 5_000;
/** A plan whose message is open is looked at again after this. */
const planEveryMs = 30_000;
/** A thread is told at most so often. */
const threadEveryMs = 15_000;
/** What somebody asked for in Slack is posted where they asked, by whoever took the command; if that does not happen, here, after this. */
const graceMs = 20_000;

interface Live {
  readonly story: RunStory;
  toldThreadAt: number;
}

interface Waiting {
  readonly subject: string;
  readonly since: number;
}

/** Keeps the messages of one cluster up to date until the signal aborts: follows its journal, from where the last one left off. */
export async function publishCluster(board: Board, ports: BoardPorts, signal: AbortSignal): Promise<void> {
  const term = openTerm(board, ports);
  const { store, clock } = board.cluster.house;
  const cursor = await openCursor(store, board.cluster.name);
  await term.start();
  let looked = clock.now();
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const look = async (): Promise<void> => {
    while (!both.aborted) {
      await clock.sleep(lookEveryMs, both).catch(() => undefined);
      if (both.aborted) return;
      await term.look().catch((error: unknown) => tellFault(ports, error));
      await cursor.save();
      looked = clock.now();
    }
  };
  const looking = look();
  try {
    for await (const stored of store.subscribe({ after: cursor.position, signal: both })) {
      const event = fromStored(stored);
      if (event !== undefined) await term.take(event).catch((error: unknown) => tellFault(ports, error));
      // Whoever posts a message may die before it is known where it stands: then the next one has to hear of it again.
      if (!term.waits()) cursor.advance(stored.position, clock.now() - looked > lookEveryMs);
    }
  } finally {
    stop.abort();
    await looking;
    await cursor.save().catch(() => undefined); // the next one begins a little earlier, and posts nothing twice
  }
}

interface Term {
  /** Renders every open message anew. */
  start(): Promise<void>;
  take(event: Recorded): Promise<void>;
  look(): Promise<void>;
  /** Something is to be shown that no message is known for yet. */
  waits(): boolean;
}

function openTerm(board: Board, ports: BoardPorts): Term {
  const { book, cluster } = board;
  const { house } = cluster;
  const runs = new Map<string, Live>();
  const wanted = new Map<string, Waiting>();
  /** People who have just asked for something in Slack, with when. */
  const asking = new Map<string, number>();
  const tell = { cluster, clients: ports.clients, sender: ports.sender, log: ports.log };

  /** When a plan is looked at again without anything having happened: its request may run out, its files may be edited. */
  const due = new Map<string, number>();
  const planChanged = async (plan: string): Promise<void> => {
    const view = await board.refreshPlan(plan);
    const soon = house.clock.now() + planEveryMs;
    const ends = view?.phase.kind === "open" || view?.phase.kind === "granted" ? view.phase.request.expiresAt : soon;
    due.set(plan, Math.min(soon, ends));
    if (view !== undefined) await notice(plan, view);
  };
  const notice = async (plan: string, view: PlanView): Promise<void> => {
    const key = planPhaseKey(view);
    const kept = await book.get(plan);
    if (kept === undefined || kept.phase === key) return;
    await askApprovers(tell, view, kept);
    await tellDecided(tell, view, kept);
    await book.change(plan, (entry) => ({ ...entry, phase: key }));
  };
  const openPlans = async (): Promise<readonly KeptMessage[]> =>
    (await book.all()).filter(({ subject, open }) => open && subject.startsWith("P-"));
  const refreshPlans = async (): Promise<void> => {
    for (const { subject } of await openPlans()) await planChanged(subject);
  };

  const show = async (live: Live, urgent: boolean): Promise<void> => {
    const kept = await book.get(live.story.run);
    if (kept !== undefined) board.showRun(kept, () => board.viewOf(live.story), urgent);
  };
  const follow = async (run: string): Promise<Live | undefined> => {
    const known = runs.get(run);
    if (known !== undefined) return known;
    const story = await readStory(house.store, run);
    if (story === undefined) return undefined;
    await board.judgeWaits(story);
    const live: Live = { story, toldThreadAt: 0 };
    runs.set(run, live);
    return live;
  };
  const thread = async (live: Live): Promise<void> => {
    live.toldThreadAt = house.clock.now();
    await tellThread({ sender: ports.sender, book, cluster: cluster.name }, live.story, board.viewOf(live.story));
  };
  const ended = async (live: Live): Promise<void> => {
    const { run, state } = live.story;
    await show(live, true);
    const kept = await book.get(run);
    await board.refreshOvertaken(live.story);
    if (kept !== undefined) {
      await thread(live);
      await tellEnded(tell, board.viewOf(live.story), kept);
      await book.change(run, (entry) => ({ ...entry, open: false }));
    }
    runs.delete(run);
    await planChanged(state.plan);
  };

  /** Where something is posted that nobody has posted yet; `undefined` = nowhere. */
  const placeOf = async (subject: string): Promise<Place | undefined> => {
    if (subject.startsWith("R-")) {
      // It may have ended while its message was awaited.
      const story = (await follow(subject))?.story;
      const plan = story === undefined ? undefined : await book.get(story.state.plan);
      if (plan !== undefined) return { channel: plan.channel, ...(plan.thread === undefined ? {} : { thread: plan.thread }) };
    }
    const { announce } = await cluster.settings();
    return announce === undefined ? undefined : { channel: announce };
  };
  const want = async (subject: string, by: string): Promise<void> => {
    if (await book.get(subject)) return;
    const now = house.clock.now();
    // Whoever took the command in Slack posts the answer where it was asked for.
    const inSlack = now - (asking.get(by) ?? -Infinity) < 600_000;
    wanted.set(subject, { subject, since: inSlack ? now : -Infinity });
    await postWanted();
  };
  const postWanted = async (): Promise<void> => {
    for (const { subject, since } of wanted.values()) {
      if (await book.get(subject)) {
        wanted.delete(subject);
        await arrived(subject);
      } else if (house.clock.now() - since >= graceMs) {
        const place = await placeOf(subject);
        if (place !== undefined) await board.post(subject, place);
        wanted.delete(subject);
        if (place !== undefined) await arrived(subject);
      }
    }
  };
  /** A message stands where there was none: it shows the present state. */
  const arrived = async (subject: string): Promise<void> => {
    if (subject.startsWith("P-")) return await planChanged(subject);
    const live = await follow(subject);
    if (live !== undefined) await show(live, true);
    if (live?.story.ended !== undefined) await ended(live);
  };

  const ofRun = async (event: Recorded): Promise<void> => {
    const run = event.stream.slice("run:".length);
    const fresh = !runs.has(run);
    const live = await follow(run);
    if (live === undefined) return;
    const news = live.story.take(event) || fresh;
    if (event.type === "intent.run") {
      await want(run, event.by);
      await planChanged(event.plan);
      await board.refreshOvertaken(live.story);
      if (event.breakglass !== undefined) await tellBreakglass(tell, board.viewOf(live.story), []);
    }
    if (!news && live.story.ended === undefined) return;
    if (event.type === "run.handed") await tellHanded(tell, board.viewOf(live.story), event, await book.get(run));
    if (event.type === "run.held" || event.type === "run.released" || event.type === "run.started") await board.judgeWaits(live.story);
    if (event.type === "run.ended") return await ended(live);
    await show(live, isNews(event.type));
    if (house.clock.now() - live.toldThreadAt >= threadEveryMs) await thread(live);
  };

  return {
    async start() {
      for (const entry of await listRuns(house.store)) {
        if (entry.phase !== "requested") continue;
        const live = await follow(entry.run);
        if (live !== undefined && live.story.ended === undefined) await show(live, true);
      }
      for (const kept of (await book.all()).filter(({ open }) => open)) {
        if (kept.subject.startsWith("P-")) await planChanged(kept.subject).catch((error: unknown) => tellFault(ports, error));
        else await arrived(kept.subject).catch((error: unknown) => tellFault(ports, error));
      }
    },
    async take(event) {
      if (event.type === "audit.recorded") {
        if (event.front === "slack" && event.decision === "allowed") asking.set(event.by, house.clock.now());
        return;
      }
      if (event.stream.startsWith("run:")) return await ofRun(event);
      if (event.type === "plan.made") {
        await want(event.plan, event.by);
        return await refreshPlans();
      }
      if (event.type.startsWith("approval.")) return await ofApproval(event);
      if (/^(?:lock|freeze|policy|link)\./u.test(event.type)) {
        await refreshPlans();
        for (const live of runs.values()) {
          await board.judgeWaits(live.story);
          await show(live, true);
        }
      }
    },
    waits: () => wanted.size > 0,
    async look() {
      await postWanted();
      await lookAtMessages();
      for (const live of runs.values()) {
        if (live.story.state.phase === "requested") await board.judgeWaits(live.story);
        if (hasEnded(live.story.state.phase)) await ended(live);
        else if (house.clock.now() - live.toldThreadAt >= threadEveryMs) await thread(live);
      }
    },
  };

  async function ofApproval(event: Recorded): Promise<void> {
    const request = event.stream.slice("approval:".length);
    const first = event.type === "approval.requested" ? event.plan : undefined;
    if (first !== undefined && event.type === "approval.requested") await want(first, event.by);
    await refreshPlans();
    // A run that uses the request may be held by what was said about it, or go on.
    for (const live of runs.values()) if (live.story.state.request === request) await show(live, true);
  }

  /** Messages that another instance posted, and requests that ran out. */
  async function lookAtMessages(): Promise<void> {
    for (const kept of (await book.all()).filter(({ open }) => open)) {
      if (kept.subject.startsWith("P-")) {
        if (house.clock.now() >= (due.get(kept.subject) ?? 0)) await planChanged(kept.subject);
      } else if (!runs.has(kept.subject)) await arrived(kept.subject);
    }
  }
}

/** Changes of state are shown before anything else. */
function isNews(type: Recorded["type"]): boolean {
  return type.startsWith("intent.") || type.startsWith("run.");
}

/** One message that cannot be brought up to date must not stop the others; it is tried again. */
function tellFault({ log, cluster }: BoardPorts, error: unknown): void {
  if (!(error instanceof HalliganError)) throw error;
  log(`slack: ${cluster.name}: ${error.message}`);
}
