import { statSync } from "node:fs";
import { join } from "node:path";
import { isShared } from "../../core/adapters/store/private-folder.ts";

/** New files of this process may be written by the group as well, and by nobody else. */
const groupMask = 0o007;

/** Where several local users share a cluster's `.halligan`, what this process makes there is made for all of them. */
export function joinSharedFolder(home: string): void {
  if (isShared(home)) process.umask(groupMask);
}

/** This user's own private file, such as a key: in a shared folder each user has one, the first under the plain name. */
export function ownFile(home: string, name: string, user: string): string {
  const plain = join(home, name);
  try {
    return statSync(plain).uid === process.geteuid?.() ? plain : `${plain}-${user.replaceAll(/[^\w.-]/gu, "_")}`;
  } catch {
    return plain; // it is not there yet, or nothing here can be reached: whoever opens it says so
  }
}
