import { expect, test } from "vitest";
import { fail } from "../../../../src/core/errors.ts";
import type { Exit, RemoteCommand } from "../../../../src/core/ports.ts";
import { executeJob, type JobSite } from "../../../../src/core/run/execute-job.ts";
import type { NodeLink } from "../../../../src/core/run/remote/node-link.ts";
import { nodeExit } from "../../../../src/core/run/remote/node-shell.ts";
import { tellToEnd } from "../../../../src/core/run/remote/tell-to-end.ts";
import type { RunState } from "../../../../src/core/run/state.ts";
import { manualClock } from "../../../support/manual-clock.ts";
import { plannedNodeRole } from "../plans.ts";
import { wideIntake } from "../../../support/wide-intake.ts";

const job = "feedbeef.R-1.1.web";
const { signal } = new AbortController();

async function* said(text: string): AsyncGenerator<Uint8Array> {
  if (text !== "") yield Buffer.from(text);
}

function command(text: string, exit: Exit): RemoteCommand {
  return { stdout: said(text), stderr: said(""), exit: Promise.resolve(exit), abandon: () => undefined };
}

/** A node that answers each text as `answer` says. */
function nodeThat(answer: (text: string) => RemoteCommand): NodeLink {
  const connection = {
    closed: new Promise<never>(() => undefined),
    close: async () => undefined,
    exec: async (text: string) => answer(text),
  };
  return { node: "n1", become: { kind: "none" }, connection };
}

/** Takes over a job of which the node knows nothing; what was sent to the node by then. */
async function takeOver(cancelled: RunState["cancel"]) {
  const sent: string[] = [];
  const link = nodeThat((text) => {
    if (text.includes(`HALLIGAN/1 ${job} attached`))
      return command(`HALLIGAN/1 ${job} absent\n`, { kind: "exited", code: nodeExit.absent });
    sent.push(text);
    return command(`HALLIGAN/1 ${job} nospace\n`, { kind: "exited", code: nodeExit.noSpace });
  });
  const prepared = { compiled: { script: [new Uint8Array([1])], artefacts: [], steps: [] }, secrets: [], checks: [] };
  const site = {
    intake: wideIntake,
    workshop: { prepare: () => prepared },
    logs: { tail: async () => ({ next: 0 }) },
    clock: manualClock(),
    scope: "feedbeef",
    limits: { patienceMs: 1_000, checkDeadlineMs: 1_000 },
    link: async () => link,
  } as unknown as JobSite;
  const planned = plannedNodeRole("n1", "web");
  const task = {
    run: "R-1",
    planned,
    attempt: 1,
    job,
    attachFirst: true,
    rebooting: false,
    staleness: "exact",
    outputs: new Map(),
  } as const;
  const outcome = await executeJob(
    site,
    task,
    { token: 7, turn: 0 },
    { append: async () => undefined, cancelled: () => cancelled },
    signal,
  );
  return { outcome, sent };
}

test("a job that an engine left before it was sent is not sent by the next one once its run is cancelled", async () => {
  const { outcome, sent } = await takeOver("after-step");
  expect(outcome).toMatchObject({ end: "failed", changed: 0, problem: { code: "RUN_CANCELLED", at: { node: "n1", role: "web" } } });
  expect(sent).toEqual([]);
});

test("without a cancel it is sent", async () => {
  const { outcome, sent } = await takeOver(undefined);
  expect(outcome).toMatchObject({ end: "failed", problem: { code: "NODE_DISK_FULL" } });
  expect(sent).toHaveLength(1);
});

test("a job is told to end again and again while its node is away or does not have it yet, until it has heard", async () => {
  const clock = manualClock();
  const answers: (() => RemoteCommand)[] = [
    () => {
      throw fail("CONNECTION_LOST", { message: "gone" });
    },
    () => command("", { kind: "exited", code: nodeExit.absent }),
    () => command("", { kind: "lost", reason: "cut" }),
    () => command("", { kind: "exited", code: 0 }),
  ];
  let asked = 0;
  const link = nodeThat(() => (answers[asked++] as () => RemoteCommand)());
  let told = false;
  const telling = tellToEnd(job, false, { link: async () => link, clock, goesOn: () => true }, signal).then(() => (told = true));
  for (let round = 0; round < 3; round += 1) await clock.pass(500);
  await telling;
  expect(told).toBe(true);
  expect(asked).toBe(4);
});

test("a job that is over is not told", async () => {
  const link = async (): Promise<never> => expect.unreachable();
  await tellToEnd(job, true, { link, clock: manualClock(), goesOn: () => false }, signal);
});
