import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import { type Alert, alertsOf } from "../../../src/core/alerts/alert.ts";
import { deliver, forgetOld, type Send } from "../../../src/core/alerts/deliver.ts";
import { type AlertReceiver, everyAlert, noAlerts } from "../../../src/core/alerts/settings.ts";
import { slackAwaySince } from "../../../src/core/alerts/slack-seen.ts";
import { problem } from "../../../src/core/errors.ts";
import { loadAlerts } from "../../../src/core/files/load-alerts.ts";
import type { ClusterStanding } from "../../../src/core/health/standing.ts";
import type { Store } from "../../../src/core/ports.ts";
import { freshRun, planBody } from "../run/plans.ts";

let folder: string;
let store: Store;
let now: number;
const clock = { now: () => now, sleep: () => Promise.resolve() };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-alerts-"));
  store = await openStore(join(folder, "state.db"));
  now = 1_800_000_000_000;
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const minute = 60_000;
const receiver: AlertReceiver = { name: "pager", way: { kind: "command", words: ["true"] }, on: everyAlert };
const alert: Alert = { id: "run-failed:R-1", alert: "run-failed", cluster: "lab", since: 1, run: "R-1" };

const quiet: ClusterStanding = {
  cluster: "lab",
  at: 1_800_000_000_000,
  roundTripMs: 1,
  head: 1,
  engine: undefined,
  open: [],
  orphan: undefined,
  ended: { succeeded: 0, failed: 0, cancelled: 0 },
  failed: [],
  standing: 0,
  approvals: [],
};

test("each condition is told once it has lasted long enough, under an id that stays the same", () => {
  const { at } = quiet;
  const nodeRoles = { failed: 1 };
  const running = { ...freshRun(planBody()), phase: "running" } as const;
  const holding = (ms: number) => ({ ...running, held: { problems: [problem("RUN_ACTIVE", { message: "x" })], since: at - ms } });
  const ids = (parts: Partial<ClusterStanding>, slackSince?: number) =>
    alertsOf({ ...quiet, ...parts }, noAlerts, slackSince).map(({ id }) => id);
  expect(ids({})).toEqual([]);
  expect(ids({ failed: [{ run: "R-4", by: "ann", endedAt: at, nodeRoles }] })).toEqual(["run-failed:R-4"]);
  expect(ids({ open: [running, holding(15 * minute - 1)] })).toEqual([]);
  expect(ids({ open: [holding(15 * minute)] })).toEqual([`run-held:R-1:${at - 15 * minute}`]);
  const request = (ms: number) => ({ approvals: [{ request: "A-2" as const, by: "ann", openedAt: at - ms }] });
  expect([ids(request(30 * minute - 1)), ids(request(30 * minute))]).toEqual([[], ["approval-waiting:A-2"]]);
  const orphan = (ms: number) => ({ orphan: { run: "R-1" as const, by: "ann", version: 9, since: at - ms } });
  expect([ids(orphan(2 * minute - 1)), ids(orphan(2 * minute))]).toEqual([[], ["engine-gone:R-1:9"]]);
  expect([ids({}, at - 5 * minute + 1), ids({}, at - 5 * minute)]).toEqual([[], [`slack-unreachable:${at - 5 * minute}`]]);
});

test("of many processes that find the same, one tells it, once", async () => {
  let sent = 0;
  const send: Send = async () => {
    sent += 1;
    return { sent: true };
  };
  const others = await Promise.all([1, 2, 3].map(() => openStore(join(folder, "state.db"))));
  for (let look = 0; look < 3; look += 1)
    await Promise.all([store, ...others].map((each) => deliver({ store: each, clock, send, log: () => undefined }, [alert], [receiver])));
  await Promise.all(others.map((each) => each.close()));
  expect(sent).toBe(1);
});

test("what failed is tried again with growing pauses; a sender that died is replaced after a minute", async () => {
  const lines: string[] = [];
  const tries: number[] = [];
  let works = false;
  const send: Send = async () => {
    tries.push(now);
    return works ? { sent: true } : { sent: false, why: "the other side answered 500" };
  };
  const go = () => deliver({ store, clock, send, log: (line) => lines.push(line) }, [alert], [receiver]);
  const begun = now;
  for (; now < begun + 5 * minute; now += 5_000) await go();
  expect(tries.map((at) => (at - begun) / 1000)).toEqual([0, 15, 45, 105, 225]);
  works = true;
  now += 20 * minute;
  await go();
  await go();
  expect(tries).toHaveLength(6);
  expect(lines.at(-1)).toBe("alerts: pager was told: run-failed:R-1");
  expect(lines[0]).toContain("try 1, the next in 15 s");

  const dies = deliver(
    { store, clock, send: () => new Promise(() => undefined), log: () => undefined },
    [{ ...alert, id: "x" }],
    [receiver],
  );
  dies.catch(() => undefined); // it never ends
  while ((await store.get("alerts", "pager/x")) === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  const next = () => deliver({ store, clock, send, log: () => undefined }, [{ ...alert, id: "x" }], [receiver]);
  await next();
  expect(tries).toHaveLength(6);
  now += minute;
  await next();
  expect(tries).toHaveLength(7);
  now += 8 * 24 * 60 * minute;
  await forgetOld({ store, clock });
  expect(await store.list("alerts")).toEqual([]);
});

test("Slack is away when nobody reaches it, not when one process does not", async () => {
  expect(await slackAwaySince(store, clock, false)).toBeUndefined();
  const since = now;
  now += minute;
  expect(await slackAwaySince(store, clock, false)).toBe(since);
  expect(await slackAwaySince(store, clock, true)).toBeUndefined();
  now += 1000;
  expect(await slackAwaySince(store, clock, false)).toBe(since + minute);
});

test("a file that is wrong is told with its places, all at once", () => {
  const load = (text: string) => loadAlerts({ file: "alerts.yaml", text });
  const good = load(
    "halligan: 1\nsend:\n  pager: { webhook: { urlFile: /x, keyEnv: KEY }, on: [run-failed] }\n  mail: { command: [mail, ops] }\nafter: { held: 1h }\n",
  );
  expect(good.problems).toEqual([]);
  expect(good.settings).toEqual({
    receivers: [
      { name: "pager", way: { kind: "webhook", url: { file: "/x" }, key: { variable: "KEY" } }, on: new Set(["run-failed"]) },
      { name: "mail", way: { kind: "command", words: ["mail", "ops"] }, on: everyAlert },
    ],
    after: { ...noAlerts.after, held: 60 * minute },
  });
  const codes = (text: string) => load(text).problems.map(({ code }) => code);
  expect(codes("halligan: 1\nsend: { a: {}, b: { webhook: { url: https://x } } }\nother: 1\n").length).toBeGreaterThanOrEqual(3);
  expect(codes("halligan: 1\nsend: { a: { command: [x], on: [nothing] } }\nafter: { held: soon }\n")).toEqual([
    "VALUE_INVALID",
    "VALUE_INVALID",
  ]);
  expect(codes("")).toContain("KEY_MISSING");
});
