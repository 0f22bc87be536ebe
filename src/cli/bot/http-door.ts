import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { DoorAnswer, DoorRequest, HttpDoor } from "../../bot/transport/http-receiver.ts";
import { fail } from "../../core/errors.ts";

/** Slack's own payloads are some kilobytes; a view with all its state stays below this. */
const bodyLimit = 1024 * 1024;
/** A client that takes longer to say what it wants is not Slack, ms. */
const requestMs = 10_000;
const connectionsAtOnce = 256;

/** Opens a port on 127.0.0.1 alone: TLS and the outside belong to a proxy in front. `opened` is told the port. */
export function createHttpDoor(port: number, opened: (port: number) => void): HttpDoor {
  const server = createServer({ requestTimeout: requestMs, headersTimeout: requestMs, maxHeaderSize: 16 * 1024 });
  server.maxConnections = connectionsAtOnce;
  return {
    async open(handle) {
      server.on("request", (request, response) => void serve(request, response, handle).catch(() => response.destroy()));
      await new Promise<void>((resolve, reject) => {
        server.once("error", (error) => {
          const message = `Port ${port} of 127.0.0.1 cannot be opened.`;
          reject(fail("SLACK_SETUP", { message, cause: error.message, hint: "Choose another port: `halligan serve --http PORT`.", error }));
        });
        server.listen(port, "127.0.0.1", resolve);
      });
      opened((server.address() as AddressInfo).port);
    },
    async close() {
      server.closeIdleConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: DoorRequest) => Promise<DoorAnswer>,
): Promise<void> {
  response.setHeader("connection", "close"); // a proxy opens a new one; closing then never waits for an idle client
  if (request.method === "GET" && request.url === "/healthz") return end(response, { status: 200, body: "ok\n", type: "text/plain" });
  if (request.method !== "POST") return end(response, { status: 405 });
  const body = await readBody(request);
  if (body === undefined) return end(response, { status: 413 });
  end(response, await handle({ headers: request.headers, body }));
}

/** The whole body; `undefined` when it is too long. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > bodyLimit) return undefined;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bodyLimit) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function end(response: ServerResponse, { status, body, type }: DoorAnswer): void {
  response.writeHead(status, type === undefined ? {} : { "content-type": `${type}; charset=utf-8` }).end(body ?? "");
}
