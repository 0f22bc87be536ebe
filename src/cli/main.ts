/**
 * The command line's entry, and an engine process's: answers what needs nothing, and loads the rest with compiled code kept from the last time, which
 * makes the start fast.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as CommandLine from "./command-line.ts";

/** What Node.js ends with where an entry waits for what never comes. */
const neverSettled = 13;

const words = process.argv.slice(2);
if (words.length === 1 && words[0] === "--version") {
  // Scripts ask for it all the time; nothing needs to be loaded for the answer.
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as { readonly version: string };
  process.stdout.write(`${version}\n`);
} else void run();

async function run(): Promise<void> {
  let [isUnderstood, isSettled] = [false, false];
  process.once("exit", () => {
    if (!isSettled && process.exitCode === undefined) process.exitCode = neverSettled;
  });
  const { commandLine } = await load(() => isUnderstood);
  await commandLine(words, () => {
    isUnderstood = true;
  });
  isSettled = true;
}

/** Sources are loaded by Node.js itself. */
async function load(isUnderstood: () => boolean): Promise<typeof CommandLine> {
  if (import.meta.filename.endsWith(".ts")) return await import("./command-line.ts");
  const [{ createLoader }, { compilerFor }] = await Promise.all([import("./kept-code/loader.ts"), import("./kept-code/compiler.ts")]);
  const compile = compilerFor({ program: import.meta.filename, words, isUnderstood }, process.env);
  return createLoader(compile)(join(import.meta.dirname, "command-line.cjs")) as typeof CommandLine;
}
