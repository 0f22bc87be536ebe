import { commands } from "../core/commands/registry.ts";
import type { Clock } from "../core/ports.ts";
import { problemsMessage } from "./answers/problems.ts";
import { createClaims } from "./inbound/claims.ts";
import { createPipeline } from "./inbound/pipeline.ts";
import { createScreening } from "./inbound/screening.ts";
import { tellPrivately } from "./inbound/tell.ts";
import { type BotParts, createHandlers } from "./handlers.ts";
import type { BotPorts } from "./ports.ts";
import { keepPublishing, type Publish } from "./publishing.ts";
import { keepGroups } from "./groups.ts";
import { startSender } from "./send/slack-sender.ts";
import { createApp } from "./transport/app.ts";
import { createClients, type SlackAccess } from "./transport/clients.ts";
import type { BotReceiver, TransportHealth } from "./transport/receiver.ts";
import { createRespond, type PostJson } from "./transport/respond.ts";

/** A bot that is running. */
export interface RunningBot {
  health(): TransportHealth & { readonly identified: boolean };
  /** Takes nothing any more, finishes what was taken as far as that is quick, and ends. */
  stop(): Promise<void>;
}

/** How long what was taken may go on after the end was asked for, ms; systemd kills after 90 s. */
const drainMs = 20_000;
const pruneEveryMs = 60 * 60_000;

/** Starts the bot. Returns at once, also where Slack cannot be reached: it goes on trying. */
export async function startBot(
  ports: BotPorts,
  access: SlackAccess & { readonly postJson: PostJson },
  receiver: BotReceiver,
): Promise<RunningBot> {
  const { clock, log, store } = ports;
  const stop = new AbortController();
  const clients = createClients(access);
  const sender = startSender({ clients, store, clock, log }, stop.signal);
  const respond = createRespond(access.postJson);
  const claims = createClaims(store, clock);
  const parts: BotParts = { ports, clients, sender, respond, signal: stop.signal };
  const { handlers, publisher } = createHandlers(parts);
  const publish: Publish = async (cluster, signal) => {
    await Promise.all([publisher(cluster, signal), keepGroups({ cluster, clients, ports, signal })]);
  };
  const pipeline = createPipeline({
    claims,
    screening: createScreening({ clients, clock, log }),
    handlers,
    tell: async (inbound, problems) => {
      const prefix = inbound.kind === "command" ? inbound.command : "@halligan";
      const { message } = problemsMessage(problems, { commands, prefix, cluster: undefined });
      await tellPrivately(sender, respond, inbound, message);
    },
    log,
  });
  const app = createApp({
    receiver,
    clients,
    botToken: access.botToken,
    take: pipeline.take,
    validateView: (inbound) => handlers.validateView(inbound),
    log,
  });
  await app.start();
  const background = [
    introduce(clients, clock, log, stop.signal),
    every(pruneEveryMs, clock, stop.signal, async () => await claims.prune(), log),
    ...[...ports.clusters.values()].map((cluster) => keepPublishing({ cluster, ports, publish, signal: stop.signal })),
  ];
  return {
    health: () => ({ ...receiver.health(), identified: clients.identity() !== undefined }),
    async stop() {
      await app.stop();
      const patience = new AbortController();
      await Promise.race([pipeline.drained(), clock.sleep(drainMs, patience.signal).catch(() => undefined)]);
      patience.abort();
      stop.abort();
      await Promise.all(background);
    },
  };
}

/** Finds out who the bot is, as soon as Slack tells. */
async function introduce(
  clients: ReturnType<typeof createClients>,
  clock: Clock,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const me = await clients.identify();
      return log(`slack: this is ${me.user} of workspace ${me.team}`);
    } catch (error) {
      if (failures === 0) log(`slack: not ready: ${error instanceof Error ? error.message : String(error)}`);
      await clock.sleep(Math.min(60_000, 2_000 * 2 ** Math.min(failures, 5)), signal).catch(() => undefined);
    }
  }
}

async function every(ms: number, clock: Clock, signal: AbortSignal, work: () => Promise<void>, log: (line: string) => void): Promise<void> {
  while (!signal.aborted) {
    await work().catch((error: unknown) => log(`slack: ${error instanceof Error ? error.message : String(error)}`));
    await clock.sleep(ms, signal).catch(() => undefined);
  }
}
