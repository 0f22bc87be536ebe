import { createHmac } from "node:crypto";
import type { Wire } from "./model.ts";
import type { Fate, Sockets } from "./sockets.ts";
import type { DoubleState } from "./state.ts";

/** What kind of thing is sent to the app. */
export type EnvelopeType = "slash_commands" | "interactive" | "events_api";

/** Sends what people do to the app, over whichever transport it has. */
export interface Delivery {
  /** From now on over signed HTTP to this address; `undefined` = Socket Mode. */
  requestUrl: string | undefined;
  send(type: EnvelopeType, payload: Wire, options?: SendOptions): Promise<Fate>;
  /** The last requests that were sent over HTTP, exactly as sent: for replays. */
  readonly sent: SignedRequest[];
}

/** Ways in which a delivery differs from the plain one. */
export interface SendOptions {
  readonly retry?: { readonly attempt: number; readonly reason: string };
  /** Seconds that the request's clock is off. */
  readonly skew?: number;
  /** Signed with another secret. */
  readonly forged?: boolean;
}

/** A request as it went over the wire. */
export interface SignedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Makes the delivery of a double. */
export function createDelivery(state: DoubleState, sockets: Sockets): Delivery {
  const sent: SignedRequest[] = [];
  return {
    requestUrl: undefined,
    sent,
    async send(type, payload, options = {}) {
      if (this.requestUrl === undefined) return await sockets.deliver(type, payload, options.retry);
      const request = sign(state, this.requestUrl, type, payload, options);
      sent.push(request);
      return await postSigned(request, state.options.ackMs);
    },
  };
}

function sign(
  state: DoubleState,
  url: string,
  type: EnvelopeType,
  payload: Wire,
  { retry, skew = 0, forged = false }: SendOptions,
): SignedRequest {
  const body =
    type === "events_api"
      ? JSON.stringify(payload)
      : type === "interactive"
        ? new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
        : new URLSearchParams(payload as Record<string, string>).toString();
  const timestamp = String(Math.floor(Date.now() / 1000) + skew);
  const secret = forged ? "somebody-elses-secret" : state.tokens.signingSecret;
  const signature = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
  return {
    url,
    body,
    headers: {
      "content-type": type === "events_api" ? "application/json" : "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": signature,
      ...(retry === undefined ? {} : { "x-slack-retry-num": String(retry.attempt), "x-slack-retry-reason": retry.reason }),
    },
  };
}

/** Posts a signed request and waits for its acknowledgement; `payload` of a refusal is `{ status }`. */
export async function postSigned(request: SignedRequest, ackMs: number): Promise<Fate> {
  const started = Date.now();
  try {
    const response = await fetch(request.url, {
      method: "POST",
      headers: request.headers,
      body: request.body,
      signal: AbortSignal.timeout(ackMs),
    });
    const text = await response.text();
    if (response.status !== 200) return { kind: "acked", payload: { status: response.status, text }, ms: Date.now() - started };
    const isJson = text.startsWith("{");
    return { kind: "acked", payload: isJson ? (JSON.parse(text) as Wire) : {}, ms: Date.now() - started };
  } catch (error) {
    return error instanceof Error && error.name === "TimeoutError" ? { kind: "late" } : { kind: "nobody" };
  }
}
