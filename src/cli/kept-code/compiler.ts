import { statSync } from "node:fs";
import { type Compile, compile } from "./compile.ts";
import { digest } from "./digest.ts";
import { keptCodeFolder } from "./folder.ts";
import { type KeptCode, openKeptCode } from "./kept-code.ts";

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
  const { program, isUnderstood } = purpose;
  let kept: KeptCode | undefined;
  return (file) => {
    // Packages carry their times of modification along, whatever is in them; that of the last change is the file system's own.
    const { size, ctimeMs: changedMs } = statSync(file);
    if (size < leastSize) return compile(file);
    kept ??= openKeptCode({ folder, name: nameOf(purpose, env), program, isUnderstood });
    return kept(file, { size, changedMs });
  };
}

/** Commands need different functions; V8 refuses code of another version, or made with other flags. */
function nameOf({ program, words: [command = ""] }: Purpose, env: Readonly<Record<string, string | undefined>>): string {
  const kind = /^[a-z][a-z-]{0,30}$/u.test(command) ? command : "other";
  // A debugger's port is another each time.
  const flags = process.execArgv.filter((each) => !each.startsWith("--inspect"));
  const runtime = [process.version, process.arch, ...flags, env["NODE_OPTIONS"] ?? "", program].join("\0");
  return `${kind}-${digest(runtime).toString("hex", 0, 6)}`;
}
