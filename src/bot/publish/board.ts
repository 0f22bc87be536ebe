import { queueDocument } from "../../core/commands/authority/queue-document.ts";
import { fail, hasCode } from "../../core/errors.ts";
import type { EpochMs } from "../../core/ports.ts";
import { hasEnded } from "../../core/run/state.ts";
import type { Style } from "../grammar/lines.ts";
import { planMessage } from "../messages/plan-message.ts";
import type { PlanView } from "../messages/plan-view.ts";
import { runMessage } from "../messages/run-message.ts";
import type { RunView } from "../messages/run-view.ts";
import type { BotPorts, ServedCluster, SlackClients } from "../ports.ts";
import type { Place, Posted } from "../send/sender.ts";
import type { SlackSender } from "../send/slack-sender.ts";
import type { Message } from "../text/message.ts";
import { isCut } from "../messages/plan-changes.ts";
import { putPlanFile } from "./plan-file.ts";
import { loadPlan, styleOf } from "./load-plan.ts";
import { type KeptMessage, type MessageBook, messageBook } from "./message-book.ts";
import { overtaken, overtaking } from "./overtaken.ts";
import { type RunStory, readStory } from "./run-story.ts";

/** What the messages of one cluster are made with. */
export interface BoardPorts {
  readonly cluster: ServedCluster;
  readonly clients: Pick<SlackClients, "identity">;
  readonly sender: SlackSender;
  readonly commands: Style["commands"];
  /** How one speaks to the bot: `/halligan`. */
  readonly prefix: string;
  text: BotPorts["text"];
  log(line: string): void;
}

/** The messages of one cluster: what they show, and where they stand. */
export interface Board {
  readonly cluster: ServedCluster;
  readonly book: MessageBook;
  readonly style: PlanView["style"];
  /** Brings the message of a plan up to date, if there is one; gives what it shows. */
  refreshPlan(plan: string): Promise<PlanView | undefined>;
  /** A plan as its message tells it. @throws `RUN_NOT_FOUND`. */
  plan(plan: string): Promise<PlanView>;
  /** A run as its message tells it; `undefined` = there is none. */
  run(run: string): Promise<{ readonly view: RunView; readonly story: RunStory } | undefined>;
  /** Shows how a run stands; `latest`: asked when the turn comes. */
  showRun(kept: KeptMessage, latest: () => RunView, urgent: boolean): void;
  /** Judges anew what a run waits for, and whether another one has taken its place. */
  judgeWaits(story: RunStory): Promise<void>;
  /** Brings messages of earlier runs up to date of which a run has taken the place. */
  refreshOvertaken(by: RunStory): Promise<void>;
  viewOf(story: RunStory): RunView;
  /** Posts the message of a plan or run, or finds the one that there is. */
  post(subject: string, to: Place, instead?: Posted): Promise<KeptMessage>;
}

/** Opens the board of one cluster. */
export function openBoard(ports: BoardPorts): Board {
  const { cluster, sender } = ports;
  const { house } = cluster;
  const book = messageBook(house.store, cluster.name);
  const style = styleOf(ports.commands, ports.prefix, cluster.name);
  const names = new Set(ports.commands.map(({ id }) => id));
  const can = { retry: names.has("retry"), rollback: names.has("rollback") };
  const now = (): EpochMs => house.clock.now();
  const posting = new Map<string, Promise<KeptMessage>>();
  const viewOf = (story: RunStory): RunView => story.view(style, can, now());
  const moved =
    (subject: string) =>
    async (to: Posted): Promise<void> => {
      await book.change(subject, ({ thread: _, ...entry }) => ({ ...entry, ...to }));
    };
  // Files are read anew: what was read a moment ago may be older than the plan.
  const plan = async (id: string): Promise<PlanView> =>
    await loadPlan(cluster.as(house.principal), id, style, (await book.get(id))?.filed === true);
  const judgeWaits = async (story: RunStory): Promise<void> => {
    story.newer = (await overtaking(house.store, story))?.run;
    if (story.state.phase !== "requested") story.waits = [];
    else story.waits = (await queueDocument(house).catch(noReasons))?.waiting.find(({ run }) => run === story.run)?.waits ?? [];
  };
  const run: Board["run"] = async (id) => {
    const story = await readStory(house.store, id);
    if (story === undefined) return undefined;
    await judgeWaits(story);
    return { view: viewOf(story), story };
  };
  const showRun: Board["showRun"] = (kept, latest, urgent) => {
    const final = hasEnded(latest().state.phase);
    const render = (beat: EpochMs | undefined): Message => runMessage(latest(), beat);
    sender.live.show(slotOf(cluster, kept.subject), { at: kept, render, urgent, final, beats: true, moved: moved(kept.subject) });
  };
  /** What does not fit into the message lies in its thread. */
  const fileWhole = async (kept: KeptMessage): Promise<void> => {
    const view = await plan(kept.subject);
    if (!isCut(view) || !(await putPlanFile(ports, view, kept))) return;
    await book.change(kept.subject, (entry) => ({ ...entry, filed: true }));
  };
  const firstMessage = async (subject: string): Promise<Message> => {
    if (subject.startsWith("P-")) return planMessage(await plan(subject));
    const found = await run(subject);
    if (found === undefined) throw fail("RUN_NOT_FOUND", { message: `There is no run ${subject}.` });
    return runMessage(found.view);
  };
  return {
    cluster,
    book,
    style,
    plan,
    run,
    viewOf,
    judgeWaits,
    async refreshPlan(id) {
      const kept = await book.get(id);
      if (kept === undefined) return undefined;
      const view = await plan(id);
      const message = planMessage(view);
      const final = isLast(view);
      sender.live.show(slotOf(cluster, id), { at: kept, render: () => message, urgent: true, final, moved: moved(id) });
      await book.change(id, (entry) => ({ ...entry, open: !final }));
      return view;
    },
    async refreshOvertaken(by) {
      const kept = await overtaken(house.store, by, async (each) => await book.get(each));
      const found = kept === undefined ? undefined : await run(kept.subject);
      if (kept === undefined || found === undefined || found.story.ended === undefined) return;
      showRun(kept, () => viewOf(found.story), false);
    },
    showRun,
    async post(subject, to, instead) {
      // The publisher may find out about a plan in the moment in which it is answered.
      await posting.get(subject)?.catch(() => undefined);
      const known = await book.get(subject);
      if (known !== undefined) return known;
      const going = posting.get(subject);
      if (going !== undefined) return await going;
      const made = postNew(subject, to, instead).finally(() => posting.delete(subject));
      posting.set(subject, made);
      return await made;
    },
  };

  async function postNew(subject: string, to: Place, instead: Posted | undefined): Promise<KeptMessage> {
    const message = await firstMessage(subject);
    const key = `${cluster.name}:${subject}`;
    const at =
      instead === undefined ? await sender.post(to, message, key) : await sender.update({ ...instead, ...threadPart(to) }, message);
    const kept = { subject, channel: at.channel, ts: at.ts, ...threadPart(to), open: true, phase: "", told: 0, at: now() };
    const entered = await book.enter(kept);
    if (subject.startsWith("P-")) await fileWhole(entered);
    return entered;
  }
}

/** The name under which the sender keeps a message up to date. */
function slotOf(cluster: Pick<ServedCluster, "name">, subject: string): string {
  return `${cluster.name}:${subject}`;
}

/** Nothing more will be said about the plan. */
function isLast({ phase }: PlanView): boolean {
  return (
    phase.kind === "over" ||
    phase.kind === "empty" ||
    (phase.kind === "used" && phase.ended !== undefined) ||
    (phase.kind === "outdated" && phase.forGood)
  );
}

function threadPart({ thread }: Place): { readonly thread?: string } {
  return thread === undefined ? {} : { thread };
}

function noReasons(error: unknown): undefined {
  if (hasCode(error, "RUN_NOT_FOUND", "PLAN_OUTDATED", "STORE_CORRUPT")) return undefined;
  throw error;
}
