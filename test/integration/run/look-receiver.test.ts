import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sizeOf, wholeOf } from "../../../src/core/jigs/script.ts";
import { compileLooks, compileScript } from "../../../src/core/jigs/shell/compile.ts";
import { createFrameParser } from "../../../src/core/jigs/shell/frame-parser.ts";
import { checkResult } from "../../../src/core/run/remote/check.ts";
import { lookReceiver } from "../../../src/core/run/remote/node-shell.ts";
import { nodeRole, shells, step } from "../jigs/run-script.ts";

/** The receiver of what only looks, with the standard inputs that SSH servers and sudo give it. */

let folder: string;
/** Where the receiver has its volatile folder, as root. */
const ofRoot = "/run/halligan";
const wasThere = existsSync(ofRoot);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hg-look-"));
  chmodSync(folder, 0o711);
  writeFileSync(join(folder, "old"), "old 'text'\n");
  mkdirSync(join(folder, "volatile"));
  chmodSync(join(folder, "volatile"), 0o777);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  if (!wasThere) rmdirSync(ofRoot);
});

const hostile = "it's 'quoted'\n$HOME `id` \\n \\' \"\n@ done ok 0\n\n";

function script() {
  const steps = [
    step("file", { path: join(folder, "old"), content: hostile }),
    step("file", { path: join(folder, "new"), content: "grüße\n" }),
    step("command", { name: "reads", run: "true", unless: 'read -r line; test -z "$line"' }),
  ];
  return compileLooks([{ nodeRole: nodeRole(steps) }, { nodeRole: nodeRole([], { id: "n1/empty" }) }], 0);
}

/** What the receiver says to a script that comes through this: a command line in which `$1` is the file with all of the input and `"$@"` the receiver. */
function said(shell: string, through: string) {
  const compiled = script();
  const input = join(folder, "input");
  writeFileSync(
    input,
    Buffer.concat([Buffer.from(`password\nHALLIGAN/1 look check 0 ${sizeOf(compiled.script)}\n`), wholeOf(compiled.script)]),
  );
  const line = `input=$1; shift; ${through}`;
  const out = execFileSync("bash", ["-c", line, "bash", input, ...shell.split(" "), "-c", lookReceiver], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const preface = "HALLIGAN/1 look started\n";
  expect(out.toString("latin1").slice(0, preface.length)).toBe(preface);
  const frames = createFrameParser().push(out.subarray(preface.length));
  expect(frames.at(-1)).toMatchObject({ type: "done", status: "ok" });
  return checkResult(compiled.parts[0] ?? { steps: [] }, frames, { node: "n1", role: "web" });
}

const inputs = {
  "a pipe": 'cat "$input" | "$@"',
  "a slow pipe": '{ head -c 3000 "$input"; sleep 0.2; tail -c +3001 "$input"; } | "$@"',
  "a file": '"$@" <"$input"',
} as const;

describe.each(shells)("%s", (shell) => {
  test.each(Object.entries(inputs))("reads a script from %s, with its contents byte by byte", (_, through) => {
    const { steps, failed } = said(shell, through);
    expect(failed).toBeUndefined();
    expect(steps.map(({ change }) => change)).toEqual(["change", "create", "none"]);
    expect(steps[0]?.diff).toContain("-old 'text'");
    for (const line of hostile.trimEnd().split("\n")) expect(steps[0]?.diff).toContain(`+${line}`);
    expect(steps[1]?.diff).toContain("+grüße");
  });

  test("reads a script from a socket", () => {
    const compiled = script();
    const input = Buffer.concat([Buffer.from(`HALLIGAN/1 look check 0 ${sizeOf(compiled.script)}\n`), wholeOf(compiled.script)]);
    const [program = "", ...args] = shell.split(" ").concat("-c", lookReceiver);
    // Node.js makes sockets of what it calls pipes.
    const { stdout } = spawnSync(program, args, { input });
    expect(stdout.toString("utf8")).toMatch(/^HALLIGAN\/1 look started\n@ hello [^]*@ done ok 0\n\n$/u);
  });

  test("a pipe that is another user's is read, not opened", () => {
    const other = shell.replace(/^/u, "setpriv --reuid=65534 --clear-groups --bounding-set=-all --inh-caps=-all ");
    const { steps } = said(other, 'export XDG_RUNTIME_DIR="${input%/*}/volatile"; cat "$input" | "$@"');
    expect(steps.map(({ change }) => change)).toEqual(["change", "create", "none"]);
  });

  test("a script that was cut calls nothing", () => {
    const compiled = script();
    const whole = wholeOf(compiled.script);
    for (const part of [0, 20, 60, Math.floor(whole.length / 2), whole.length - 200]) {
      const input = join(folder, "input");
      writeFileSync(input, Buffer.concat([Buffer.from(`HALLIGAN/1 look check 0 ${whole.length}\n`), whole.subarray(0, part)]));
      const { stdout } = spawnSync("bash", [
        "-c",
        'input=$1; shift; cat "$input" | "$@"',
        "bash",
        input,
        ...shell.split(" "),
        "-c",
        lookReceiver,
      ]);
      expect(stdout.toString("utf8").replace("HALLIGAN/1 look started\n", "")).toBe("");
    }
  });
});

test("contents with NUL bytes stand behind the script, others before it", () => {
  const text = (content: string, mode: "check" | "apply") => {
    const blobs = { source: { digest: "sha256:x" as const, bytes: Buffer.from(content) } };
    const one = step("file", { path: "/srv/x", source: "x" }, { blobs });
    return Buffer.from(wholeOf(compileScript({ mode, nodeRole: nodeRole([one]) }).script)).toString("latin1");
  };
  expect(text("a'b", "check")).toMatch(/^hg_data='a'\\''b'\n/u);
  expect(text("a\0b", "check")).toMatch(/^hg_data= hg_base=\d+ *\n[^]*a\0b$/u);
  expect(text("a'b", "apply")).toMatch(/^hg_data= hg_base=\d+ *\n[^]*a'b$/u);
});
