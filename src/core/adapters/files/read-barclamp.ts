import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, join, posix, sep } from "node:path";
import { fail } from "../../errors.ts";
import type { BarclampFolder } from "../../files/load-barclamp.ts";
import { unreadable } from "./read-cluster.ts";

/** Largest barclamp, all files together. */
export const maxBarclampBytes = 64 * 1024 * 1024;
export const maxFiles = 10_000;
const skipped: ReadonlySet<string> = new Set([".git", "node_modules", ".halligan"]);

/** Names of files and folders that never belong to a barclamp, wherever they lie in it. */
export function isSkipped(name: string): boolean {
  return skipped.has(name);
}

/** What is read so far. */
interface Reading {
  readonly root: string;
  readonly files: Map<string, Uint8Array>;
  bytes: number;
}

/**
 * Reads a barclamp's folder: every file, as bytes. Symbolic links are followed inside of the folder only; sockets and devices are left out.
 * Problems: `FILE_NOT_FOUND`, `FILE_TOO_LARGE`, `PATH_ESCAPES`.
 */
export async function readBarclampFolder(folder: string): Promise<BarclampFolder> {
  try {
    const reading: Reading = { root: await realpath(folder), files: new Map(), bytes: 0 };
    await readInto(reading, "", 0);
    return { folder: folder.replace(/[\\/]+$/u, ""), files: reading.files };
  } catch (error) {
    throw unreadable(error, folder);
  }
}

async function readInto(reading: Reading, path: string, depth: number): Promise<void> {
  const entries = await readdir(join(reading.root, path), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (isSkipped(entry.name)) continue;
    const relative = posix.join(path, entry.name);
    const target = await inside(reading.root, relative, entry.isSymbolicLink());
    const info = await stat(target);
    if (info.isDirectory()) {
      if (depth >= 20)
        throw fail("FILE_TOO_LARGE", {
          message: `${basename(reading.root)}/${relative} is nested too deeply, or a link leads in a circle.`,
        });
      await readInto(reading, relative, depth + 1);
    } else if (info.isFile()) await readOne(reading, relative, target, info.size);
  }
}

async function readOne(reading: Reading, path: string, target: string, size: number): Promise<void> {
  reading.bytes += size;
  if (reading.bytes > maxBarclampBytes || reading.files.size >= maxFiles) {
    const message = `The barclamp in ${reading.root} has more than ${maxBarclampBytes / 1024 / 1024} MiB or ${maxFiles} files.`;
    throw fail("FILE_TOO_LARGE", { message, at: { file: join(reading.root, path), line: 1, column: 1 } });
  }
  const bytes = await readFile(target);
  reading.files.set(path, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

async function inside(root: string, path: string, isLink: boolean): Promise<string> {
  const written = join(root, path);
  if (!isLink) return written;
  const target = await realpath(written);
  if (target === root || target.startsWith(root + sep)) return target;
  throw fail("PATH_ESCAPES", {
    message: `${path} is a symbolic link out of the barclamp's folder.`,
    at: { file: written, line: 1, column: 1 },
  });
}
