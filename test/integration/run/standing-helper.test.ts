import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { wholeOf } from "../../../src/core/jigs/script.ts";
import { compileLooks, compileScript } from "../../../src/core/jigs/shell/compile.ts";
import type { ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { askNode, collect, type NodeLink } from "../../../src/core/run/remote/node-link.ts";
import { cancelCommand, cleanCommand, nodeExit } from "../../../src/core/run/remote/node-shell.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { type TestLinks, testLinks } from "../../support/nodes.ts";
import { nodeRole, step } from "../jigs/run-script.ts";
import { type ReceiverByHand, receiverByHand } from "./receiver-by-hand.ts";

/** The helper of a receiver that stays: one for all of its scripts. */

let lab: TestLab;
let links: TestLinks;
let link: NodeLink;
let receiver: ReceiverByHand;
let number = 0;

beforeAll(async () => {
  lab = await startSandbox(1);
  links = testLinks(lab.targets);
  link = await links.link("n1");
  await onNode("mkdir -p /usr/local/sbin /run/halligan /var/lib/halligan/jobs");
});

afterAll(async () => {
  await links?.end();
  await lab?.dispose();
});

beforeEach(async () => {
  // Each of these is noted when it is called.
  const tools = ["perl", "mkdir", "dd", "mv", "rm", "stat", "sha256sum", "awk", "grep", "head", "cat"];
  const noted = tools.map(
    (tool) => `printf '#!/bin/sh\\necho ${tool} >>/srv/calls\\nexec /usr/bin/${tool} "$@"\\n' >/usr/local/sbin/${tool}`,
  );
  await onNode(`rm -rf /srv/helped /srv/calls; ${noted.join("; ")}; chmod 755 /usr/local/sbin/*`);
  receiver = receiverByHand(link.connection, "/bin/sh", "helper");
});

afterEach(async () => {
  await receiver.leave();
  await onNode("umount /run/halligan 2>/dev/null; rm -f /usr/local/sbin/*");
});

async function onNode(command: string): Promise<string> {
  const { stdout, stderr } = await link.connection.exec(`PATH=/usr/bin:/bin; ${command}`);
  const [said] = await Promise.all([collect(stdout, 1 << 20), collect(stderr, 0)]);
  return said.toString("utf8");
}

const helpers = (): Promise<string> => onNode("pgrep -f 'helper 60$' | tr '\\n' ' '");
const calls = async (): Promise<readonly string[]> => (await onNode("cat /srv/calls; rm -f /srv/calls")).split("\n").filter(Boolean);
const jobName = (): string => `feedbeef.R-${(number += 1)}.1.web`;
const files: readonly ResolvedStep[] = [
  step("directory", { path: "/srv/helped" }),
  ...["a", "b"].map((name) => step("file", { path: `/srv/helped/${name}`, content: `${name}\n`, mode: "0640" })),
];
const command = (run: string): ResolvedStep => step("command", { name: "c", run });

const look = (steps: readonly ResolvedStep[]): Promise<string> =>
  receiver.turn("look check 0", wholeOf(compileLooks([{ nodeRole: nodeRole(steps) }], 0).script));
const apply = (steps: readonly ResolvedStep[], name = jobName()): Promise<string> =>
  receiver.turn(
    `${name} feedbeef 1`,
    wholeOf(compileScript({ mode: "apply", nodeRole: nodeRole(steps), expected: {}, staleness: "bounded" }).script),
  );

test("looks, jobs, what claims them and what cleans after them are helped by one process", async () => {
  expect(await look(files)).toContain("@ done ok 0");
  const job = jobName();
  expect(await apply(files, job)).toContain("@ done changed 0");
  expect(await look([...files, step("directory", { path: "/srv/helped/c" })])).toMatch(/@ observed 2 none[^]*@ observed 3 create/u);
  // Digests of files that are there already are no helper's work.
  expect((await calls()).filter((tool) => tool !== "sha256sum")).toEqual(["perl"]);
  // Commands see what scripts see, and have no part in what is said to the helper.
  const other = jobName();
  const descriptors = await onNode("ls /proc/self/fd | tr '\\n' ' '");
  expect(await apply([command("echo $HG_JOB; ls /proc/self/fd | tr '\\n' ' '")], other)).toContain(
    `\n/var/lib/halligan/jobs/${other}\n${descriptors}\n`,
  );
  const third = jobName();
  const own = step("command", { name: "own", run: "echo helper=${HG_HELPER-none}", env: { A: "b" } });
  expect(await apply([own], third)).toContain("\nhelper=none\n");
  const cleaned = receiver.turn("clean check 0", Buffer.from(`${cleanCommand([job, other, third])}\nexit 0\n`));
  receiver.end();
  expect(await cleaned).toBe("HALLIGAN/1 clean started\n");
  expect(await receiver.exit()).toEqual({ kind: "exited", code: 0 });
  expect(await onNode(`ls /var/lib/halligan/jobs; ls /run/halligan; cat /srv/helped/b`)).toBe("b\n");
  expect(await calls()).not.toContain("rm");
  await expect.poll(helpers).toBe("");
});

test("one that is gone between two scripts is done without: a job takes its own, a look the tools", async () => {
  expect(await look(files)).toContain("@ done ok 0");
  expect((await helpers()).trim()).toMatch(/^\d+$/u);
  await onNode("pkill -9 -f 'helper 60$'");
  expect(await look(files)).toMatch(/@ observed 2 create[^]*@ done ok 0/u);
  expect(await apply(files)).toContain("@ done changed 0");
  expect(await look(files)).toMatch(/@ observed 2 none[^]*@ done ok 0/u);
  expect(await onNode("cat /srv/helped/a")).toBe("a\n");
  expect((await calls()).filter((tool) => tool === "perl")).toHaveLength(2);
});

test("one that is killed while it runs a command fails that step; what follows is not helped, and done", async () => {
  expect(await look(files)).toContain("@ done ok 0");
  const running = apply([command("sleep 5")]);
  await sleep(700);
  await onNode("pkill -9 -f 'helper 60$'");
  expect(await running).toMatch(/the process that was to run it was killed\n@ done failed/u);
  expect(await apply(files)).toContain("@ done changed 0");
});

test("a job that is told to end now leaves the helper for the next one", async () => {
  const name = jobName();
  expect(await look(files)).toContain("@ done ok 0");
  const before = await helpers();
  const running = apply([command("sleep 60")], name);
  await sleep(700);
  await askNode(link, cancelCommand(name, true));
  expect(await running).toContain("@ done cancelled");
  expect(await helpers()).toBe(before);
  expect(await apply(files)).toContain("@ done changed 0");
  expect((await calls()).filter((tool) => tool === "perl")).toHaveLength(1);
});

test("a script for which the node has no room is told so, with why, and nothing of it stays", async () => {
  await onNode("mount -t tmpfs -o size=16k tmpfs /run/halligan");
  expect(await look(files)).toContain("@ done ok 0");
  const name = jobName();
  expect(await apply(files, name)).toMatch(new RegExp(`^HALLIGAN/1 ${name} nospace No space left on device\\n$`, "u"));
  expect(await receiver.exit()).toEqual({ kind: "exited", code: nodeExit.noSpace });
  expect(await onNode("ls /run/halligan; ls /srv/helped 2>/dev/null")).toBe("");
  expect(await calls()).not.toContain("dd");
});

test.each([
  ["ends at once", "exit 127"],
  ["takes a part of its program and ends", "head -c 3000 <&5 >/dev/null; exit 3"],
  ["says something else", "head -c 3000 <&5 >/dev/null; echo perl: warning; exit 0"],
])("where Perl %s there is no helper, and nothing else changes", async (_, perl) => {
  await onNode(`printf '#!/bin/sh\\n${perl}\\n' >/usr/local/sbin/perl`);
  expect(await look(files)).toMatch(/@ observed 2 create[^]*@ done ok 0/u);
  expect(await apply(files)).toContain("@ done changed 0");
  expect(await look(files)).toMatch(/@ observed 2 none[^]*@ done ok 0/u);
  expect(await calls()).toContain("stat");
});
