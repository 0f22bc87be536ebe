import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { VerifyDocument } from "../../../src/core/commands/verify-document.ts";
import { entry, halligan, node, type Ran } from "../../cli/run-cli.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { boxBarclamp } from "./barclamp.ts";

let lab: TestLab;

function run(...args: readonly string[]): Promise<Ran> {
  return halligan(args, { cwd: lab.folder, env: { HOME: lab.folder } });
}

async function verify(...args: readonly string[]): Promise<{ readonly code: number | null; readonly document: VerifyDocument }> {
  const { code, stdout, stderr } = await run("--json", "verify", ...args);
  expect(stderr).toBe("");
  return { code, document: JSON.parse(stdout) as VerifyDocument };
}

function outcomes({ capabilities }: VerifyDocument): Readonly<Record<string, string>> {
  return Object.fromEntries(
    capabilities.map((each) => [
      `${each.capability} ${each.node}`,
      each.outcome === "not-tried" ? `not tried: ${each.why}${each.why === "needs" ? ` ${each.needs}` : ""}` : each.outcome,
    ]),
  );
}

/** What lies in the service of a node, and what is left of scripts there. */
async function left(index: number): Promise<string> {
  return (await onNode(lab.status, index, "ls -A /srv/box; ls -A /run/halligan")).stdout.trim();
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error("it did not come about within a minute");
}

beforeAll(async () => {
  lab = await startSandbox(2);
  writeCluster(
    lab,
    "deployments:\n  one:\n    place: { box: all }\n    set: { box: { brittle: true } }\n    secrets: { box.password: { generate: 24 } }\n  two:\n    place: {}\n",
    { "barclamps/box/barclamp.yaml": boxBarclamp },
  );
}, 120_000);
afterAll(() => lab.dispose(), 120_000);

describe("capabilities are proven on the nodes", { timeout: 180_000 }, () => {
  test("what was not applied is not tried, which is no failure unless it was asked for by name", async () => {
    const { code, document } = await verify("--prove");
    expect([code, document.counts]).toEqual([0, { proven: 0, failed: 0, notTried: 10, interrupted: 0 }]);
    expect(outcomes(document)["box-files-return n1"]).toBe("not tried: not-active");
    expect((await verify("--capability", "box-files-return")).code).toBe(1);
    const unknown = await run("verify", "--capability", "box-file-return");
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("box-files-return")]);
    expect((await run("apply", "--yes")).code).toBe(0);
  });

  test("without --prove nothing is made", async () => {
    const { code, document } = await verify();
    expect([code, document.capabilities, document.nodeRoles.map(({ id, ok }) => [id, ok])]).toEqual([
      0,
      [],
      [
        ["n1/box", true],
        ["n2/box", true],
      ],
    ]);
    expect([await left(1), await left(2)]).toEqual(["", ""]);
  });

  test("proven, failed, too late, left behind, not tried: each is told, and what was made is gone", async () => {
    const names = ["files-return", "fails-loudly", "takes-long", "needs-more", "leaves-things", "circles-round", "circles-back"];
    const report = join(lab.folder, "proofs.xml");
    const asked = names.flatMap((name) => ["--capability", `box-${name}`]);
    const { code, document } = await verify(...asked, "--report", report);
    expect(code).toBe(1);
    expect(outcomes(document)).toEqual({
      "box-files-return n1": "proven",
      "box-files-return n2": "proven",
      "box-fails-loudly n1": "failed",
      "box-takes-long n1": "failed",
      "box-leaves-things n1": "failed",
      "box-needs-more n1": "not tried: needs box-fails-loudly",
      "box-circles-back n1": "not tried: needs box-circles-round",
      "box-circles-round n1": "not tried: needs box-circles-back",
    });
    expect([document.report, document.nodeRoles]).toEqual([report, []]);
    expect(document.problems.map(({ code: each, message }) => `${each} ${message}`).toSorted()).toEqual([
      "PROOF_FAILED box-fails-loudly: it ended with exit code 7.",
      "PROOF_FAILED box-takes-long: it took longer than 2s and was ended.",
      "PROOF_LEFT_BEHIND box-leaves-things: what its proof made may still be there: it ended with exit code 3.",
    ]);
    const loud = document.problems.find(({ message }) => message.includes("loudly"));
    expect(loud).toMatchObject({
      at: { node: "n1", role: "box", step: "command:break" },
      cause: "<![CDATA[ ]]> \\u0001& [secret one/box.password]".replace("one/", ""),
      hint: expect.stringContaining("`halligan verify --capability box-fails-loudly`"),
    });
    const junit = readFileSync(report, "utf8");
    expect(junit).toContain('tests="8" failures="3" errors="0" skipped="3"');
    expect(junit).toContain("&lt;![CDATA[ ]]&gt; \\u0001&amp; [secret box.password]");
    expect([await left(1), await left(2)]).toEqual(["second-ran", ""]);
  });

  test("who leaves with Ctrl+C has cleaned up; who is killed has it cleaned up", async () => {
    const args = [entry, "verify", "--capability", "box-can-wait"];
    const waits = (): Promise<boolean> => left(1).then((text) => text.includes("waits"));
    const gone = (): Promise<boolean> => left(1).then((text) => text === "second-ran");
    const child = spawn(node, args, { cwd: lab.folder, env: { ...process.env, HOME: lab.folder }, stdio: ["ignore", "pipe", "ignore"] });
    const told: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => told.push(chunk));
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await until(waits);
    child.kill("SIGINT");
    expect(await ended).toBe(6);
    expect(Buffer.concat(told).toString("utf8")).toContain("interrupted, and cleaned up");
    expect(await gone()).toBe(true);

    const alone = [entry, "verify", "--capability", "box-goes-on"];
    const killed = spawn(node, alone, { cwd: lab.folder, env: { ...process.env, HOME: lab.folder }, stdio: "ignore" });
    const dead = new Promise((resolve) => killed.on("close", resolve));
    await until(waits);
    killed.kill("SIGKILL");
    await dead;
    await onNode(lab.status, 1, "touch /srv/box/go");
    await until(gone);
  });

  test("what `verify` sees is told with what the step printed; a deployment that others have locked is left alone", async () => {
    await onNode(lab.status, 2, "touch /srv/box/sick");
    const { code, document } = await verify("one", "--report", "./seen.md");
    expect([code, document.problems[0]?.code, document.problems[0]?.cause]).toEqual([1, "VERIFY_FAILED", "looking"]);
    expect(readFileSync(join(lab.folder, "seen.md"), "utf8")).toContain("| n2/box | failed |");
    const bad = await run("verify", "--report", "seen.txt");
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining("`.md` (Markdown)")]);
    const nowhere = await verify("two", "--report", "no/such/folder/seen.json");
    expect([nowhere.code, nowhere.document.problems.map((each) => each.code)]).toEqual([2, ["FILE_UNWRITABLE"]]);
  });
});
