import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findEngine } from "../../../src/cli/house/engine-process.ts";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import { halligan, type Ran } from "../../cli/run-cli.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { textFrom } from "../../support/node-text.ts";
import { type TestLinks, testLinks } from "../../support/nodes.ts";

const names = ["alice", "bob", "carol", "dora"] as const;
type Name = (typeof names)[number];

let lab: TestLab;
let links: TestLinks;

beforeAll(async () => {
  lab = await startSandbox(2);
  links = testLinks(lab.targets);
  mkdirSync(join(lab.folder, "keys"));
  for (const name of names) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(lab.folder, "keys", name)]);
  writePeople();
});

afterAll(async () => {
  const engine = await engineNow();
  if (engine !== undefined) process.kill(engine, "SIGTERM");
  await links?.end();
  await lab?.dispose();
});

/** Alice and bob operate, bob, carol and dora approve; `leave`: people who are not in the file. */
function writePeople(...leave: readonly Name[]): void {
  const there = names.filter((name) => !leave.includes(name));
  const people = there.map((name) => `  ${name}: { keys: ["${readFileSync(join(lab.folder, "keys", `${name}.pub`), "utf8").trim()}"] }`);
  const list = (...all: readonly Name[]): string => `[${all.filter((name) => there.includes(name)).join(", ")}]`;
  const roles = `roles: { observer: [everyone], operator: ${list("alice", "bob")}, approver: ${list("alice", "bob", "carol", "dora")}, admin: ${list("dora")} }`;
  writeFileSync(join(lab.folder, "people.yaml"), `halligan: 1\npeople:\n${people.join("\n")}\n${roles}\n`);
}

function writeCase(text: string, approvals: string, barclamp = plain): void {
  const deployment = `deployments:\n  web:\n    place: { note: { on: all } }\n    set: { note: { text: "${text}" } }\n    rollout: { batch: 1 }\n    approvals: ${approvals}\n`;
  writeCluster(lab, deployment, { "barclamps/note/barclamp.yaml": barclamp });
}

const plain = `barclamp: note
version: 1.0.0
attributes: { text: { type: string } }
roles:
  note:
    steps:
      - file: { path: /root/note, content: "{{ set.text }}\\n" }
`;

/** Goes on for some seconds after its note is there, so that something can happen before the next batch. */
const slow = `${plain}      - command: { name: "wait-{{ set.text }}", run: "sleep 4; echo {{ set.text }} >> /root/waited" }\n`;

async function as(name: Name, ...args: readonly string[]): Promise<Ran> {
  return await halligan(["--identity", join(lab.folder, "keys", name), ...args], { cwd: lab.folder });
}

async function json(name: Name, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await as(name, ...args, "--json");
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "null") as Record<string, unknown>;
}

async function notes(): Promise<readonly string[]> {
  return await Promise.all(
    lab.targets.map(async ({ node }) =>
      (await textFrom((await links.link(node)).connection, "cat /root/note 2>/dev/null || echo none")).trim(),
    ),
  );
}

async function engineNow(): Promise<number | undefined> {
  const store = await openStore(join(lab.folder, ".halligan", "state.db"));
  const engine = await findEngine(store, "test-lab");
  await store.close();
  return engine?.pid;
}

/** Waits until something is so. */
async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(250);
  }
  throw new Error(`never: ${what}`);
}

/** Applies as alice, who is not approved, and gives the request and its plan. */
async function asked(): Promise<{ readonly request: string; readonly plan: string; readonly digest: string }> {
  const { stdout, code } = await as("alice", "apply", "--yes", "--json");
  expect(code).toBe(3);
  const last = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "null") as { type: string; request: string; plan: string; digest: string };
  expect(last.type).toBe("approval.requested");
  return last;
}

const held = async (): Promise<readonly string[] | undefined> => {
  const { activeRun } = (await json("alice", "status")) as { activeRun: { held: { problems: { code: string }[] } | null } | null };
  return activeRun?.held?.problems.map((each) => each.code);
};

describe("a plan that needs approval", { timeout: 120_000 }, () => {
  test("runs when somebody else has approved exactly it, once; author and bystanders cannot approve it", async () => {
    writeCase("one", "{ default: 1 }");
    const { request, plan, digest } = await asked();
    expect((await as("alice", "approve", request)).stderr).toContain("APPROVAL_NOT_COUNTED");
    expect((await as("carol", "approve", request, "--digest", "0123456789ab")).stderr).toContain("APPROVAL_DIGEST");
    expect((await as("alice", "apply", plan, "--yes")).code).toBe(3);
    expect(await notes()).toEqual(["none", "none"]);
    expect((await as("carol", "approve", request, "--digest", digest.slice(0, 20))).code).toBe(0);
    expect(await json("carol", "approve", request)).toMatchObject({ kind: "approval", done: "already", phase: "granted" });
    const shown = await as("bob", "approvals", request);
    expect(shown.stdout).toContain("file /root/note");
    expect(await json("alice", "apply", plan, "--yes")).toMatchObject({ type: "run.ended", phase: "succeeded" });
    expect(await notes()).toEqual(["one", "one"]);
    expect(await json("bob", "approvals", request)).toMatchObject({ phase: "consumed", run: "R-1" });
    expect((await as("carol", "reject", request, "--reason", "too late")).stderr).toContain("APPROVAL_ENDED");
    // Nobody is asked to approve, or may put off or force, what has been done already.
    for (const again of [
      ["apply", plan],
      ["schedule", plan, "--in", "1h"],
    ])
      expect(await as("alice", ...again, "--yes")).toMatchObject({ code: 4, stderr: expect.stringContaining("PLAN_STALE") });
    expect(await json("bob", "approvals", "--all")).toMatchObject({ requests: [{ request }] });
  });

  test("that is changed after its approval does not run: neither the old plan nor the new one", async () => {
    writeCase("two", "{ default: 1 }");
    const { request, plan } = await asked();
    await as("carol", "approve", request);
    writeCase("evil", "{ default: 1 }");
    expect((await as("alice", "apply", plan, "--yes")).stderr).toContain("PLAN_OUTDATED");
    const next = await asked();
    expect(next.request).not.toBe(request);
    expect(await json("bob", "approvals", request)).toMatchObject({
      phase: "voided",
      changed: [expect.stringContaining("file /root/note"), expect.anything()],
    });
    expect(await notes()).toEqual(["one", "one"]);
    // an edit that weakens the block comes too late, too: the last run was let through by the old one
    writeCase("evil", "{ default: 0 }");
    await asked();
    expect(await notes()).toEqual(["one", "one"]);
  });

  test("starts by itself with --wait; a rejection keeps it from it until it is taken back", async () => {
    writeCase("three", "{ default: 1 }");
    const { request } = await asked();
    await as("carol", "reject", request, "--reason", "not before lunch");
    expect((await as("alice", "apply", "--yes")).stderr).toContain("not before lunch");
    await as("carol", "withdraw", request);
    const waiting = as("alice", "apply", "--yes", "--wait", "--json");
    await sleep(1_500);
    expect(await notes()).toEqual(["one", "one"]);
    await as("carol", "approve", request);
    const { code, stdout } = await waiting;
    expect([code, stdout]).toEqual([0, expect.stringContaining('"type":"approval.given"')]);
    expect(await notes()).toEqual(["three", "three"]);
  });

  test("needs a signature where the block says stepUp, and takes one of a person's own key", async () => {
    writeCase("four", "{ default: { people: 1, stepUp: true } }");
    const { request, plan } = await asked();
    expect((await as("carol", "approve", request)).stderr).toContain("SIGNATURE_NEEDED");
    expect((await as("carol", "approve", request, "--sign", join(lab.folder, "keys", "dora"))).stderr).toContain("SIGNATURE_WRONG");
    const { signedText } = (await json("carol", "approvals", request)) as { signedText: string };
    writeFileSync(join(lab.folder, "text"), signedText);
    execFileSync(
      "ssh-keygen",
      ["-q", "-Y", "sign", "-n", "halligan-approval", "-f", join(lab.folder, "keys", "bob"), join(lab.folder, "text")],
      { stdio: "ignore" },
    );
    expect((await as("bob", "approve", request, "--signature", "text.sig")).code).toBe(0);
    expect(await json("carol", "approve", request, "--sign", "keys/carol")).toMatchObject({
      done: "approved",
      votes: [{ signed: true }, { signed: true }],
    });
    expect((await as("alice", "apply", plan, "--yes")).code).toBe(0);
    expect(await notes()).toEqual(["four", "four"]);
  });

  test("does not start with the vote of somebody who has left since", async () => {
    writeCase("five", "{ default: 1 }");
    const { request, plan } = await asked();
    await as("carol", "approve", request, "--sign", "keys/carol");
    writePeople("carol");
    const { code, stdout } = await as("alice", "apply", plan, "--yes");
    expect([code, stdout]).toEqual([3, expect.stringMatching(/carol .*does not count/u)]);
    expect(await notes()).toEqual(["four", "four"]);
    writePeople();
  });

  test("is held between batches when a vote is lost, over the death of its engine, until somebody else approves", async () => {
    writeCase("six", "{ default: 1 }", slow);
    const { request, plan } = await asked();
    await as("carol", "approve", request, "--sign", "keys/carol");
    expect((await as("alice", "apply", plan, "--yes", "--detach")).code).toBe(0);
    const running = as("alice", "watch", "--json");
    await until(async () => ((await notes()).includes("six") ? true : undefined), "the first batch");
    writePeople("carol");
    const codes = await until(held, "the run is held");
    expect(codes).toContain("APPROVAL_NEEDED");
    expect(await notes()).toEqual(["six", "four"]);
    const engine = await engineNow();
    if (engine === undefined) throw new Error("no engine");
    process.kill(engine, "SIGKILL");
    await until(async () => ((await engineNow()) === engine ? undefined : await held()), "held by the next engine");
    expect(await notes()).toEqual(["six", "four"]);
    expect((await as("bob", "approve", request, "--sign", "keys/bob")).code).toBe(0);
    const { code, stdout } = await running;
    expect(code).toBe(0);
    expect(stdout).toContain('"type":"run.held"');
    expect(stdout).toContain('"type":"run.released"');
    expect(await notes()).toEqual(["six", "six"]);
    for (const { node } of lab.targets) expect(await textFrom((await links.link(node)).connection, "cat /root/waited")).toBe("six\n");
    writePeople();
  });

  test("is asked of nobody in single-user mode", async () => {
    rmSync(join(lab.folder, "people.yaml"));
    writeCase("seven", "{ default: 3 }");
    const { code } = await halligan(["apply", "--yes"], { cwd: lab.folder });
    expect(code).toBe(0);
    expect(await notes()).toEqual(["seven", "seven"]);
  });
});
