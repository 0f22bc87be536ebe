import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { KnownBlock } from "@slack/types";
import { messageFaults } from "./check-message.ts";
import type { Chaos } from "./chaos.ts";
import { methods } from "./methods.ts";
import type { Wire } from "./model.ts";
import type { Sockets } from "./sockets.ts";
import { addMessage, type DoubleState } from "./state.ts";

const appMethods = new Set(["apps.connections.open"]);

/** The HTTP side of a double: the Web API, uploads, response urls, and the door for web sockets. */
export async function startServer(
  state: DoubleState,
  chaos: () => Chaos,
  sockets: () => Sockets,
): Promise<{ readonly server: Server; cut(): void; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const calls = new Map<string, number[]>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      state.violations.push(`the double failed: ${String(error)}`);
      response.destroy();
    });
  });
  server.on("connection", (socket) => {
    if (chaos().isDown) return void socket.destroy();
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => undefined);
  });
  server.on("upgrade", (request, socket, head) => sockets().upgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  state.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await readAll(request);
    const path = new URL(request.url ?? "/", state.address).pathname;
    if (path.startsWith("/upload/")) return upload(path.slice(8), request, bytes, response);
    if (path.startsWith("/response/")) return await respond(path.slice(10), bytes, response);
    if (!path.startsWith("/api/")) return void response.writeHead(404).end();
    await call(path.slice(5), request, bytes, response);
  }

  async function call(method: string, request: IncomingMessage, bytes: Buffer, response: ServerResponse): Promise<void> {
    const args = argsOf(request, bytes);
    const trouble = chaos().take(method);
    const told = (answered: string): void => void state.calls.push({ method, args, at: Date.now(), answer: answered });
    if (trouble?.kind === "slow") await delay(trouble.ms);
    if (trouble?.kind === "rateLimited") {
      told("ratelimited");
      return void response.writeHead(429, { "retry-after": String(trouble.retryAfter) }).end();
    }
    if (trouble?.kind === "status") {
      told(`status ${trouble.status}`);
      return void response.writeHead(trouble.status).end("upstream trouble");
    }
    if (trouble?.kind === "dropBefore") {
      told("dropped before");
      return void request.socket.destroy();
    }
    const limit = overLimit(method, args);
    if (limit !== undefined) {
      told("ratelimited");
      return void response.writeHead(429, { "retry-after": String(limit) }).end();
    }
    const body = trouble?.kind === "error" ? { ok: false, error: trouble.error } : perform(method, request, args);
    told(body["ok"] === true ? "ok" : String(body["error"]));
    if (trouble?.kind === "dropAfter") return void request.socket.destroy();
    response
      .writeHead(200, { "content-type": "application/json", "x-oauth-scopes": [...state.scopes].join(",") })
      .end(JSON.stringify(body));
  }

  function perform(method: string, request: IncomingMessage, args: Wire): Wire {
    const token = /^Bearer (.+)$/u.exec(request.headers.authorization ?? "")?.[1] ?? String(args["token"] ?? "");
    if (appMethods.has(method)) {
      if (token !== state.tokens.app) return { ok: false, error: "invalid_auth" };
      return sockets().openTicket();
    }
    if (token !== state.tokens.bot) return { ok: false, error: token === "" ? "not_authed" : "invalid_auth" };
    const known = methods[method];
    if (known === undefined) {
      state.violations.push(`${method} is a method that the double does not know`);
      return { ok: false, error: "unknown_method" };
    }
    if (known.scopes.length > 0 && !known.scopes.some((scope) => state.scopes.has(scope)))
      return { ok: false, error: "missing_scope", needed: known.scopes[0], provided: [...state.scopes].join(",") };
    const answered = known.run(state, args);
    return typeof answered === "string" ? { ok: false, error: answered } : answered;
  }

  /** Seconds to wait where a method's rate is used up. */
  function overLimit(method: string, args: Wire): number | undefined {
    const { minuteMs } = state.options;
    const known = methods[method];
    if (minuteMs === undefined || known === undefined) return undefined;
    const key = method === "chat.postMessage" ? `${method} ${String(args["channel"])}` : method;
    const now = Date.now();
    const recent = (calls.get(key) ?? []).filter((at) => at > now - minuteMs);
    calls.set(key, recent);
    if (recent.length >= known.perMinute) return Math.max(1, Math.ceil(((recent[0] ?? now) + minuteMs - now) / 1000));
    recent.push(now);
    return undefined;
  }

  function upload(id: string, request: IncomingMessage, bytes: Buffer, response: ServerResponse): void {
    const file = state.files.get(id);
    if (file === undefined) return void response.writeHead(404).end();
    file.bytes = filePart(request, bytes);
    response.writeHead(200).end("OK");
  }

  async function respond(id: string, bytes: Buffer, response: ServerResponse): Promise<void> {
    const trouble = chaos().take("response_url");
    if (trouble?.kind === "status") return void response.writeHead(trouble.status).end();
    const found = state.responseUrls.get(id);
    if (found === undefined || found.until < Date.now()) return void response.writeHead(404).end("expired_url");
    if (found.left === 0) {
      state.violations.push("response_url used more than five times");
      return void response.writeHead(404).end("used_url");
    }
    found.left -= 1;
    const args = JSON.parse(bytes.toString("utf8")) as Wire;
    const original = state.messages.find((each) => each.ts === found.original);
    if (args["delete_original"] === true) {
      if (original !== undefined) original.deleted = true;
      return void response.writeHead(200).end("ok");
    }
    for (const fault of messageFaults(args)) state.violations.push(`response_url: ${fault}`);
    if (args["response_type"] === undefined && args["replace_original"] !== true) state.violations.push("response_url: no response_type");
    const text = String(args["text"] ?? "");
    const blocks = (args["blocks"] ?? []) as KnownBlock[];
    if (args["replace_original"] === true && original !== undefined) {
      original.text = text;
      original.blocks = blocks;
      original.edits += 1;
    } else {
      const only = args["response_type"] === "in_channel" ? {} : { only: found.user };
      addMessage(state, { channel: found.channel, user: state.bot.user, bot: true, text, blocks, broadcast: false, ...only });
    }
    response.writeHead(200).end("ok");
  }

  return {
    server,
    cut() {
      for (const socket of open) socket.destroy();
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

/** Arguments as JSON, or as a form in which what is no text is JSON. */
function argsOf(request: IncomingMessage, bytes: Buffer): Wire {
  const body = bytes.toString("utf8");
  if ((request.headers["content-type"] ?? "").startsWith("application/json")) return body === "" ? {} : (JSON.parse(body) as Wire);
  const args: Wire = {};
  for (const [key, value] of new URLSearchParams(body)) args[key] = /^[[{]/u.test(value) ? asJson(value) : value;
  return args;
}

function asJson(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** The file of a multipart form, or the whole body. */
function filePart(request: IncomingMessage, bytes: Buffer): Buffer {
  const boundary = /boundary=(.+)$/u.exec(request.headers["content-type"] ?? "")?.[1];
  if (boundary === undefined) return bytes;
  const start = bytes.indexOf("\r\n\r\n") + 4;
  const end = bytes.indexOf(`\r\n--${boundary}`, start);
  return bytes.subarray(start, end);
}
