// A reverse proxy small enough to read: asks its backends whether they are ready, spreads requests over those that are, and passes a request
// on to the next one when a backend does not answer. Started as: node hello-balancer.mjs CONFIG.json
import { readFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";

const config = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { address, port, readyPath, intervalMs, timeoutMs, graceMs } = config;
const backends = config.backends.map(({ node, address: at }) => {
  const colon = at.lastIndexOf(":");
  return { node, host: at.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(at.slice(colon + 1)), ready: false, served: 0 };
});

/** Requests up to this size are kept until a backend has answered, so that they can be passed on. */
const KEPT_BYTES = 1024 * 1024;
/** Methods that may be sent twice (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]);
/** Headers of one connection, which are not passed on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];
const agent = new Agent({ keepAlive: false });

function ask(backend) {
  return new Promise((resolve) => {
    const asked = request({ host: backend.host, port: backend.port, path: readyPath, agent, timeout: intervalMs * 4 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(false));
    asked.end();
  });
}

async function watch(backend) {
  for (;;) {
    const ready = await ask(backend);
    if (ready !== backend.ready) process.stdout.write(`hello-balancer: ${backend.node} is ${ready ? "ready" : "not ready"}\n`);
    backend.ready = ready;
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

let turn = 0;

/** Backends in the order in which this request tries them: ready ones in turn, then the others. */
function order() {
  turn = (turn + 1) % Math.max(backends.length, 1);
  const rotated = [...backends.slice(turn), ...backends.slice(0, turn)];
  return [...rotated.filter((each) => each.ready), ...rotated.filter((each) => !each.ready)];
}

function passOn(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
}

function fail(response, status, message) {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { "content-type": "text/plain" }).end(`${message}\n`);
}

/** Sends a request to the first backend of the list; to the next when it cannot be reached, or could not finish and may be repeated. */
function forward(incoming, body, response, [backend, ...others]) {
  if (backend === undefined) return fail(response, 503, "no backend is ready");
  let connected = false;
  const headers = { ...passOn(incoming.headers), "content-length": body.length, "x-forwarded-for": incoming.socket.remoteAddress ?? "" };
  const outgoing = request({
    host: backend.host,
    port: backend.port,
    method: incoming.method,
    path: incoming.url,
    headers,
    agent,
    timeout: timeoutMs,
  });
  const next = () => {
    backend.ready = false;
    if (response.headersSent) response.destroy();
    else if (!connected || IDEMPOTENT.has(incoming.method)) forward(incoming, body, response, others);
    else fail(response, 502, `${backend.node} did not answer`);
  };
  outgoing.on("socket", (socket) => socket.once("connect", () => (connected = true)));
  outgoing.on("timeout", () => outgoing.destroy(new Error("timeout")));
  outgoing.once("error", next);
  outgoing.once("response", (answer) => {
    backend.served += 1;
    response.writeHead(answer.statusCode, passOn(answer.headers));
    answer.on("error", () => response.destroy());
    answer.pipe(response);
  });
  outgoing.end(body);
}

function status() {
  return JSON.stringify(backends.map(({ node, ready, served }) => ({ node, ready, served })));
}

const server = createServer((incoming, response) => {
  if (incoming.url === "/-/healthz") return response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
  if (incoming.url === "/-/status") return response.writeHead(200, { "content-type": "application/json" }).end(`${status()}\n`);
  const chunks = [];
  let bytes = 0;
  incoming.on("error", () => response.destroy());
  incoming.on("data", (chunk) => {
    bytes += chunk.length;
    if (bytes <= KEPT_BYTES) chunks.push(chunk);
  });
  incoming.on("end", () => {
    if (bytes > KEPT_BYTES) fail(response, 413, `requests of more than ${KEPT_BYTES} bytes are not passed on`);
    else forward(incoming, Buffer.concat(chunks), response, order());
  });
});

let stopping = false;
function stop() {
  if (stopping) return;
  stopping = true;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), graceMs).unref();
}

process.on("SIGTERM", stop);
process.on("SIGINT", stop);
server.on("error", (error) => {
  process.stderr.write(`hello-balancer: cannot listen on ${address}:${port}: ${error.code}\n`);
  process.exit(1);
});
for (const backend of backends) void watch(backend);
server.listen({ host: address, port }, () =>
  process.stdout.write(`hello-balancer: listens on ${address}:${port} for ${backends.length} backends\n`),
);
