import { afterAll, beforeAll, expect, test } from "vitest";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeCluster } from "../../support/cluster-folder.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { halligan } from "../../cli/run-cli.ts";
import { openPty } from "../../support/pty.ts";

const enter = "\r";
let lab: TestLab;

beforeAll(async () => {
  lab = await startSandbox(1);
  const barclamp = 'barclamp: note\nversion: 1.0.0\nroles:\n  note:\n    steps:\n      - file: { path: /etc/note, content: "hello\\n" }\n';
  writeCluster(lab, "deployments:\n  all:\n    place:\n      note: { on: all }\n", { "barclamps/note/barclamp.yaml": barclamp });
});

afterAll(async () => {
  await lab.dispose();
});

/** A program of that name in a folder of its own, for PATH. */
function program(name: string, script: string, mode: number): string {
  const folder = join(lab.folder, "programs");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, script);
  chmodSync(file, mode);
  return folder;
}

test("a pager that is missing, one that ends at once, and an editor that is not executable are told with what to do", async () => {
  const folder = program("plainly", "not a program\n", 0o644);
  const env = { PATH: process.env["PATH"] ?? "", PAGER: "no-such-pager -x", VISUAL: `${folder}/plainly --wait` };
  await using tui = openPty(["tui"], { cwd: lab.folder, columns: 140, env });
  await tui.see(/^› {2}n1/mu);
  tui.press("p");
  await tui.see(/P-\d+ .*create/u);
  tui.press("o");
  await tui.see("`no-such-pager -x` ($PAGER) was not found");
  tui.press("6");
  await tui.see(/^› {2}all/mu);
  tui.press("e");
  await tui.see("perhaps it is not executable");
  tui.press("q");
  expect((await tui.exit).code).toBe(0);

  await using short = openPty(["tui", "--screen", "plan"], { cwd: lab.folder, env: { ...env, PAGER: "cat" } });
  await short.see(/P-\d+ .*create/u);
  short.press("o");
  await short.see("enter goes back");
  await short.see("note on n1");
  short.press(enter);
  await short.see("? help");
});

test("what a failing ssh says can be read before the screen comes back, and the next action is named", async () => {
  const folder = program("ssh", "#!/bin/sh\necho 'ssh: connect to host: Connection refused' >&2\nexit 255\n", 0o755);
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  await using tui = openPty(["tui"], { cwd: lab.folder, columns: 140, env });
  await tui.see(/^› {2}n1/mu);
  tui.press("!");
  await tui.see("Connection refused");
  await tui.see("enter goes back");
  tui.press(enter);
  await tui.see("`halligan doctor n1` looks for the cause");
});

test("every key typed into a shell on a node gets there, and afterwards the screen takes keys again", async () => {
  const folder = program("ssh", '#!/bin/sh\necho ready\nwhile read -r line && [ "$line" != leave ]; do echo "got:$line."; done\n', 0o755);
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  await using tui = openPty(["tui"], { cwd: lab.folder, env });
  await tui.see(/^› {2}n1/mu);
  tui.press("!");
  await tui.see("ready");
  for (const word of ["one", "two", "three", "four"]) {
    tui.press(word, enter);
    await tui.see(`got:${word}.`);
  }
  tui.press("leave", enter);
  await tui.see("? help");
  tui.press("q");
  expect((await tui.exit).code).toBe(0);
});

test("the audit tells what was asked for in the terminal UI", async () => {
  await using tui = openPty(["tui", "--screen", "plan"], { cwd: lab.folder });
  await tui.see(/P-\d+ .*create/u);
  tui.press(":", "plan all", enter);
  await tui.see("plan all: done.");
  const { stdout } = await halligan(["audit", "--json"], { cwd: lab.folder });
  expect(JSON.parse(stdout)).toMatchObject({
    entries: expect.arrayContaining([expect.objectContaining({ front: "tui", action: "plan" })]),
  });
});
