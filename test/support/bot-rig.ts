import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createClaims } from "../../src/bot/inbound/claims.ts";
import type { Handlers, Inbound, ViewErrors, ViewInbound } from "../../src/bot/inbound/inbound.ts";
import { createPipeline } from "../../src/bot/inbound/pipeline.ts";
import { createScreening } from "../../src/bot/inbound/screening.ts";
import { createApp } from "../../src/bot/transport/app.ts";
import { createClients } from "../../src/bot/transport/clients.ts";
import { createHttpReceiver } from "../../src/bot/transport/http-receiver.ts";
import type { BotReceiver } from "../../src/bot/transport/receiver.ts";
import { createSocketReceiver } from "../../src/bot/transport/socket-receiver.ts";
import { createHttpDoor } from "../../src/cli/bot/http-door.ts";
import { systemClock } from "../../src/cli/house/clock.ts";
import { openStore } from "../../src/core/adapters/store/open.ts";
import type { Problem } from "../../src/core/errors.ts";
import type { Store } from "../../src/core/ports.ts";
import type { SlackDouble } from "./slack-double/double.ts";

/** Everything of the bot between Slack and the handlers, with handlers that note what they get. */
export interface InboundRig {
  readonly seen: Inbound[];
  readonly told: { readonly inbound: Inbound; readonly problems: readonly Problem[] }[];
  readonly lines: string[];
  readonly receiver: BotReceiver;
  /** What handlers do beside noting. */
  act: (inbound: Inbound) => Promise<void>;
  validate: (inbound: ViewInbound) => ViewErrors | undefined;
  stop(): Promise<void>;
}

/** Starts one instance against a double; instances that share a store are told by it. */
export async function startInboundRig(
  slack: SlackDouble,
  options: { readonly transport: "socket" | "http"; readonly store?: Store; readonly connections?: number },
): Promise<InboundRig> {
  const own = options.store === undefined ? await openTemporaryStore() : undefined;
  const store = options.store ?? own?.store;
  if (store === undefined) throw new Error("no store");
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const clients = createClients({ botToken: slack.tokens.bot, apiUrl: slack.apiUrl, log });
  const receiver = await receiverOf(slack, options, log);
  const note = async (inbound: Inbound): Promise<void> => {
    rig.seen.push(inbound);
    await rig.act(inbound);
  };
  const handlers: Handlers = {
    typed: note,
    action: note,
    viewSubmission: note,
    shortcut: note,
    homeOpened: note,
    validateView: (inbound) => rig.validate(inbound),
  };
  const told: InboundRig["told"] = [];
  const pipeline = createPipeline({
    claims: createClaims(store, systemClock),
    screening: createScreening({ clients, clock: systemClock, log }),
    handlers,
    tell: (inbound, problems) => {
      told.push({ inbound, problems });
      return Promise.resolve();
    },
    log,
  });
  const app = createApp({
    receiver,
    clients,
    botToken: slack.tokens.bot,
    take: pipeline.take,
    validateView: (inbound) => rig.validate(inbound),
    log,
  });
  const rig: InboundRig = {
    seen: [],
    told,
    lines,
    receiver,
    act: () => Promise.resolve(),
    validate: () => undefined,
    async stop() {
      await app.stop();
      await pipeline.drained();
      await own?.remove();
    },
  };
  await app.start();
  if (options.transport === "socket") await ready(receiver);
  return rig;
}

async function receiverOf(
  slack: SlackDouble,
  { transport, connections }: { readonly transport: "socket" | "http"; readonly connections?: number },
  log: (line: string) => void,
): Promise<BotReceiver> {
  if (transport === "socket")
    return createSocketReceiver({
      appToken: slack.tokens.app,
      apiUrl: slack.apiUrl,
      clock: systemClock,
      random: Math.random,
      log,
      ...(connections === undefined ? {} : { connections }),
    });
  const door = createHttpDoor(0, (port) => slack.useHttp(`http://127.0.0.1:${port}/slack/events`));
  return Promise.resolve(createHttpReceiver({ signingSecret: slack.tokens.signingSecret, door, clock: systemClock, log }));
}

/** Waits until all connections of a receiver are there. */
export async function ready(receiver: BotReceiver, ms = 60_000): Promise<void> {
  const until = Date.now() + ms;
  while (receiver.health().ready < receiver.health().wanted) {
    if (Date.now() > until) throw new Error(`only ${receiver.health().ready} connections`);
    await delay(20);
  }
}

/** A store of its own, and what takes it away again. */
export async function openTemporaryStore(): Promise<{ readonly store: Store; remove(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "halligan-bot-"));
  const store = await openStore(join(folder, "state.db"));
  return {
    store,
    async remove() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
