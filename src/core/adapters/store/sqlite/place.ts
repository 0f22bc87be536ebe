import { chmodSync, closeSync, openSync, statSync, statfsSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fail } from "../../../errors.ts";
import { errnoOf, fileFault } from "../file-faults.ts";
import { fileMode, isShared, keepOutOfGit, makePrivateFolder } from "../private-folder.ts";

/** `f_type` of Linux file systems on which processes of several machines, or a machine and its guest, would meet: statfs(2). */
const networkFileSystems: Readonly<Record<number, string>> = {
  0x6969: "NFS",
  0x517b: "SMB",
  0xff534d42: "CIFS",
  0xfe534d42: "SMB2",
  0x01021997: "9p",
  0x5346414f: "AFS",
  0x6b414653: "AFS",
  0x73757245: "Coda",
  0x00c36400: "CephFS",
  0x0bd00bd0: "Lustre",
  0x47504653: "GPFS",
  0x19830326: "BeeGFS",
  0x01161970: "GFS2",
  0x7461636f: "OCFS2",
  0x786f4256: "vboxsf",
};

/**
 * The name of a network file system by its `statfs` type, else undefined. Only Linux has stable type numbers, so on other systems
 * nothing is refused; nor is FUSE, which may be local or remote.
 */
export function networkFileSystem(type: number, platform: NodeJS.Platform = process.platform): string | undefined {
  return platform === "linux" ? networkFileSystems[type >>> 0] : undefined;
}

/**
 * Makes the store's folder (0700) and its empty file (0600) if they are missing, and closes an existing file to others; in a folder that a
 * group shares (`isShared`) the group has access.
 * An existing folder keeps its mode unless it is a cluster's own `.halligan`: it may be /tmp.
 * Problems: `STORE_UNSUITABLE` on a network file system, `STORE_FULL`, `STORE_UNAVAILABLE`.
 */
export function preparePlace(file: string): void {
  const folder = dirname(file);
  try {
    makePrivateFolder(folder);
    const info = statSync(folder);
    if (basename(folder) === ".halligan" && info.uid === process.getuid?.() && (info.mode & 0o077) !== 0 && !isShared(folder))
      chmodSync(folder, 0o700);
    const type = networkFileSystem(statfsSync(folder).type);
    if (type !== undefined) {
      throw fail("STORE_UNSUITABLE", {
        message: `The store ${file} would be on a network file system (${type}).`,
        cause: "Several processes share the store through memory-mapped files, which a network file system does not keep in step.",
      });
    }
    privateFile(file);
    keepOutOfGit(folder);
  } catch (error) {
    throw fileFault(error, file);
  }
}

/**
 * Makes `file` if it is missing, readable by its owner only. An existing file is never opened here: POSIX locks belong to the process, and
 * closing any descriptor of a file drops the locks that SQLite may hold on it through another connection.
 */
export function privateFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", fileMode(dirname(file))));
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
    const info = statSync(file);
    const mode = fileMode(dirname(file));
    if ((info.mode & 0o077) !== (mode & 0o077) && info.uid === process.getuid?.()) chmodSync(file, mode);
  }
}

/**
 * Returns a check that the file at this path is still the one that is there now. SQLite does not notice when a file in write-ahead mode is
 * moved or deleted: it would go on, acknowledge writes, and lose them. The check throws `STORE_UNAVAILABLE`.
 */
export function staysInPlace(file: string): () => void {
  const { dev, ino } = statSync(file);
  return () => {
    const now = statSync(file, { throwIfNoEntry: false });
    if (now?.dev === dev && now.ino === ino) return;
    throw fail("STORE_UNAVAILABLE", {
      message: `The store ${file} was moved, replaced or deleted while it was in use.`,
      hint: "Put the file back with its `-wal` neighbour, or stop this process and start again.",
    });
  };
}
