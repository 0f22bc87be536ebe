import { hash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { Script } from "node:vm";
import { keptCodeFolder } from "./folder.ts";
import { openKeptCode } from "./kept-code.ts";

/** Compiles a file that is a module in CommonJS to a script, which gives the function whose body that is. */
export type Compile = (file: string) => Script;

/** What is smaller is compiled in less time than its kept code takes to read. In bytes. */
const leastSize = 16_384;

/** What decides which functions a process will need. */
export interface Purpose {
  /** The file of the program's entry. */
  readonly program: string;
  readonly words: readonly string[];
  /** Whether they were understood; asked at the end. */
  isUnderstood(): boolean;
}

/**
 * Compiles with code that was kept when another process for the same purpose ended, and keeps that of this one when it ends and has more. Without a folder for it
 * everything is compiled anew.
 *
 * What Node.js keeps itself (`module.enableCompileCache`) is taken when a file is loaded, so that it has no function which is called later: a command spent a fifth
 * of its computing on compiling those.
 */
export function compilerFor(purpose: Purpose, env: Readonly<Record<string, string | undefined>>): Compile {
  const folder = keptCodeFolder(env);
  if (folder === undefined) return compile;
  let kept: Compile | undefined;
  return (file) => {
    if (statSync(file).size < leastSize) return compile(file);
    kept ??= openKeptCode({ ...purpose, folder, name: nameOf(purpose, env) });
    return kept(file);
  };
}

/** Compiles a file; `cachedData` is code that V8 made of the same text. */
export function compile(filename: string, cachedData?: NodeJS.ArrayBufferView): Script {
  // The parameters are those of Node.js ("The module wrapper"); everything stays on its line.
  const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, "utf8")}\n})`;
  return new Script(text, cachedData === undefined ? { filename } : { filename, cachedData });
}

/** Commands need different functions; V8 refuses code of another version, or made with other flags. */
function nameOf({ program, words: [command = ""] }: Purpose, env: Readonly<Record<string, string | undefined>>): string {
  const kind = /^[a-z][a-z-]{0,30}$/u.test(command) ? command : "other";
  // A debugger's port is another each time.
  const flags = process.execArgv.filter((each) => !each.startsWith("--inspect"));
  const runtime = [process.version, process.arch, ...flags, env["NODE_OPTIONS"] ?? "", program].join("\0");
  return `${kind}-${hash("sha256", runtime).slice(0, 12)}`;
}
