import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Wire } from "./model.ts";
import type { DoubleState } from "./state.ts";

/** How an envelope fared: `acked` with the payload of the acknowledgement, or not in time, or with nobody to take it. */
export type Fate =
  | { readonly kind: "acked"; readonly payload: Wire; readonly ms: number }
  | { readonly kind: "late" }
  | { readonly kind: "nobody" };

/** Socket Mode of a double. */
export interface Sockets {
  /** Answers `apps.connections.open`. */
  openTicket(): Wire;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sends an envelope to one random connection; when that breaks before the acknowledgement, to another one. */
  deliver(type: string, payload: Wire, retry?: { readonly attempt: number; readonly reason: string }): Promise<Fate>;
  /** How many connections are ready. */
  readonly count: number;
  /** Tells connections that they will be closed, as Slack does every few hours, and closes them; `which` counts from 0. */
  refresh(which?: number): void;
  /** Breaks connections without a word. */
  cut(): void;
  close(): void;
}

/** At most ten connections, as Slack has it. */
const mostConnections = 10;

/** Makes the web socket side. */
export function createSockets(state: DoubleState): Sockets {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const ready: WebSocket[] = [];
  const waiting = new Map<string, { settle(payload: Wire): void; lost(socket: WebSocket): void }>();

  server.on("connection", (socket) => {
    ready.push(socket);
    socket.on("error", () => undefined);
    socket.on("message", (data) => acknowledged(data));
    socket.on("close", () => {
      forget(socket);
      for (const each of waiting.values()) each.lost(socket);
    });
    socket.send(
      JSON.stringify({
        type: "hello",
        num_connections: ready.length,
        connection_info: { app_id: state.app },
        debug_info: { host: "double", approximate_connection_time: 3600 },
      }),
    );
  });

  function forget(socket: WebSocket): void {
    const index = ready.indexOf(socket);
    if (index >= 0) ready.splice(index, 1);
  }

  function acknowledged(data: RawData): void {
    const { envelope_id: id, payload } = JSON.parse((data as Buffer).toString("utf8")) as { envelope_id?: string; payload?: Wire };
    const found = id === undefined ? undefined : waiting.get(id);
    if (found === undefined) state.violations.push(`an acknowledgement of nothing: ${String(id)}`);
    else found.settle(payload ?? {});
  }

  function sendTo(frame: string, not?: WebSocket): WebSocket | undefined {
    const candidates = ready.filter((each) => each !== not && each.readyState === each.OPEN);
    const chosen = candidates[candidates.length === 0 ? 0 : randomInt(candidates.length)];
    chosen?.send(frame);
    return chosen;
  }

  return {
    openTicket() {
      if (ready.length >= mostConnections) return { ok: false, error: "too_many_websockets" };
      const ticket = randomBytes(8).toString("hex");
      tickets.add(ticket);
      return { ok: true, url: `${state.address.replace("http", "ws")}/link/?ticket=${ticket}` };
    },
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? "/", state.address).searchParams.get("ticket") ?? "";
      if (!tickets.delete(ticket)) return void socket.destroy();
      server.handleUpgrade(request, socket, head, (opened) => server.emit("connection", opened, request));
    },
    async deliver(type, payload, retry) {
      const id = randomUUID();
      const frame = JSON.stringify({
        type,
        envelope_id: id,
        payload,
        accepts_response_payload: type !== "events_api",
        ...(retry === undefined ? {} : { retry_attempt: retry.attempt, retry_reason: retry.reason }),
      });
      const started = Date.now();
      return await new Promise<Fate>((resolve) => {
        const end = (fate: Fate): void => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(fate);
        };
        const timer = setTimeout(() => end({ kind: "late" }), state.options.ackMs);
        let at = sendTo(frame);
        if (at === undefined) return end({ kind: "nobody" });
        waiting.set(id, {
          settle: (answer) => end({ kind: "acked", payload: answer, ms: Date.now() - started }),
          lost(socket) {
            if (socket !== at) return;
            at = sendTo(frame, socket);
            if (at === undefined) end({ kind: "nobody" });
          },
        });
      });
    },
    get count() {
      return ready.length;
    },
    refresh(which) {
      for (const socket of which === undefined ? [...ready] : ready.slice(which, which + 1)) {
        forget(socket);
        socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested", debug_info: { host: "double" } }));
        setTimeout(() => socket.close(), 1000).unref();
      }
    },
    cut() {
      for (const socket of [...ready]) socket.terminate();
    },
    close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}
