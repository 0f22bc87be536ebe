import { randomBytes } from "node:crypto";
import { link, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf, fileFault } from "./file-faults.ts";
import { makePrivateFolder } from "./private-folder.ts";

/**
 * Writes a private file (0600) beside its place and links it there: nobody sees half a file, and the first one wins, so what lies there
 * afterwards may be another process's. Problems: `STORE_FULL`, `STORE_UNAVAILABLE`.
 */
export async function placeOnce(file: string, text: string | Uint8Array): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    makePrivateFolder(dirname(file));
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file).catch((error: unknown) => {
      if (errnoOf(error) !== "EEXIST") throw error;
    });
  } catch (error) {
    throw fileFault(error, file);
  } finally {
    await unlink(draft).catch(() => undefined); // it may never have been made
  }
}
