import { afterAll, beforeAll, expect, test } from "vitest";
import { halligan } from "../../cli/run-cli.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { openPty } from "../../support/pty.ts";

const barclamp = `barclamp: chatter
version: 1.0.0
description: Prints, and fails where it is told to.
attributes:
  bad: { type: string, default: "", why: "a fault for practice" }
  lines: { type: integer, default: 3, why: "a second each" }
roles:
  chatter:
    steps:
      - directory: { path: /var/lib/chatter }
      - command:
          name: talk
          run: 'i=0; while [ $i -lt {{ set.lines }} ]; do i=$((i+1)); echo "unpacking part $i"; sleep 1; done; if [ {{ node.name }} = "{{ set.bad }}" ]; then echo "no space left on device"; exit 28; fi; touch /var/lib/chatter/done-{{ set.lines }}'
          unless: test -e /var/lib/chatter/done-{{ set.lines }}
`;

const enter = "\r";
let lab: TestLab;

/** The cluster file, with what is to go wrong and how long it takes. */
function write(bad: string, lines: number): void {
  const deployments = `deployments:\n  all:\n    place:\n      chatter: { on: all }\n    set:\n      chatter: { bad: "${bad}", lines: ${lines} }\n`;
  writeCluster(lab, deployments, { "barclamps/chatter/barclamp.yaml": barclamp });
}

beforeAll(async () => {
  lab = await startSandbox(3);
});

afterAll(async () => {
  await lab.dispose();
});

test("applied from here, watched live, the failure explained, noted, and played again", async () => {
  write("n2", 3);
  await using tui = openPty(["tui"], { cwd: lab.folder, columns: 120, rows: 35 });
  await tui.see(/^› {2}n1/mu);
  tui.press("p");
  await tui.see(/P-1 .*create/u);
  tui.press("A");
  await tui.see("y does it");
  // A key that comes sooner than one can read is not taken for an answer.
  await tui.see(/Apply P-1 to 3 nodes/u);
  await new Promise((resolve) => setTimeout(resolve, 400));
  tui.press("y");
  await tui.see(/R-1 /u);
  tui.press("3");
  await tui.see(/R-1 .*running/u);
  await tui.see("unpacking part 2");
  await tui.see(/R-1 .*failed/u);
  tui.press("n");
  await tui.see(/^› {2}n2 .*\[✖\]/mu);
  await tui.see("STEP_FAILED");
  await tui.see("no space left on device");
  await tui.see("halligan logs R-1");
  await tui.gone("engine gone");
  expect((await halligan(["note", "n2/chatter", "clear the cache"], { cwd: lab.folder })).code).toBe(0);
  await tui.see("clear the cache");
  tui.press(enter);
  await tui.see("R-1 n2/chatter");
  tui.press("/", "p", "a", "r", "t", enter);
  await tui.see("3 of 4");
  tui.press("4");
  await tui.see(/^› {2}R-1 .*failed/mu);
  tui.press("r");
  await tui.see("R-1 again");
  await tui.see("the end");
  tui.press("0", " ", "n");
  await tui.see(/again .*stopped/u);
  // The other nodes may have ended in the same moment, and be what is told last.
  await tui.see(/R-1 running .*\n.*✖ 1 failed/u);
  await tui.see(/n2\/chatter +✖ failed/u);
  tui.press("q");
  expect((await tui.exit).code).toBe(0);
}, 120_000);

test("when the engine is killed it says so, and starts another that finishes the run", async () => {
  write("", 8);
  const applied = await halligan(["apply", "--yes", "--detach"], { cwd: lab.folder });
  expect(applied.code).toBe(0);
  await using tui = openPty(["tui"], { cwd: lab.folder, columns: 120, rows: 35 });
  await tui.see(/^› {2}n1/mu);
  tui.press("3");
  await tui.see("unpacking part 1");
  const { engine } = JSON.parse((await halligan(["status", "--json"], { cwd: lab.folder })).stdout) as { engine: { pid: number } };
  process.kill(engine.pid, "SIGKILL");
  await tui.see("No engine carries it out");
  tui.press("E");
  await tui.see("An engine is started on");
  await new Promise((resolve) => setTimeout(resolve, 400));
  tui.press("y");
  await tui.gone("No engine carries it out");
  await tui.see(/R-2 .*succeeded/u);
  const { stdout } = await halligan(["logs", "R-2", "n1/chatter"], { cwd: lab.folder });
  expect(stdout.match(/unpacking part/gu)).toHaveLength(8);
}, 120_000);

test("line by line: the same run, its failure, its log and its replay", async () => {
  const said = await halligan(["tui", "--plain"], {
    cwd: lab.folder,
    stdin: ["runs", "2", "about 2", "log 2", "back", "2", "back", "runs", "replay 2", "end", "quit", ""].join("\n"),
  });
  expect(said.stdout).toContain("R-1 failed, plan P-1");
  expect(said.stdout).toMatch(/n2: chatter failed \(STEP_FAILED\)/u);
  expect(said.stdout).toContain("no space left on device");
  expect(said.stdout).toContain("N-1 about chatter");
  expect(said.stdout).toContain("unpacking part 3");
  expect(said.stdout).toContain("the end");
}, 60_000);
