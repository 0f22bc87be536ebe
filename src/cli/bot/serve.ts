import { hostname } from "node:os";
import type { BotPorts } from "../../bot/ports.ts";
import type { RunningBot } from "../../bot/start.ts";
import type { BotReceiver } from "../../bot/transport/receiver.ts";
import type { ServeEnd, ServeWish } from "../../core/commands/local.ts";
import { fail, HalliganError } from "../../core/errors.ts";
import { systemClock } from "../house/clock.ts";
import { renderAnswer } from "../render.ts";
import { createScreen } from "../screen.ts";
import { createHttpDoor } from "./http-door.ts";
import { createPostJson } from "./post-json.ts";
import { keepEngine } from "./keep-engines.ts";
import { askingNobody, type Opened, openServed } from "./served.ts";
import { type SlackWish, takeSlackWish } from "./tokens.ts";
import { lazyLocal } from "../local/lazy.ts";
import { watch } from "../watch/watch.ts";
import { userName } from "../user-name.ts";

/** Where the command line found what is to be served. */
export interface ServePlace {
  readonly files: readonly string[];
  readonly clusterFile: string;
  readonly state: string | undefined;
}

const chatColumns = 100;

/** Where the bot is once it runs, for whoever watches it. */
interface Seat {
  bot: RunningBot | undefined;
}

/** Serves engines and the bot until the signal. @throws what is wrong with tokens and files, before anything has begun. */
export async function serve(place: ServePlace, wish: ServeWish): Promise<ServeEnd> {
  const slack = takeSlackWish(process.env, wish.http);
  const clusters = await openServed({ files: place.files, folder: wish.clusters, stateUrl: place.state, environment: process.env });
  const log = (line: string): void => void process.stderr.write(`${new Date(systemClock.now()).toISOString()} ${line}\n`);
  const stop = new AbortController();
  const end = (): void => stop.abort();
  if (wish.signal.aborted) end();
  wish.signal.addEventListener("abort", end, { once: true });
  try {
    log(`serving ${[...clusters.keys()].join(", ")} (process ${process.pid})`);
    const engines = [...clusters.values()].map(({ name, house }) => keepEngine(name, house, log, stop.signal));
    const seat: Seat = { bot: undefined };
    const watching = await watch(
      { clusters, port: wish.metrics, slack: () => seat.bot?.health(), environment: process.env, log },
      stop.signal,
    );
    if (!wish.slack) log("without Slack: --no-slack was given");
    else if (slack === undefined) log("without Slack: SLACK_BOT_TOKEN is not set (docs/slack.md)");
    else await runBot(place, { slack, prefix: wish.command }, clusters, { log, seat }, stop.signal);
    await Promise.all([...engines, watching.ended]);
    return { clusters: [...clusters.keys()] };
  } finally {
    stop.abort();
    await Promise.all([...clusters.values()].map(({ house }) => house.close()));
    log("ended; runs that are open go on with their engine, or with the next one");
  }
}

async function runBot(
  place: ServePlace,
  { slack, prefix }: { readonly slack: SlackWish; readonly prefix: string },
  clusters: ReadonlyMap<string, Opened>,
  { log, seat }: { readonly log: (line: string) => void; readonly seat: Seat },
  signal: AbortSignal,
): Promise<void> {
  const answered = new Map<string, Opened>();
  for (const [name, cluster] of clusters) {
    const refusal = await whyNotInSlack(cluster);
    if (refusal === undefined) answered.set(name, cluster);
    else log(`${name} is not answered in Slack: ${refusal}`);
  }
  const [first] = answered.values();
  if (first === undefined) {
    log("without Slack: no cluster has people.yaml");
    return;
  }
  const { startBot } = await import("../../bot/start.ts");
  const { transport, botToken, apiUrl } = slack;
  const ports: BotPorts = {
    clusters: answered,
    clock: systemClock,
    store: first.house.store,
    local: askingNobody(lazyLocal(place.clusterFile, userName())),
    prefix,
    instance: `${hostname()}:${process.pid}:${systemClock.now()}`,
    text: async (_definition, answer) =>
      await renderAnswer(answer, createScreen({ isTerminal: false, columns: chatColumns, plain: true, environment: {} })),
    log,
  };
  const bot = await startBot(ports, { botToken, apiUrl, log, postJson: createPostJson(log) }, await receiverFor(transport, apiUrl, log));
  seat.bot = bot;
  await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true })));
  await bot.stop();
}

async function receiverFor(
  transport: SlackWish["transport"],
  apiUrl: string | undefined,
  log: (line: string) => void,
): Promise<BotReceiver> {
  if (transport.kind === "socket") {
    const { createSocketReceiver } = await import("../../bot/transport/socket-receiver.ts");
    return createSocketReceiver({ appToken: transport.appToken, apiUrl, clock: systemClock, random: Math.random, log });
  }
  const { createHttpReceiver } = await import("../../bot/transport/http-receiver.ts");
  const door = createHttpDoor(transport.port, (port) => log(`slack: listening on 127.0.0.1:${port}`));
  return createHttpReceiver({ signingSecret: transport.signingSecret, door, clock: systemClock, log });
}

/** Without people.yaml only the local user may do anything, and a channel is not that user. */
async function whyNotInSlack({ house }: Opened): Promise<string | undefined> {
  try {
    const authority = await house.authority();
    return authority.mode === "people"
      ? undefined
      : fail("SLACK_NO_PEOPLE", { message: "it has no people.yaml, so nobody in a channel could do anything" }).problems[0].message;
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    return undefined; // people.yaml is there and wrong: whoever asks is told, and it may be mended meanwhile
  }
}
