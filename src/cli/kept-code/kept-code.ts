import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Script } from "node:vm";
import { compile } from "./compile.ts";
import { digest } from "./digest.ts";
import { decodePart, encodePart, type Part, type Source } from "./part.ts";

/** Code is kept again when the process that used it has so much more than the one that kept it. */
const growth = 1.05;
/** Folders in which nothing was kept for so long go when something is kept: their program may be gone. One still in use is filled again. */
const longestUnchangedMs = 30 * 86_400_000;

/** Where code is kept, and for what. */
interface Place {
  /** The folder for all that is kept. */
  readonly folder: string;
  /** The folder below it for processes that need the same functions. */
  readonly name: string;
  /** The file of the program's entry: what was kept before it was put there is another program's. */
  readonly program: string;
  /** False at the end: nothing is kept. There is no such command, and what was typed is nobody's business. */
  isUnderstood(): boolean;
}

/** Compiles a file, with the code that is kept of it if there is any. */
export type KeptCode = (file: string, source: Source) => Script;

interface Used {
  readonly file: string;
  readonly source: Source;
  readonly script: Script;
}

/**
 * Opens the code that is kept at a place, a part for each source. When the process ends, and has more functions compiled than the one that kept them, what it has is
 * kept in their place. What cannot be read is compiled anew, and what cannot be written is not kept: the next start takes longer, and nothing else.
 */
export function openKeptCode(place: Place): KeptCode {
  const used: Used[] = [];
  let isWhole = true;
  let keptBytes = 0;
  process.once("exit", () => {
    if (!place.isUnderstood()) return;
    const compiledBytes = process.getBuiltinModule("node:v8").getHeapCodeStatistics().bytecode_and_metadata_size;
    if (isWhole && compiledBytes <= keptBytes * growth) return;
    try {
      keep(place, used, compiledBytes);
      letGo(place);
    } catch {
      // A full disk, or a folder that was taken away: the command has ended as it has.
    }
  });
  return (file, source) => {
    const part = read(partFile(place, file), source);
    const script = compile(file, part?.code);
    if (part === undefined || script.cachedDataRejected === true) isWhole = false;
    else keptBytes = Math.max(keptBytes, part.compiledBytes);
    used.push({ file, source, script });
    return script;
  };
}

function partFile({ folder, name }: Place, file: string): string {
  return join(folder, name, `${basename(file)}-${digest(file).toString("hex", 0, 4)}`);
}

function read(file: string, source: Source): Part | undefined {
  try {
    const part = decodePart(readFileSync(file));
    return part?.source.size === source.size && part.source.changedMs === source.changedMs ? part : undefined;
  } catch {
    return undefined; // not kept yet
  }
}

/** Others may be reading: they find a whole part, or, where two write at once, one whose digest is wrong. */
function keep(place: Place, used: readonly Used[], compiledBytes: number): void {
  // Not with what is above it: a home folder that has been removed meanwhile stays so.
  const own = join(place.folder, place.name);
  if (!existsSync(own)) mkdirSync(own, { mode: 0o700 });
  for (const { file, source, script } of used) {
    const part = partFile(place, file);
    const draft = `${part}.draft`;
    try {
      writeFileSync(draft, encodePart({ source, compiledBytes, code: script.createCachedData() }), { mode: 0o600 });
      renameSync(draft, part);
    } finally {
      rmSync(draft, { force: true });
    }
  }
}

function letGo({ folder, name, program }: Place): void {
  removeOlder(folder, Date.now() - longestUnchangedMs);
  removeOlder(join(folder, name), statSync(program).ctimeMs);
}

function removeOlder(folder: string, thanMs: number): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).mtimeMs < thanMs) rmSync(path, { recursive: true, force: true });
  }
}
