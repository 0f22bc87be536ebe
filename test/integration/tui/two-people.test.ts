import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { halligan } from "../../cli/run-cli.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { type PtyProgram, openPty } from "../../support/pty.ts";

const barclamp = `barclamp: greeting
version: 1.0.0
description: A file with a greeting.
attributes:
  text: { type: string, default: hello, why: What people see first. }
roles:
  greeting:
    critical: true
    steps:
      - file: { path: /etc/greeting, content: "{{ set.text }}\\n" }
`;
const deployments = `deployments:
  all:
    place:
      greeting: { on: all }
    set: { greeting: { text: welcome } }
    approvals: { default: 1, pointOfNoReturn: 1 }
`;
const enter = "\r";

let lab: TestLab;
let clusterName: string;

beforeAll(async () => {
  lab = await startSandbox(1);
  writeCluster(lab, deployments, { "barclamps/greeting/barclamp.yaml": barclamp });
  clusterName = /^cluster: (.+)$/mu.exec(readFileSync(join(lab.folder, "cluster.yaml"), "utf8"))?.[1] ?? "";
  const key = (name: string): string => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(lab.folder, name)]);
    return readFileSync(join(lab.folder, `${name}.pub`), "utf8").trim();
  };
  writeFileSync(
    join(lab.folder, "people.yaml"),
    `halligan: 1
people:
  alice: { keys: ["${key("alice")}"] }
  bob: { keys: ["${key("bob")}"] }
roles:
  observer: [everyone]
  operator: [alice]
  approver: [bob]
`,
  );
});

afterAll(async () => {
  await lab.dispose();
});

async function as(person: string, ...args: readonly string[]): Promise<Awaited<ReturnType<typeof halligan>>> {
  return await halligan(["--identity", join(lab.folder, person), ...args], { cwd: lab.folder });
}

function tuiOf(person: string): PtyProgram {
  return openPty(["--identity", join(lab.folder, person), "tui"], { cwd: lab.folder, columns: 120, rows: 35 });
}

test("two people at one cluster: one asks, the other sees it, approves exactly that, and the run goes on; a request that is void takes no vote", async () => {
  expect((await as("alice", "plan")).code).toBe(0);
  await using alice = tuiOf("alice");
  await using bob = tuiOf("bob");
  await alice.see(/^› {2}n1/mu);
  await bob.see("alice here");
  await alice.see("bob here");

  // Alice asks: applying her plan opens the request.
  alice.press("2");
  await alice.see("P-1");
  alice.press("A");
  await alice.see("does it");
  await later();
  alice.press("y");
  await alice.see("Nothing was changed: A-1 asks for approval first.");
  await alice.see("It waits for bob.");
  await bob.see("approval waits for you");

  // A paste is no answer; the typed name is.
  bob.press("5");
  await bob.see("A-1");
  bob.press(enter);
  await bob.see("It waits for your vote");
  bob.press("A");
  await bob.see(`type ${clusterName}`);
  bob.paste(`${clusterName}\r`);
  await later();
  bob.press("\u0015");

  // Meanwhile Alice plans something else: the request is void, and Bob's answer, which is about the old one, says so.
  const file = join(lab.folder, "cluster.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("text: welcome", "text: servus"));
  expect((await as("alice", "plan")).code).toBe(0);
  for (const char of clusterName) bob.press(char);
  await bob.see(`> ${clusterName}`);
  bob.press(enter);
  await bob.see("did not succeed");
  await bob.see("APPROVAL_ENDED");
  bob.press("h");
  await bob.see("It is over");

  // The new plan is asked for and approved; then it may run.
  expect((await as("alice", "apply", "P-2", "--yes", "--detach")).code).toBe(3);
  bob.press("5");
  await bob.see("A-2");
  bob.press("g", enter);
  await bob.see("It waits for your vote");
  bob.press("A");
  await bob.see(`type ${clusterName}`);
  await later();
  for (const char of clusterName) bob.press(char);
  await bob.see(`> ${clusterName}`);
  bob.press(enter);
  await bob.see("granted");
  expect((await as("alice", "apply", "P-2", "--yes")).code).toBe(0);
  await bob.see("used");

  bob.press("q");
  expect((await bob.exit).code).toBe(0);
  await alice.gone("bob here");
  alice.press("9");
  await alice.see("bob approves A-2");
}, 120_000);

/** A question takes no answer in its first 300 ms. */
async function later(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 400));
}

test("an edit that breaks the files leads to the place; one that mends them offers a plan, and tells what it does otherwise", async () => {
  const editor = join(lab.folder, "editor.sh");
  const script = (sed: string): void =>
    writeFileSync(editor, `#!/bin/sh\nfor file; do :; done\nsed -i '${sed}' "$file"\n`, { mode: 0o755 });
  expect((await as("alice", "plan")).code).toBe(0);
  script("s/text: [a-z]*/text: [/");
  await using tui = openPty(["--identity", join(lab.folder, "alice"), "tui"], {
    cwd: lab.folder,
    columns: 120,
    rows: 35,
    env: { EDITOR: editor },
  });
  await tui.see(/^› {2}n1/mu);
  tui.press("6");
  await tui.see("greeting");
  tui.press(enter);
  await tui.see("What people see first.");
  tui.press("j", "e");
  await tui.see("until they are mended nothing can be planned");
  await tui.see(/cluster\.yaml:\d+:\d+/u);
  script("s/text: \\[/text: moin/");
  tui.press(enter);
  await tui.see("has changed");
  await tui.see(/\+\d+:.*text: moin/u);
  await later();
  tui.press("y");
  await tui.gone("y does it");
  await tui.see(/P-\d+ against P-\d+/u);
  tui.press("q");
  expect((await tui.exit).code).toBe(0);
}, 90_000);
