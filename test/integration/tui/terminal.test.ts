import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { entry, node } from "../../cli/run-cli.ts";
import { type PtyOptions, type PtyProgram, openPty } from "../../support/pty.ts";

const leftAlternateScreen = "\u001b[?1049l";
const cursorHidden = "\u001b[?25l";
const cursorShown = "\u001b[?25h";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "halligan-terminal-"));
  const nodes = ["n1", "n2", "n3"].map((name, at) => `  ${name}: { address: 127.9.9.${at + 1}, port: 9 }`);
  writeFileSync(join(folder, "cluster.yaml"), `${["halligan: 1", "cluster: lone", "nodes:", ...nodes].join("\n")}\n`);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<PtyOptions> = {}, args: readonly string[] = ["tui"]): PtyProgram {
  return openPty(args, { cwd: folder, ...options });
}

function isRestored(tui: PtyProgram): void {
  const raw = tui.raw();
  expect(raw).toContain(leftAlternateScreen);
  expect(raw.lastIndexOf(cursorShown)).toBeGreaterThan(raw.lastIndexOf(cursorHidden));
}

describe("the terminal is given back", () => {
  test.each(["drawing", "key", "later"])("after a crash (%s), with its last words on the screen that was there before", async (where) => {
    await using tui = open({ program: [node, join(import.meta.dirname, "../../support/crash-screen.ts")] }, [where]);
    await tui.see(/^› {2}web1/mu);
    tui.press("j");
    expect(await tui.exit).toEqual({ code: 70, signal: 0 });
    isRestored(tui);
    expect(tui.raw().slice(tui.raw().lastIndexOf(leftAlternateScreen))).toContain("last words: this screen is broken");
  });

  test("Ctrl+Z stops it, fg brings it back, and the shell gets its exit code", async () => {
    await using shell = open({ program: ["/bin/bash", "--norc", "-i"], env: { PS1: "ready$ " } }, []);
    await shell.see("ready$");
    shell.press(`${node} ${entry} tui; echo "code $?"\r`);
    await shell.see(/^› {2}n1/mu);
    shell.press("j");
    await shell.see(/^› {2}n2/mu);
    shell.press("\u001a");
    await shell.see(/Stopped/u);
    isRestored(shell);
    shell.press("fg\r");
    await shell.see(/^› {2}n2/mu);
    shell.press("k");
    await shell.see(/^› {2}n1/mu);
    shell.press("q");
    await shell.see(/^ready\$ $|^ready\$$/mu);
    shell.press("stty -a | grep -o -e '.icanon' -e '.echo '; exit\r");
    await shell.exit;
    expect(shell.screen().join("\n")).not.toMatch(/-icanon|-echo /u);
  });

  test("Ctrl+C leaves a question first, then the program", async () => {
    await using tui = open();
    await tui.see(/^› {2}n1/mu);
    tui.press(":");
    await tui.see("Type a command");
    tui.press("\u0003");
    await tui.gone("Type a command");
    tui.press("\u0003");
    expect(await tui.exit).toEqual({ code: 0, signal: 0 });
    isRestored(tui);
  });

  test("when the terminal hangs up the program ends", async () => {
    const code = `
      const pty = require("@lydell/node-pty");
      const child = pty.spawn(${JSON.stringify(node)}, [${JSON.stringify(entry)}, "tui"], { cols: 100, rows: 30, cwd: ${JSON.stringify(folder)}, env: { PATH: process.env.PATH, HOME: ${JSON.stringify(folder)}, TERM: "xterm-256color", LANG: "C.UTF-8" } });
      let seen = "";
      child.onData((data) => { seen += data; if (seen.includes("n1")) console.log(child.pid); });`;
    const owner = spawn(node, ["-e", code], { cwd: join(import.meta.dirname, "../../.."), stdio: ["ignore", "pipe", "inherit"] });
    const pid = await new Promise<number>((resolve) =>
      owner.stdout.once("data", (data: Buffer) => resolve(Number.parseInt(`${data}`, 10))),
    );
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    owner.kill("SIGKILL");
    await vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false), { timeout: 20_000, interval: 50 });
  });
});

describe("other programs", () => {
  test("an editor that is missing, and one that fails, are told; the screen comes back", async () => {
    await using tui = open({ env: { EDITOR: "/nowhere/editor" } }, ["tui", "--screen", "deployments"]);
    await tui.see("? help");
    tui.press("e");
    await tui.see("was not found: set $EDITOR");
    tui.press("q");
    expect((await tui.exit).code).toBe(0);
    await using other = open({ env: { EDITOR: "sh -c 'exit 1'" } }, ["tui", "--screen", "deployments"]);
    await other.see("? help");
    other.press("e");
    await other.see("exit code 1");
    isRestoredAfter(other);
  });

  test("a copy goes to the terminal's clipboard, through tmux too", async () => {
    const encoded = (raw: string): string => /\u001b\]52;c;([\w+/=]+)\u0007/u.exec(raw)?.[1] ?? "";
    await using tui = open();
    await tui.see(/^› {2}n1/mu);
    tui.press("y");
    await tui.see("clipboard");
    expect(Buffer.from(encoded(tui.raw()), "base64").toString()).toContain("n1");
    await using inner = open({ env: { TMUX: "/tmp/none,1,0" } });
    await inner.see(/^› {2}n1/mu);
    inner.press("y");
    await inner.see("clipboard");
    expect(inner.raw()).toContain("\u001bPtmux;\u001b\u001b]52;c;");
  });
});

function isRestoredAfter(tui: PtyProgram): void {
  expect(tui.raw().lastIndexOf("\u001b[?1049h")).toBeGreaterThan(tui.raw().lastIndexOf(leftAlternateScreen));
}

describe("own keys", () => {
  test("are used; with a mistake the standard keys hold, and help tells all", async () => {
    const home = join(folder, "home");
    mkdirSync(join(home, ".config/halligan"), { recursive: true });
    const file = join(home, ".config/halligan/keys.yaml");
    writeFileSync(file, "list.down: [ü]\n");
    {
      await using tui = open({ env: { HOME: home } });
      await tui.see(/^› {2}n1/mu);
      tui.press("ü");
      await tui.see(/^› {2}n2/mu);
    }
    writeFileSync(file, "list.down: [j\n");
    await using tui = open({ env: { HOME: home } });
    await tui.see("The standard keys hold. keys.yaml line");
    tui.press("?");
    await tui.see("KEYMAP_INVALID: This is not YAML");
  });
});

describe("where colours and signs are few", () => {
  test.each([
    ["LC_ALL=C", { LC_ALL: "C" }, /^[\u0000-\u007f]*$/u],
    ["CI=1", { CI: "1" }, /\u001b\[\?1049h/u],
    ["a light terminal", { COLORFGBG: "0;15" }, /^(?!.*\u001b\[(?:\d+;)*4\d(?:;\d+)*m)/su],
  ] as const)("%s", async (_, env, fits) => {
    await using tui = open({ env });
    await tui.see(/^[›>] {2}n1/mu);
    tui.press("?");
    await tui.see("everywhere");
    expect(tui.raw()).toMatch(fits);
  });

  test("a terminal that only types gets the line mode", () => {
    const out = execFileSync(node, [entry, "tui", "--plain"], {
      cwd: folder,
      input: "nodes\nhelp\nquit\n",
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: folder },
    });
    expect(out).toMatch(/1\. n1, /u);
    expect(out).not.toContain("\u001b");
  });
});
