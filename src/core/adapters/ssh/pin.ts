import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fail, HalliganError } from "../../errors.ts";
import { fileMode, makePrivateFolder } from "../store/private-folder.ts";
import { changedKey, shownKey } from "./host-key-verdict.ts";
import { type HostKey, hostName, isMissing, knownHostsLine, messageOf, parseKnownHosts, sameKey } from "./known-hosts.ts";

const lockPollMs = 10;
const lockStaleMs = 10_000; // the lock is held for a few milliseconds, so an older one belongs to a process that died
let lockCount = 0;

/**
 * Adds a host key to our known_hosts file, made 0600 when missing. Safe against other processes that do the same. Pinning a pinned key does
 * nothing. Problems: `HOST_KEY_CHANGED` when another key of this host is pinned by now, `KNOWN_HOSTS_UNUSABLE`.
 */
export async function pinHostKey(file: string, address: string, port: number, key: HostKey, node = address): Promise<void> {
  try {
    makePrivateFolder(dirname(file));
    await locked(`${file}.lock`, () => append(file, address, port, key, node));
  } catch (error) {
    if (error instanceof HalliganError) throw error;
    throw fail("KNOWN_HOSTS_UNUSABLE", { message: `${file} cannot be written.`, cause: messageOf(error), error });
  }
}

/** Makes an empty private known_hosts file when there is none. Problem: `KNOWN_HOSTS_UNUSABLE`. */
export async function ensureKnownHosts(file: string): Promise<void> {
  try {
    makePrivateFolder(dirname(file));
    await (await open(file, "a", fileMode(dirname(file)))).close();
  } catch (error) {
    throw fail("KNOWN_HOSTS_UNUSABLE", { message: `${file} cannot be written.`, cause: messageOf(error), error });
  }
}

async function append(file: string, address: string, port: number, key: HostKey, node: string): Promise<void> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (isMissing(error)) return "";
    throw error;
  });
  const pinned = parseKnownHosts(text, file)
    .find(hostName(address, port))
    .filter((line) => line.kind === "pinned");
  if (pinned.some((line) => sameKey(line.key, key))) return;
  const [old] = pinned;
  if (old !== undefined) throw changedKey({ node, address, port }, shownKey(key), old);
  const handle = await open(file, "a", fileMode(dirname(file)));
  try {
    // one write, so that a reader never sees half a line
    await handle.write(`${text === "" || text.endsWith("\n") ? "" : "\n"}${knownHostsLine(address, port, key)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function locked(lock: string, work: () => Promise<void>): Promise<void> {
  while (!(await take(lock))) await sleep(lockPollMs);
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await (await open(lock, "wx", fileMode(dirname(lock)))).close();
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const age = await stat(lock).then(
    (found) => Date.now() - found.mtimeMs,
    () => 0, // released meanwhile
  );
  if (age > lockStaleMs) {
    // renaming picks one winner among those who wait
    const grave = `${lock}.${process.pid}.${lockCount++}`;
    await rename(lock, grave).then(
      () => rm(grave, { force: true }),
      () => undefined,
    );
  }
  return false;
}
