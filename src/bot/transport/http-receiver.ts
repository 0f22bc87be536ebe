import type { App } from "@slack/bolt";
import type { Clock } from "../../core/ports.ts";
import { withoutTokens } from "./logger.ts";
import type { BotReceiver } from "./receiver.ts";
import { createVerifier } from "./signature.ts";

/** A request that came in; the door has read it up to its limit. */
export interface DoorRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** What is answered. */
export interface DoorAnswer {
  readonly status: number;
  readonly body?: string;
  readonly type?: "application/json" | "text/plain";
}

/** The open port, from the composition root: bound to 127.0.0.1, with a limit on bodies. */
export interface HttpDoor {
  open(handle: (request: DoorRequest) => Promise<DoorAnswer>): Promise<void>;
  /** Takes nothing any more; returns when what was begun is answered. */
  close(): Promise<void>;
}

/** What the HTTP transport needs. */
export interface HttpOptions {
  readonly signingSecret: string;
  readonly door: HttpDoor;
  readonly clock: Clock;
  log(line: string): void;
}

/** Slack gives up after three seconds; a slower answer helps nobody. */
const answerWithinMs = 2_800;

/** Signed HTTP requests, behind a proxy that speaks TLS. */
export function createHttpReceiver({ signingSecret, door, clock, log }: HttpOptions): BotReceiver {
  const verify = createVerifier(signingSecret, clock.now);
  let app: App | undefined;
  let isOpen = false;

  async function handle({ headers, body }: DoorRequest): Promise<DoorAnswer> {
    const header = (name: string): string | undefined => {
      const value = headers[name];
      return typeof value === "string" ? value : undefined;
    };
    const disbelief = verify({ timestamp: header("x-slack-request-timestamp"), signature: header("x-slack-signature"), body });
    if (disbelief !== undefined) {
      log(`slack: a request was refused: ${disbelief}`);
      return { status: 401, body: `refused: ${disbelief}\n`, type: "text/plain" };
    }
    const read = readBody(Buffer.from(body).toString("utf8"), header("content-type") ?? "");
    if (read === undefined) return { status: 400, body: "not understood\n", type: "text/plain" };
    if (read["type"] === "url_verification") return { status: 200, body: String(read["challenge"]), type: "text/plain" };
    if (read["ssl_check"] !== undefined) return { status: 200 };
    return await process(read, Number(header("x-slack-retry-num") ?? Number.NaN), header("x-slack-retry-reason"));
  }

  async function process(body: Record<string, unknown>, retryNum: number, retryReason: string | undefined): Promise<DoorAnswer> {
    const patience = new AbortController();
    const acknowledged = new Promise<DoorAnswer>((resolve) => {
      const ack = async (response?: unknown): Promise<void> => resolve(acknowledgement(response));
      const event = { body, ack, ...(Number.isNaN(retryNum) ? {} : { retryNum }), ...(retryReason === undefined ? {} : { retryReason }) };
      app
        ?.processEvent(event)
        .catch((error: unknown) => log(withoutTokens(`slack: a request could not be dealt with: ${String(error)}`)))
        .finally(() => resolve({ status: 404, body: "nobody takes this\n", type: "text/plain" })); // where it was acknowledged before, nothing comes of this
    });
    const tooLate = clock.sleep(answerWithinMs, patience.signal).then(
      (): DoorAnswer => ({ status: 503 }),
      (): DoorAnswer => ({ status: 503 }),
    );
    const answer = await Promise.race([acknowledged, tooLate]);
    patience.abort();
    return answer;
  }

  return {
    init(bolt) {
      app = bolt;
    },
    async start() {
      await door.open(handle);
      isOpen = true;
    },
    async stop() {
      isOpen = false;
      await door.close();
    },
    health: () => ({ transport: "http", ready: isOpen ? 1 : 0, wanted: 1 }),
  };
}

function acknowledgement(response: unknown): DoorAnswer {
  if (typeof response === "string") return { status: 200, body: response, type: "text/plain" };
  if (typeof response !== "object" || response === null) return { status: 200 };
  return { status: 200, body: JSON.stringify(response), type: "application/json" };
}

/** JSON, a form, or a form that holds JSON; `undefined` when it is none of them. */
function readBody(text: string, type: string): Record<string, unknown> | undefined {
  try {
    if (type.startsWith("application/json")) return asRecord(JSON.parse(text));
    const form = Object.fromEntries(new URLSearchParams(text));
    return form["payload"] === undefined ? form : asRecord(JSON.parse(form["payload"]));
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
