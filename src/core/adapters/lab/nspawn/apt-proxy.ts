import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** Port of the caching proxy on the bridge. */
export const PROXY_PORT = 3142;

const UPSTREAM_TIMEOUT_MS = 60_000;

/** A package file never changes under its name; indexes do and are always fetched. */
function isImmutable(url: URL): boolean {
  return /\.u?deb$/.test(url.pathname) || url.pathname.includes("/by-hash/");
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": statSync(path).size, "x-cache": "hit" });
  await pipeline(createReadStream(path), response);
}

function forward(incoming: IncomingMessage, url: URL): Promise<IncomingMessage> {
  const { "proxy-connection": _hop, connection: _also, ...headers } = incoming.headers;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: incoming.method, headers, timeout: UPSTREAM_TIMEOUT_MS }, resolve);
    outgoing.on("timeout", () => outgoing.destroy(new Error("the mirror does not answer")));
    outgoing.on("error", reject);
    incoming.pipe(outgoing);
  });
}

let drafts = 0;

/** Copies a body to a file on its way. The last chunk goes on when the file is in place: whoever has all of it can count on the copy. */
async function* keepCopy(answer: IncomingMessage, keepAs: string): AsyncGenerator<Buffer> {
  drafts += 1;
  const draft = `${keepAs}.${process.pid}.${drafts}`;
  const file = await open(draft, "wx");
  let last: Buffer | undefined;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      if (last !== undefined) yield last;
      last = chunk;
      await file.writeFile(chunk);
    }
    if (statSync(draft).size === Number(answer.headers["content-length"] ?? Number.NaN)) renameSync(draft, keepAs);
  } finally {
    await file.close();
    rmSync(draft, { force: true });
  }
  if (last !== undefined) yield last;
}

async function passOn(answer: IncomingMessage, response: ServerResponse, keepAs: string | undefined): Promise<void> {
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(keepAs === undefined || answer.statusCode !== 200 ? answer : keepCopy(answer, keepAs), response);
}

async function answerRequest(incoming: IncomingMessage, response: ServerResponse, cacheDir: string): Promise<void> {
  const url = URL.canParse(incoming.url ?? "") ? new URL(incoming.url ?? "") : undefined;
  if (url === undefined || url.protocol !== "http:" || (incoming.method !== "GET" && incoming.method !== "HEAD")) {
    response.writeHead(400).end("This proxy fetches http URLs for apt.\n");
    return;
  }
  const cacheable = incoming.method === "GET" && incoming.headers.range === undefined && isImmutable(url);
  const path = cacheable ? join(cacheDir, createHash("sha256").update(url.href).digest("hex")) : undefined;
  if (path !== undefined && existsSync(path)) await serveFile(path, response);
  else await passOn(await forward(incoming, url), response, path);
}

/** An apt proxy that keeps package files on disk. */
export interface AptProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the proxy on one address. Port 0 = any. */
export async function startAptProxy(address: string, port: number, cacheDir: string): Promise<AptProxy> {
  mkdirSync(cacheDir, { recursive: true, mode: 0o755 });
  const server = createServer((incoming, response) => {
    answerRequest(incoming, response, cacheDir).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(504).end(`${error instanceof Error ? error.message : String(error)}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => resolve());
  });
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
