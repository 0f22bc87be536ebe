import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { halligan } from "../../cli/run-cli.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { openPty } from "../../support/pty.ts";

const barclamp = `barclamp: greeting
version: 1.0.0
description: A file with a greeting.
roles:
  greeting:
    steps:
      - file: { path: /etc/greeting, content: "hello\\n" }
      - command: { name: wait, run: sleep 3 && touch /etc/greeting-waited, unless: test -e /etc/greeting-waited }
`;

const enter = "\r";
const leftAlternateScreen = "\u001b[?1049l";
const cursorShown = "\u001b[?25h";

let lab: TestLab;

beforeAll(async () => {
  lab = await startSandbox(3);
  writeCluster(lab, "deployments:\n  all:\n    place:\n      greeting: { on: all }\n", { "barclamps/greeting/barclamp.yaml": barclamp });
});

afterAll(async () => {
  await lab.dispose();
});

describe("the terminal UI in a terminal", () => {
  test("starts, moves, filters, plans from the palette, resizes, and leaves the terminal as it was", async () => {
    await using tui = openPty(["tui"], { cwd: lab.folder });
    await tui.see(/^› {2}n1 .*nothing yet/mu);
    tui.press("j");
    await tui.see(/^› {2}n2/mu);
    tui.press("/");
    await tui.see(/^\//mu);
    tui.press("n", "3", enter);
    await tui.see("1 of 3");
    tui.press("\u001b");
    await tui.gone("1 of 3");
    tui.press(":");
    await tui.see("Type a command");
    tui.press("p", "l", "a", "n");
    await tui.see("halligan plan");
    tui.press(" ", "a", "l", "l", enter);
    await tui.see(/P-\d+ .*create/u);
    await tui.see("greeting");
    tui.resize(60, 12);
    await tui.see("? help");
    expect(tui.screen()).toHaveLength(12);
    tui.resize(50, 10);
    await tui.see("needs 60x12");
    tui.resize(120, 40);
    await tui.see("file /etc/greeting");
    tui.press("q");
    expect(await tui.exit).toEqual({ code: 0, signal: 0 });
    expect(tui.raw()).toContain(leftAlternateScreen);
    expect(tui.raw().lastIndexOf(cursorShown)).toBeGreaterThan(tui.raw().lastIndexOf("\u001b[?25l"));
  });

  test("with --mouse a press and the wheel move the cursor, keys still work, and the terminal stops reporting at the end", async () => {
    await using tui = openPty(["tui", "--mouse"], { cwd: lab.folder });
    await tui.see(/^› {2}n1/mu);
    const row = tui.screen().findIndex((line) => /^ {3}n3/u.test(line)) + 1;
    tui.press(`\u001b[<0;5;${row}M`, `\u001b[<0;5;${row}m`);
    await tui.see(/^› {2}n3/mu);
    tui.press("\u001b[<64;5;5M");
    await tui.see(/^› {2}n1/mu);
    tui.press("j");
    await tui.see(/^› {2}n2/mu);
    tui.press("q");
    expect(await tui.exit).toEqual({ code: 0, signal: 0 });
    expect(tui.raw().lastIndexOf("\u001b[?1000l")).toBeGreaterThan(tui.raw().lastIndexOf("\u001b[?1000h"));
  });

  test("a node's page shows facts after a discovery, without pressing anything", async () => {
    await using tui = openPty(["tui"], { cwd: lab.folder });
    await tui.see(/^› {2}n1/mu);
    tui.press(enter);
    await tui.see("› n1");
    await tui.see("what differs");
    expect((await halligan(["discover", "n1"], { cwd: lab.folder })).code).toBe(0);
    await tui.see("threads");
    tui.press("h");
    await tui.see(/^› {2}n1/mu);
  });

  test("files that break are told, and told to be whole again", async () => {
    await using tui = openPty(["tui"], { cwd: lab.folder });
    await tui.see(/^› {2}n1/mu);
    const text = readFileSync(join(lab.folder, "cluster.yaml"), "utf8");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(join(lab.folder, "cluster.yaml"), `${text}\nnonsense: 1\n`);
    await tui.see("Could not be read again");
    writeFileSync(join(lab.folder, "cluster.yaml"), text);
    await tui.gone("Could not be read again");
  });

  test("killed or stalled while a run goes on: the run does not notice", async () => {
    expect((await halligan(["plan"], { cwd: lab.folder })).code).toBe(0);
    {
      await using tui = openPty(["tui", "--screen", "plan"], { cwd: lab.folder });
      await tui.see(/P-\d+ /u);
      tui.press("A");
      await tui.see("does it");
      tui.paste("y\r");
      await new Promise((resolve) => setTimeout(resolve, 400)); // a person reads the question
      tui.press("y");
      await tui.see(/R-1 running/u);
      tui.stall();
      tui.kill("SIGKILL");
    }
    const watched = await halligan(["watch", "R-1"], { cwd: lab.folder });
    expect(watched.code).toBe(0);
    await using again = openPty(["tui"], { cwd: lab.folder });
    await again.see(/3 ok/u);
  });

  test.each(["SIGTERM", "SIGHUP"] as const)("%s gives the terminal back", async (signal) => {
    await using tui = openPty(["tui"], { cwd: lab.folder });
    await tui.see(/^› {2}n1/mu);
    tui.kill(signal);
    await tui.exit;
    expect(tui.raw()).toContain(leftAlternateScreen);
  });

  test("NO_COLOR has no colour and keeps the selection", async () => {
    await using tui = openPty(["tui"], { cwd: lab.folder, env: { NO_COLOR: "1" } });
    await tui.see(/^› {2}n1/mu);
    expect(tui.raw()).not.toMatch(/\u001b\[(?:\d+;)*[34]\d(?:;\d+)*m/u);
    expect(tui.raw()).toMatch(/\u001b\[(?:\d+;)*7m/u);
  });
});

describe("the line mode", () => {
  test("reads screens out and runs commands, in a pipe too", async () => {
    const run = promisify(execFile);
    const { node, entry } = await import("../../cli/run-cli.ts");
    const child = run("/bin/sh", ["-c", `printf 'nodes\\n1\\nback\\nvalidate\\nquit\\n' | "${node}" "${entry}" tui`], { cwd: lab.folder });
    const { stdout, stderr } = await child;
    expect(stderr).toBe("");
    expect(stdout).toMatch(/1\. n1, /u);
    expect(stdout).toContain("what differs");
    expect(stdout).toContain("valid");
    expect(stdout).not.toContain("\u001b");
  });

  test("a dumb terminal gets it by itself", async () => {
    await using tui = openPty(["tui"], { cwd: lab.folder, env: { TERM: "dumb" } });
    await tui.see("line by line");
    await tui.see("test-lab nodes>");
    tui.press("quit\r");
    expect((await tui.exit).code).toBe(0);
  });
});
