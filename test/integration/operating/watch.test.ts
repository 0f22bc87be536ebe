import { createHmac } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openState } from "../../../src/core/adapters/store/open.ts";
import { runStream, toStored } from "../../../src/core/journal/events.ts";
import type { Plan } from "../../../src/core/model/plan.ts";
import type { Json } from "../../../src/core/ports.ts";
import { indexEnd, plansCollection, requestRun } from "../../../src/core/run/requests.ts";
import { planBody } from "../../core/run/plans.ts";
import { parseOpenMetrics } from "../../support/open-metrics.ts";
import { type Served, startServe } from "../../support/serve-process.ts";

const clusterText =
  "halligan: 1\ncluster: lab\nssh: { user: root, port: 1, hostKeys: strict }\nnodes: { a: { address: 127.0.0.1 } }\ndeployments: {}\n";

let folder: string;
const serving: Served[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "halligan-watch-"));
  writeFileSync(join(folder, "cluster.yaml"), clusterText);
});
afterEach(async () => {
  for (const each of serving.splice(0)) await each.end();
  rmSync(folder, { recursive: true });
});

async function serveWithMetrics(): Promise<string> {
  const served = startServe(folder, ["--metrics", "0", "--no-slack"]);
  serving.push(served);
  await served.until(/127\.0\.0\.1:\d+\/metrics/u);
  return `http://127.0.0.1:${/127\.0\.0\.1:(\d+)\/metrics/u.exec(served.said())?.[1]}`;
}

/** A run that failed a moment ago, as an engine leaves it behind. */
async function failRun(): Promise<void> {
  const { store } = await openState({ url: join(folder, ".halligan", "state.db"), logs: join(folder, ".halligan", "logs") });
  const plan: Plan = {
    id: "P-1",
    digest: "sha256:2",
    body: planBody(),
    author: "ann",
    at: Date.now(),
    revision: "sha256:1",
    facts: "sha256:3",
  };
  await store.put(plansCollection, "P-1", plan as unknown as Json, 0);
  const run = await requestRun(store, plan, "ann", Date.now());
  const nodeRoles = { active: 0, changed: 0, skipped: 0, retired: 0, failed: 2, blocked: 1, unknown: 0 };
  const end = { type: "run.ended" as const, v: 1 as const, run, phase: "failed" as const, nodeRoles, durationMs: 1, problems: [] };
  await store.append(runStream(run), [toStored(end)]);
  await indexEnd(store, run, end, Date.now());
  await store.close();
}

test("metrics and health on loopback; a failed run is told once by two processes, by webhook and by command", {
  timeout: 120_000,
}, async () => {
  const posts: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  let refused = 0;
  const pager = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      // The first try meets a fault, as pagers do.
      if (refused++ === 0) return response.writeHead(500).end();
      posts.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      return response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => pager.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = pager.address() as AddressInfo;
    const [url, key, mail] = ["url", "key", "mail"].map((name) => join(folder, name)) as [string, string, string];
    writeFileSync(url, `http://127.0.0.1:${port}/hook?token=top-secret\n`, { mode: 0o600 });
    writeFileSync(key, "signing-key\n", { mode: 0o600 });
    writeFileSync(mail, `#!/bin/sh\ncat >> ${folder}/mailed\necho >> ${folder}/mailed\n`);
    chmodSync(mail, 0o700);
    writeFileSync(
      join(folder, "alerts.yaml"),
      `halligan: 1\nsend:\n  pager: { webhook: { urlFile: ${url}, keyFile: ${key} } }\n  mail: { command: [${mail}] }\n  other: { command: ["false"], on: [run-held] }\n`,
    );
    const [first, second] = await Promise.all([serveWithMetrics(), serveWithMetrics()]);
    const health = await fetch(`${first}/health`);
    expect([health.status, await health.json()]).toEqual([200, { halligan: 1, kind: "health", healthy: true, reasons: [] }]);
    await failRun();
    while (posts.length === 0 || !existsSync(join(folder, "mailed"))) await sleep(100);
    const [post] = posts;
    expect(JSON.parse(post?.body ?? "")).toMatchObject({
      halligan: 1,
      kind: "alert",
      id: "run-failed:R-1",
      alert: "run-failed",
      cluster: "lab",
      run: "R-1",
      by: "ann",
      nodeRoles: { failed: 2 },
      command: "halligan logs R-1",
      summary: expect.stringContaining("R-1 on lab failed: 2 node-roles failed") as string,
    });
    const signed = `${String(post?.headers["halligan-timestamp"])}.${post?.body}`;
    expect(post?.headers["halligan-signature"]).toBe(`sha256=${createHmac("sha256", "signing-key").update(signed).digest("hex")}`);
    const metricsWithIt = async (address: string): Promise<string> => {
      for (;;) {
        const text = await (await fetch(`${address}/metrics`)).text();
        if (text.includes('outcome="failed"} 1')) return text;
        await sleep(200);
      }
    };
    const [metrics] = await Promise.all([metricsWithIt(first), metricsWithIt(second)]);
    expect(parseOpenMetrics(metrics).get("halligan_store_up")?.samples).toEqual([{ labels: { cluster: "lab" }, value: 1 }]);
    expect([(await fetch(`${first}/other`)).status, (await fetch(`${first}/metrics`, { method: "POST" })).status]).toEqual([404, 405]);
    // Both have seen it, and one has told it.
    expect(posts).toHaveLength(1);
    expect(readFileSync(join(folder, "mailed"), "utf8").trim().split("\n")).toHaveLength(1);
    expect(serving.map((each) => each.said()).join("")).not.toContain("top-secret");
  } finally {
    await new Promise((resolve) => pager.close(resolve));
  }
});
