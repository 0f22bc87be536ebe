// A web service small enough to read: it greets, says whether it is ready, and lets running requests finish when it is told to stop.
// Started as: node hello-web.mjs CONFIG.json
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const config = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { address, port, node, version, greeting, faulty, drainFile, graceMs } = config;

/** Ready for traffic: neither faulty, nor drained, nor about to end. */
const isReady = () => !stopping && !faulty && !existsSync(drainFile);

const answers = {
  "/": () => [200, "text/plain", `${greeting} from ${node} (version ${version})\n`],
  "/version": () => [200, "application/json", `${JSON.stringify({ node, version, greeting, pid: process.pid })}\n`],
  "/healthz": () => (faulty ? [500, "text/plain", "faulty on purpose\n"] : [200, "text/plain", "ok\n"]),
  "/readyz": () => (isReady() ? [200, "text/plain", "ready\n"] : [503, "text/plain", "not ready\n"]),
};

let stopping = false;
const server = createServer((request, response) => {
  const path = request.url.split("?", 1)[0];
  const [status, type, body] = (answers[path] ?? (() => [404, "text/plain", "not found\n"]))();
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "x-served-by": node,
    ...(stopping ? { connection: "close" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
});

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
  process.stderr.write(`hello-web: cannot listen on ${address}:${port}: ${error.code}\n`);
  process.exit(1);
});
server.listen({ host: address, port }, () => process.stdout.write(`hello-web: version ${version} listens on ${address}:${port}\n`));
