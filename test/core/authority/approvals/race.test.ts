import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../../src/cli/house/clock.ts";
import { approve, openApproval } from "../../../../src/core/authority/approvals/desk.ts";
import { readApproval } from "../../../../src/core/authority/approvals/read.ts";
import type { ApprovalState } from "../../../../src/core/authority/approvals/state.ts";
import { type World, keptPlan, local, openWorld, rule } from "./world.ts";

const actor = fileURLToPath(new URL("../../../support/approval-actor.ts", import.meta.url));

/** What an actor did: its answer, or the code with which it was refused. */
type Report = { readonly said: unknown } | { readonly code: string };

let folder: string;
let file: string;
let world: World;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-approval-race-"));
  file = join(folder, "state.db");
});

afterEach(async () => {
  await world.store.close();
  await rm(folder, { recursive: true, force: true });
});

async function opened(people: number, ttlMs = 3_600_000): Promise<ApprovalState> {
  world = await openWorld(file, { default: rule({ people, ttlMs }) });
  const found = await openApproval(world.deps, await keptPlan(world.store), "alice");
  if (found === undefined) throw new Error("nothing was asked");
  return found.state;
}

/** Starts one process per act; all of them act at the same moment. */
async function race(at: number, acts: readonly (readonly [what: string, person: string])[]): Promise<readonly Report[]> {
  return await Promise.all(
    acts.map(
      ([what, person]) =>
        new Promise<Report>((resolve, reject) => {
          const child = spawn(process.execPath, [actor, file, String(at), what, person, "A-1"], { stdio: ["ignore", "pipe", "pipe"] });
          let out = "";
          let err = "";
          child.stdout.on("data", (chunk) => (out += chunk));
          child.stderr.on("data", (chunk) => (err += chunk));
          child.on("error", reject);
          child.on("close", (code) => (code === 0 ? resolve(JSON.parse(out) as Report) : reject(new Error(`actor: ${err}`))));
        }),
    ),
  );
}

const soon = (): number => systemClock.now() + 1_500;

describe("processes that act on one request at the same moment", { timeout: 60_000 }, () => {
  test("approve and approve: both votes are there, each once, and one run is asked for", async () => {
    await opened(2);
    const reports = await race(soon(), [
      ["approve", "bob"],
      ["approve", "carol"],
      ["approve", "bob"],
    ]);
    expect(reports.filter((each) => "said" in each && each.said === false)).toHaveLength(2);
    expect(reports.filter((each) => "said" in each && each.said === true)).toHaveLength(1);
    expect([...(await readApproval(world.deps, "A-1")).votes.keys()].toSorted()).toEqual(["bob", "carol"]);
    const runs = await race(soon(), [
      ["run", "alice"],
      ["run", "alice"],
      ["run", "bob"],
    ]);
    const started = new Set(runs.flatMap((each) => ("said" in each ? [each.said] : [])));
    expect(started.size).toBe(1);
    expect((await world.store.read({})).filter((event) => event.type === "intent.run")).toHaveLength(1);
    expect((await readApproval(world.deps, "A-1")).end).toMatchObject({ kind: "consumed", run: [...started][0] });
  });

  test("approve, reject and run: either the run had it before the rejection, or it never gets it", async () => {
    const state = await opened(1);
    await approve(world.deps, "A-1", { ...local("bob"), digest: state.digest });
    const [no, run] = await race(soon(), [
      ["reject", "carol"],
      ["run", "alice"],
      ["approve", "dora"],
    ]);
    const after = await readApproval(world.deps, "A-1");
    const story = (await world.store.read({ stream: "approval:A-1" })).map((event) => event.type);
    expect(no).toEqual({ said: false });
    expect(after.rejections.has("carol")).toBe(true);
    const used = after.end?.kind === "consumed" ? after.end.run : undefined;
    const before = story.includes("approval.consumed") && story.indexOf("approval.consumed") < story.indexOf("approval.rejected");
    expect([run, before]).toEqual(used === undefined ? [{ code: "APPROVAL_REJECTED" }, false] : [{ said: used }, true]);
  });

  test("approve, run and expiry: what was too late is refused, and the journal agrees with what everybody was told", async () => {
    const state = await opened(1, 2_500);
    await approve(world.deps, "A-1", { ...local("bob"), digest: state.digest });
    const [vote, run] = await race(state.expiresAt - 3, [
      ["approve", "carol"],
      ["run", "alice"],
    ]);
    const after = await readApproval(world.deps, "A-1");
    expect(vote).toEqual(after.votes.has("carol") ? { said: false } : { code: "APPROVAL_ENDED" });
    const used = after.end?.kind === "consumed" ? after.end.run : undefined;
    expect(run).toEqual(used === undefined ? { code: "APPROVAL_ENDED" } : { said: used });
    expect(after.end?.kind).toBe(used === undefined ? "expired" : "consumed");
    expect((await world.store.read({})).filter((event) => event.type === "intent.run")).toHaveLength(used === undefined ? 0 : 1);
  });
});
