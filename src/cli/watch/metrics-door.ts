import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fail } from "../../core/errors.ts";
import type { HealthDocument } from "../../core/health/judge.ts";
import { type MetricFamily, openMetricsText, openMetricsType } from "../../core/health/open-metrics.ts";

/** What a request is answered with. */
interface DoorPage {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** A client that takes longer to ask is nobody's monitoring, ms. */
const requestMs = 10_000;

/**
 * Answers /metrics and /health on a port of 127.0.0.1, and logs where; does nothing without a port. Resolves with the way to stop.
 * @throws `METRICS_PORT`.
 */
export async function openWatchDoor(
  port: number | undefined,
  log: (line: string) => void,
  answers: { readonly metrics: () => readonly MetricFamily[]; readonly health: () => HealthDocument },
): Promise<() => Promise<void>> {
  if (port === undefined) return () => Promise.resolve();
  const door = await openDoor(port, {
    "/metrics": () => ({ status: 200, type: openMetricsType, body: openMetricsText(answers.metrics()) }),
    "/health": () => {
      const health = answers.health();
      return { status: health.healthy ? 200 : 503, type: "application/json; charset=utf-8", body: `${JSON.stringify(health)}\n` };
    },
  });
  log(`metrics and health: http://127.0.0.1:${door.port}/metrics and /health`);
  return () => door.close();
}

/** Opens a port on 127.0.0.1 alone; `pages` answers by path. @throws `METRICS_PORT`. */
async function openDoor(
  port: number,
  pages: Readonly<Record<string, () => DoorPage>>,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server: Server = createServer({ requestTimeout: requestMs, headersTimeout: requestMs, maxHeaderSize: 16 * 1024 });
  server.maxConnections = 64;
  server.on("request", (request, response) => {
    const [path = ""] = (request.url ?? "").split("?");
    const page = Object.hasOwn(pages, path) ? pages[path]?.() : undefined;
    response.setHeader("connection", "close");
    response.setHeader("cache-control", "no-store");
    if (request.method !== "GET" && request.method !== "HEAD") return response.writeHead(405, { allow: "GET, HEAD" }).end();
    if (page === undefined) return response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("/metrics or /health\n");
    return response.writeHead(page.status, { "content-type": page.type }).end(request.method === "HEAD" ? undefined : page.body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(fail("METRICS_PORT", { message: `Port ${port} of 127.0.0.1 cannot be opened for metrics.`, cause: error.message, error })),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeIdleConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
