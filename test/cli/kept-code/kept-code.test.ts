import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { node } from "../run-cli.ts";

const compiler = join(import.meta.dirname, "../../../src/cli/kept-code/compiler.ts");
const loader = join(import.meta.dirname, "../../../src/cli/kept-code/loader.ts");

let base: string;
let cache: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "halligan-kept-"));
  cache = join(base, "cache");
  // One function is called when it is asked for, many are not; the text is long enough to be worth keeping.
  write("one.cjs", `const two = require("./two.cjs"); exports.answer = () => two.late(1);`);
  write("two.cjs", `exports.late = (by) => ${Array.from({ length: 400 }, (_, at) => `by + ${at}`).join(" + ")};`);
  write("program.mjs", program);
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Prints the answer, and what V8 said to the kept code of each file. */
const program = `
const { createLoader } = await import(${JSON.stringify(loader)});
const { compilerFor } = await import(${JSON.stringify(compiler)});
const compile = compilerFor({ program: process.argv[1], words: process.argv.slice(2), isUnderstood: () => process.argv[2] !== "aply" }, process.env);
const said = [];
const load = createLoader((file) => {
  const script = compile(file);
  said.push([file.split("/").at(-1), script.cachedDataRejected ?? "none"]);
  return script;
});
let answer;
try { answer = load(process.env.ENTRY).answer(); } catch (error) { answer = String(error); }
console.log(JSON.stringify({ answer, said: Object.fromEntries(said) }));
process.exitCode = Number(process.env.EXIT);
if (process.argv[3] === "remove") (await import("node:fs")).rmSync(process.env.XDG_CACHE_HOME, { recursive: true });
`;

function write(name: string, text: string): void {
  writeFileSync(join(base, name), name.endsWith(".cjs") ? `${text}\n${"// filled\n".repeat(2_000)}` : text);
}

interface Said {
  readonly answer: unknown;
  readonly said: Readonly<Record<string, boolean | "none">>;
}

function run(words: readonly string[] = ["plan"], flags: readonly string[] = [], exit = 0): Said {
  const env = { PATH: "/usr/bin:/bin", XDG_CACHE_HOME: cache, ENTRY: join(base, "one.cjs"), EXIT: String(exit) };
  const ran = spawnSync(node, [...flags, join(base, "program.mjs"), ...words], { env, encoding: "utf8" });
  expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: exit, stderr: "" });
  return JSON.parse(ran.stdout) as Said;
}

const answer = Array.from({ length: 400 }, (_, at) => 1 + at).reduce((sum, each) => sum + each);
const anew = { answer, said: { "one.cjs": "none", "two.cjs": "none" } };
const taken = { answer, said: { "one.cjs": false, "two.cjs": false } };

function parts(kind = "plan"): string[] {
  const folder = join(cache, "halligan");
  const place = readdirSync(folder).find((name) => name.startsWith(`${kind}-`)) ?? "none";
  return readdirSync(join(folder, place)).map((name) => join(folder, place, name));
}

function partOf(file: string): string {
  return parts().find((part) => part.includes(`/${file}-`)) ?? "";
}

test("code is kept when a process ends, with the functions that were called late, and the next one takes it", () => {
  mkdirSync(cache);
  expect(run()).toEqual(anew);
  expect(parts()).toHaveLength(2);
  // The late function is some 400 additions; what is kept of a file that was only loaded is far smaller.
  expect(statSync(partOf("two.cjs")).size).toBeGreaterThan(statSync(partOf("one.cjs")).size + 400);
  for (const part of parts()) expect(statSync(part).mode & 0o777).toBe(0o600);
  const before = parts().map((part) => statSync(part).mtimeMs);
  expect(run()).toEqual(taken);
  expect(parts().map((part) => statSync(part).mtimeMs)).toEqual(before);
});

test("each kind of command has its own, and so has each set of flags", () => {
  mkdirSync(cache);
  run(["plan", "--no-refresh"]);
  expect(run(["plan"])).toEqual(taken);
  expect(run(["status"])).toEqual(anew);
  expect(run(["../../escape"])).toEqual(anew);
  expect(parts("other")).toHaveLength(2);
  expect(run(["plan"], ["--invocation-count-for-turbofan=20000"])).toEqual(anew);
  expect(run(["plan"])).toEqual(taken);
});

test("what is no command leaves nothing, and what failed keeps what it has", () => {
  mkdirSync(cache);
  expect(run(["aply"], [], 2)).toEqual(anew);
  expect(readdirSync(join(cache, "halligan"))).toEqual([]);
  expect(run(["plan"], [], 1)).toEqual(anew);
  expect(run()).toEqual(taken);
});

test("a source that was changed is compiled anew, also where its length and its time are as before", () => {
  mkdirSync(cache);
  const file = join(base, "two.cjs");
  utimesSync(file, 1_000, 1_000);
  run();
  writeFileSync(file, readFileSync(file, "utf8").replace("by + 0", "by + 9"));
  utimesSync(file, 1_000, 1_000);
  expect(run()).toEqual({ answer: answer + 9, said: { "one.cjs": false, "two.cjs": "none" } });
  expect(run()).toEqual({ ...taken, answer: answer + 9 });
});

test("damaged code is not run, and is kept anew", () => {
  mkdirSync(cache);
  run();
  const part = partOf("two.cjs");
  const bytes = readFileSync(part);
  writeFileSync(part, bytes.fill(0, bytes.length - 200));
  expect(run()).toEqual({ answer, said: { "one.cjs": false, "two.cjs": "none" } });
  expect(run()).toEqual(taken);
});

test("a process that calls more than the one before it keeps more", () => {
  mkdirSync(cache);
  write("two.cjs", `exports.late = (by) => by; exports.other = (by) => { let sum = by; ${"sum += by; ".repeat(4_000)} return sum; };`);
  run();
  const before = statSync(partOf("two.cjs")).size;
  write("one.cjs", `const two = require("./two.cjs"); exports.answer = () => two.other(1);`);
  expect(run().answer).toBe(4_001);
  expect(statSync(partOf("two.cjs")).size).toBeGreaterThan(before + 10_000);
});

test("what was kept for a program of before goes, and what nobody used for a month", () => {
  mkdirSync(cache);
  run();
  const old = join(cache, "halligan", "v24.0.0-x64-00000000-0");
  mkdirSync(old);
  utimesSync(old, 0, 0);
  const gone = partOf("two.cjs").replace("two.cjs", "gone.cjs");
  writeFileSync(gone, "");
  utimesSync(gone, 0, 0);
  rmSync(partOf("one.cjs"));
  expect(run().said).toEqual({ "one.cjs": "none", "two.cjs": false });
  expect(readdirSync(join(cache, "halligan"))).toHaveLength(1);
  expect(parts().filter((part) => part === gone)).toEqual([]);
  expect(parts()).toHaveLength(2);
});

test("what cannot be written costs time and nothing else", () => {
  writeFileSync(cache, "a file");
  expect(run()).toEqual(anew);
  rmSync(cache);
  mkdirSync(cache);
  run();
  const place = dirname(partOf("one.cjs"));
  rmSync(place, { recursive: true });
  writeFileSync(place, "a file");
  expect(run()).toEqual(anew);
});

test("a folder that was removed while the process ran is not made again", () => {
  mkdirSync(cache);
  expect(run(["plan", "remove"])).toEqual(anew);
  expect(existsSync(cache)).toBe(false);
});

test("a file that throws is told as it is, and loaded anew when it is asked for again", () => {
  mkdirSync(cache);
  write("two.cjs", `throw new Error("no");`);
  expect(run()).toEqual({ answer: "Error: no", said: { "one.cjs": "none", "two.cjs": "none" } });
  write("one.cjs", `exports.answer = () => require("./three.cjs");`);
  expect(run().answer).toMatch(/three\.cjs/u);
});
