import type { App } from "@slack/bolt";
import { SocketModeClient } from "@slack/socket-mode";
import type { Clock } from "../../core/ports.ts";
import { clientOptions } from "./clients.ts";
import { quietLogger, withoutTokens } from "./logger.ts";
import type { BotReceiver } from "./receiver.ts";

/** What the Socket Mode transport needs. */
export interface SocketOptions {
  readonly appToken: string;
  readonly apiUrl: string | undefined;
  readonly clock: Clock;
  /** A number from 0 to 1, for the jitter of reconnects. */
  random(): number;
  log(line: string): void;
  /** How many connections; Slack closes each every few hours, and sends to any of them. Default 2. */
  readonly connections?: number;
}

/** A connection that is not greeted within this time is given up, ms. */
const greetingMs = 30_000;
/** The longest pause between attempts, ms: `apps.connections.open` is rate limited, people are not patient. */
const longestPauseMs = 30_000;
/** A ping that is not answered within this time means that the connection is dead, ms. */
const pongMs = 15_000;
/** Slack pings too; when it stops, so does the connection. */
const serverPingMs = 60_000;
const closingMs = 3_000;

interface Envelope {
  readonly ack: (response?: object) => Promise<void>;
  readonly body: Record<string, unknown>;
  readonly retry_num?: number;
  readonly retry_reason?: string;
}

/**
 * Socket Mode over several connections, so that there is no moment without one when Slack refreshes them. Each is supervised here and not by the
 * library, whose own reconnecting waits five seconds and ends the process when it fails.
 */
export function createSocketReceiver(options: SocketOptions): BotReceiver {
  const { clock, log, connections = 2 } = options;
  const stopping = new AbortController();
  const ready = new Set<SocketModeClient>();
  const slots: Promise<void>[] = [];
  let app: App | undefined;

  async function take({ ack, body, retry_num: retryNum, retry_reason: retryReason }: Envelope): Promise<void> {
    if (stopping.signal.aborted || app === undefined) return; // not acknowledged: Slack sends it to another instance
    const acknowledge = async (response?: unknown): Promise<void> => {
      // The connection may have gone meanwhile: Slack then sends the envelope again, and it is known by its key.
      await ack(typeof response === "object" && response !== null ? response : {}).catch(() =>
        log("slack: an acknowledgement did not go through"),
      );
    };
    await app
      .processEvent({
        body,
        ack: acknowledge,
        ...(retryNum === undefined ? {} : { retryNum }),
        ...(retryReason === undefined ? {} : { retryReason }),
      })
      .catch((error: unknown) => log(withoutTokens(`slack: an envelope could not be dealt with: ${String(error)}`)));
  }

  function newClient(): SocketModeClient {
    const client = new SocketModeClient({
      appToken: options.appToken,
      autoReconnectEnabled: false,
      clientPingTimeout: pongMs,
      serverPingTimeout: serverPingMs,
      logger: quietLogger(log, "slack socket"),
      // Without the library's reconnecting a failure comes back to us at once, and it is us who wait.
      clientOptions: { ...clientOptions(options, "slack socket"), retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
    });
    client.on("slack_event", (envelope: Envelope) => void take(envelope));
    return client;
  }

  /** One connection from its opening to its end; true when it was ready in between. */
  async function connectOnce(): Promise<boolean> {
    const client = newClient();
    const gone = new Promise<void>((resolve) => client.once("disconnected", () => resolve()));
    const late = new AbortController();
    try {
      const opening = client.start();
      opening.catch(() => undefined); // where the greeting was too late, nobody waits for it any more
      const tooLate = clock.sleep(greetingMs, AbortSignal.any([late.signal, stopping.signal])).then(
        () => false,
        () => false,
      );
      if ((await Promise.race([opening.then(() => true), tooLate])) !== true) return false;
    } catch (error) {
      log(withoutTokens(`slack: no connection: ${error instanceof Error ? error.message : String(error)}`));
      return false;
    } finally {
      late.abort();
      if (stopping.signal.aborted) await close(client, clock);
    }
    ready.add(client);
    const stop = new Promise<void>((resolve) => stopping.signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.race([gone, stop]);
    ready.delete(client);
    await close(client, clock);
    return true;
  }

  async function keep(slot: number): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const wasReady = await connectOnce();
      failures = wasReady ? 0 : failures + 1;
      if (failures === 1 || failures % 20 === 0) log(`slack: connection ${slot + 1} of ${connections} is not there; trying on`);
      const pause = failures === 0 ? 50 : Math.min(longestPauseMs, 500 * 2 ** Math.min(failures, 10));
      await clock.sleep(pause * (0.5 + options.random() / 2), stopping.signal).catch(() => undefined);
    }
  }

  return {
    init(bolt) {
      app = bolt;
    },
    start() {
      for (let slot = 0; slot < connections; slot++) slots.push(keep(slot));
      return Promise.resolve();
    },
    async stop() {
      stopping.abort();
      await Promise.all(slots);
    },
    health: () => ({ transport: "socket", ready: ready.size, wanted: connections }),
  };
}

/** Ends a connection; where the other side does not say goodbye, it is not waited for. */
async function close(client: SocketModeClient, clock: Clock): Promise<void> {
  const patience = new AbortController();
  await Promise.race([client.disconnect().catch(() => undefined), clock.sleep(closingMs, patience.signal).catch(() => undefined)]);
  patience.abort();
}
