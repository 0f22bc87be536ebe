import type { ServedCluster, SlackClients } from "../ports.ts";
import { approverMessage, breakglassMessage, decidedMessage, handedMessage, runEndedMessage } from "../messages/direct.ts";
import { endedMessage } from "../messages/run-message.ts";
import type { PlanView } from "../messages/plan-view.ts";
import type { RunView } from "../messages/run-view.ts";
import type { Posted, Sender } from "../send/sender.ts";
import { empty } from "../text/slack-text.ts";
import { concerned, linkTo, slackUsers } from "./reach.ts";

/** What people are told with. */
export interface TellPorts {
  readonly cluster: ServedCluster;
  readonly clients: Pick<SlackClients, "identity">;
  readonly sender: Sender;
  log(line: string): void;
}

/** So many people are written to about one request; a rule that half the company meets is no reason to write to it. */
const mostApprovers = 20;

/** Writes to those whose votes are missing, once per request and person. */
export async function askApprovers(ports: TellPorts, view: PlanView, at: Posted): Promise<void> {
  const { phase, document } = view;
  if (phase.kind !== "open") return;
  const { cluster, clients, sender } = ports;
  const users = await slackUsers(cluster.house, clients.identity());
  const asked = new Set(phase.request.requirements.flatMap(({ missing, mayVote }) => (missing > 0 ? mayVote : [])));
  const message = approverMessage(view, linkTo(clients.identity(), at, `${document.id} in ${cluster.name}`));
  for (const person of [...asked].slice(0, mostApprovers)) {
    const user = users.get(person);
    if (user === undefined) continue;
    await quietly(ports, async () => await sender.direct(user, message, `${cluster.name}:${phase.request.request}:ask:${person}`));
  }
}

/** Writes to who made the plan and who asked for its run, once per decision. */
export async function tellDecided(ports: TellPorts, view: PlanView, at: Posted): Promise<void> {
  const { phase, author } = view;
  if (phase.kind !== "granted" && phase.kind !== "rejected" && phase.kind !== "over") return;
  const { cluster, clients, sender } = ports;
  const users = await slackUsers(cluster.house, clients.identity());
  const message = decidedMessage(view, linkTo(clients.identity(), at, `${view.document.id} in ${cluster.name}`));
  const { request, by, votes, rejections } = phase.request;
  // A yes that was taken back and given again is another decision.
  const which = `${phase.kind}:${votes.map(({ at: when }) => when).join(",")}:${rejections.map(({ at: when }) => when).join(",")}`;
  for (const person of new Set([author, by])) {
    const user = users.get(person);
    if (user !== undefined)
      await quietly(ports, async () => await sender.direct(user, message, `${cluster.name}:${request}:${which}:${person}`));
  }
}

/** Tells that a run has ended: a failure in the channel with the people whom it concerns, everything to who asked for it. */
export async function tellEnded(ports: TellPorts, view: RunView, at: Posted & { readonly thread?: string }): Promise<void> {
  const { cluster, clients, sender } = ports;
  const { state } = view;
  const users = await slackUsers(cluster.house, clients.identity());
  const settings = await cluster.settings();
  const people = [...new Set([state.by, state.owner ?? state.by])];
  const message = runEndedMessage(view, linkTo(clients.identity(), at, `${state.run} in ${cluster.name}`));
  if (state.phase === "failed") {
    const told = endedMessage(view, concerned(people, settings, users));
    const thread = { channel: at.channel, thread: at.thread ?? at.ts, broadcast: true };
    await quietly(ports, async () => await sender.post(thread, told, `${cluster.name}:${state.run}:failed`));
    const { failures } = settings;
    if (failures !== undefined && failures !== at.channel)
      await quietly(ports, async () => await sender.post({ channel: failures }, told, `${cluster.name}:${state.run}:failed:elsewhere`));
  }
  for (const person of people) {
    const user = users.get(person);
    if (user !== undefined)
      await quietly(ports, async () => await sender.direct(user, message, `${cluster.name}:${state.run}:ended:${person}`));
  }
}

/** Tells whoever answers for a run from now on, to them and in its thread. */
export async function tellHanded(
  ports: TellPorts,
  view: RunView,
  { seq, from, to, note = "" }: { readonly seq: number; readonly from: string; readonly to: string; readonly note?: string | undefined },
  at: (Posted & { readonly thread?: string }) | undefined,
): Promise<void> {
  const { cluster, clients, sender } = ports;
  const key = `${cluster.name}:${view.state.run}:handed:${seq}`;
  const user = (await slackUsers(cluster.house, clients.identity())).get(to);
  const link = at === undefined ? empty : linkTo(clients.identity(), at, `${view.state.run} in ${cluster.name}`);
  if (user !== undefined)
    await quietly(ports, async () => await sender.direct(user, handedMessage(view, { from, to, note }, link), `${key}:to`));
  if (at !== undefined)
    await quietly(
      ports,
      async () =>
        await sender.post({ channel: at.channel, thread: at.thread ?? at.ts }, handedMessage(view, { from, to, note }, empty), key),
    );
}

/** Says loudly that somebody took a run past its gates. */
export async function tellBreakglass(ports: TellPorts, view: RunView, passed: readonly string[]): Promise<void> {
  const { auditChannel, announce } = await ports.cluster.settings();
  const channel = auditChannel ?? announce;
  if (channel === undefined || view.state.breakglass === undefined) return;
  await quietly(
    ports,
    async () => await ports.sender.post({ channel }, breakglassMessage(view, passed), `${ports.cluster.name}:${view.state.run}:breakglass`),
  );
}

/** Who cannot be written to is told in the channel: nothing else may be held up by it. */
async function quietly({ log, cluster }: TellPorts, tell: () => Promise<unknown>): Promise<void> {
  try {
    await tell();
  } catch (error) {
    log(`slack: ${cluster.name}: somebody could not be told: ${error instanceof Error ? error.message : String(error)}`);
  }
}
