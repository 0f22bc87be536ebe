import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fail } from "../../core/errors.ts";

/** What a request is answered with. */
export interface DoorPage {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** A client that takes longer to ask is nobody's monitoring, ms. */
const requestMs = 10_000;

/** Opens a port on 127.0.0.1 alone; `pages` answers by path. @throws `METRICS_PORT`. */
export async function openMetricsDoor(
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
