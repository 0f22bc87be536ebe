import { randomBytes } from "node:crypto";
import { chown, open, readFile, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HalliganError, fail } from "../../errors.ts";

/**
 * Replaces a file that still holds `before` by `after`, in one go: a reader sees the one or the other, also when the machine loses power. The
 * file keeps its mode and owner; a symbolic link stays one.
 * @throws `PROPOSAL_STALE` when it holds something else, `FILE_UNWRITABLE`.
 */
export async function replaceFile(path: string, before: string, after: string): Promise<void> {
  try {
    const file = await realpath(path);
    const { mode, uid, gid } = await stat(file);
    await refuseOther(file, before);
    const draft = join(dirname(file), `.${randomBytes(6).toString("hex")}.halligan-draft`);
    try {
      const handle = await open(draft, "wx", mode & 0o777);
      try {
        await handle.chmod(mode & 0o777);
        await handle.writeFile(after);
        await handle.sync();
      } finally {
        await handle.close();
      }
      if (uid !== process.geteuid?.()) await chown(draft, uid, gid);
      await refuseOther(file, before);
      await rename(draft, file);
    } catch (error) {
      await unlink(draft).catch(() => undefined); // it may never have been made, or is in its place already
      throw error;
    }
    await syncFolder(dirname(file));
  } catch (error) {
    if (error instanceof HalliganError) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    throw fail("FILE_UNWRITABLE", { message: `${path} cannot be written; it is as it was.`, cause, error });
  }
}

async function refuseOther(file: string, before: string): Promise<void> {
  if ((await readFile(file, "utf8")) === before) return;
  throw fail("PROPOSAL_STALE", { message: `${file} was changed by somebody at this moment; it was left alone.`, hint: "Try again." });
}

/** The new name itself must last. Some file systems cannot do this, and then it lasts a moment later. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
