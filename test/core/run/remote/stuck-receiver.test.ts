import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { Connection, RemoteCommand } from "../../../../src/core/ports.ts";
import { superviseJob } from "../../../../src/core/run/remote/job.ts";
import { manualClock } from "../../../support/manual-clock.ts";

test("a receiver that does not come to a job is left 10 s after the script has arrived, which may take its time", async () => {
  const clock = manualClock();
  const began = clock.now();
  const told: string[] = [];
  const note = (what: string): number => told.push(`${(clock.now() - began) / 1_000} ${what}`);
  const silent = (): RemoteCommand => ({
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    exit: new Promise(() => undefined),
    abandon: () => note("abandoned"),
  });
  let receivers = 0;
  const connection: Connection = {
    closed: new Promise(() => undefined),
    close: async () => undefined,
    exec: async () => {
      note("attaches");
      const stdout = new PassThrough();
      stdout.end("HALLIGAN/1 feedbeef.R-1.1.second absent\n");
      return { ...silent(), stdout, exit: Promise.resolve({ kind: "exited", code: 78 }) };
    },
    converse: async (_text, { stdin }) => {
      const [, name = ""] = /HALLIGAN\/1 (\S+) feedbeef /u.exec(Buffer.concat(stdin).toString()) ?? [];
      note(`receiver ${(receivers += 1)} has ${name}`);
      const stdout = new PassThrough();
      stdout.write(`HALLIGAN/1 ${name} started\n@ done ok 0\n\n`);
      return {
        ...silent(),
        stdout,
        delivered: () => clock.sleep(15_000),
        say: () => void note("is sent more"),
        end: () => undefined,
      };
    },
  };
  const supervise = (name: string) =>
    superviseJob(
      { name: `feedbeef.R-1.1.${name}`, scope: "feedbeef", fence: "1", script: [new Uint8Array(20_000)] },
      {
        link: async () => ({ node: "n1", become: { kind: "none" }, connection }),
        clock,
        beforeSend: async () => undefined,
        onFrame: async () => undefined,
        onContact: async () => undefined,
        patienceMs: 60_000,
      },
      { attachFirst: false, signal: new AbortController().signal },
    );
  expect(await supervise("first")).toMatchObject({ type: "done" });
  let end: unknown;
  const second = supervise("second").then((each) => (end = each));
  for (let seconds = 0; seconds < 60 && end === undefined; seconds += 1) {
    await clock.pass(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await second).toMatchObject({ type: "done" });
  expect(told).toEqual([
    "0 receiver 1 has feedbeef.R-1.1.first",
    "0 is sent more",
    "35 abandoned",
    "35 attaches",
    "35 abandoned",
    "35 receiver 2 has feedbeef.R-1.1.second",
  ]);
});
