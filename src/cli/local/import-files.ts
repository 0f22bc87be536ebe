import { chmod, readdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unreadable } from "../../core/adapters/files/read-cluster.ts";
import { fail } from "../../core/errors.ts";
import { maxYamlBytes } from "../../core/files/yaml-text.ts";

/** Reads a text file of at most 8 MiB. @throws `FILE_NOT_FOUND`, `FILE_TOO_LARGE`. */
export async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > 4 * maxYamlBytes) throw fail("FILE_TOO_LARGE", { message: `${path} has ${size} bytes; that is no inventory.` });
    return decode(await readFile(path));
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** Inventories also come from Windows: UTF-16 with its byte order mark, and what is no UTF-8 as Windows-1252, of which every byte is a letter. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Reads a file of any content, at most 16 MiB. @throws `FILE_NOT_FOUND`, `FILE_TOO_LARGE`. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > 16 << 20) throw fail("FILE_TOO_LARGE", { message: `${path} has ${size} bytes; at most 16 MiB can be sent to nodes.` });
    return await readFile(path);
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** What lies in a folder, sorted by name, links followed; `undefined` where there is no folder that can be read. */
export async function listFolder(path: string): Promise<readonly { readonly name: string; readonly folder: boolean }[] | undefined> {
  const names = await readdir(path).catch(() => undefined);
  if (names === undefined) return undefined;
  return Promise.all(
    names.sort().map(async (name) => {
      const info = await stat(join(path, name)).catch(() => undefined);
      return { name, folder: info?.isDirectory() ?? false };
    }),
  );
}

/** Replaces a file at once, keeping its mode, if it still holds `before`. @throws `IMPORT_CONFLICT`, `FILE_UNWRITABLE`. */
export async function replaceText(path: string, before: string, after: string): Promise<void> {
  if ((await readText(path)) !== before)
    throw fail("IMPORT_CONFLICT", { message: `${path} was changed while nodes were added to it; it was left alone.`, hint: "Try again." });
  const target = await realpath(path);
  const beside = `${target}.halligan-${process.pid}`;
  try {
    const { mode } = await stat(target);
    await writeFile(beside, after, { flag: "wx", mode });
    await chmod(beside, mode & 0o7777);
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true });
    const cause = error instanceof Error ? error.message : String(error);
    throw fail("FILE_UNWRITABLE", { message: `${path} cannot be written.`, cause, error });
  }
}
