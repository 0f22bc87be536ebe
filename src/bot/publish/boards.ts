import type { Boards } from "../dispatch/boards.ts";
import type { ThreadSubject } from "../grammar/thread.ts";
import type { ServedCluster } from "../ports.ts";
import type { Posted } from "../send/sender.ts";
import type { SlackSender } from "../send/slack-sender.ts";
import { plainMessage } from "../messages/voice.ts";
import { bold, code, esc, mrkdwn } from "../text/slack-text.ts";
import type { Board } from "./board.ts";
import { linkTo } from "./reach.ts";
import type { BotIdentity } from "../ports.ts";
import { listRuns } from "../../core/run/requests.ts";

/** What commands and buttons ask of the messages of all clusters. */
export function createBoards(boards: ReadonlyMap<string, Board>, sender: SlackSender, identity: () => BotIdentity | undefined): Boards {
  const of = (cluster: ServedCluster): Board | undefined => boards.get(cluster.name);
  /** Says in place of `Planning…` where the plan is shown. */
  const pointTo = async (at: Posted, kept: Posted, subject: string, cluster: string): Promise<void> => {
    if (at.ts === kept.ts && at.channel === kept.channel) return;
    const where = linkTo(identity(), kept, `${subject} of ${cluster}`);
    const text =
      where === "" ? mrkdwn`${bold(esc(subject))} of ${code(cluster)} is shown already.` : mrkdwn`It is ${where}, which is shown already.`;
    await sender.update(at, plainMessage(text));
  };
  return {
    async showPlan(cluster, plan, to, _by, instead) {
      const board = of(cluster);
      if (board === undefined) return;
      const kept = await board.post(plan, to, instead);
      if (instead !== undefined) await pointTo(instead, kept, plan, cluster.name);
      await board.refreshPlan(plan);
    },
    async showRun(cluster, run, to) {
      const board = of(cluster);
      if (board === undefined) return;
      await board.post(run, to);
    },
    async subject(at) {
      for (const board of boards.values()) {
        const subject = await board.book.subjectAt(at);
        if (subject !== undefined) return await aboutSubject(board, subject);
      }
      return undefined;
    },
  };
}

async function aboutSubject(board: Board, subject: string): Promise<ThreadSubject> {
  const { cluster } = board;
  const { store } = cluster.house;
  if (subject.startsWith("R-")) {
    const entry = (await listRuns(store)).find(({ run }) => run === subject);
    return { cluster: cluster.name, run: subject, ...(entry === undefined ? {} : { plan: entry.plan }) };
  }
  const { phase } = await board.plan(subject);
  const request = "request" in phase ? phase.request : undefined;
  const run = phase.kind === "used" ? phase.run : undefined;
  return {
    cluster: cluster.name,
    plan: subject,
    ...(request === undefined ? {} : { request: request.request }),
    ...(run === undefined ? {} : { run }),
  };
}
