import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { root } from "./run.mjs";
import { say } from "./say.mjs";

const folder = join(root, ".cache", "lock");
const ownerFile = join(folder, "owner");
const heartbeatMs = 2_000;
/** A holder whose process ids cannot be judged (another container) is taken for dead when it has not shown itself for so long. */
const staleMs = 60_000;

/** True while some process installs or builds. */
export function isLocked() {
  return existsSync(folder);
}

/** Runs `work` while no other process of this repository installs or builds; waits for its turn, and takes over from a holder that died. */
export async function withLock(work) {
  await acquire();
  const heartbeat = setInterval(touch, heartbeatMs);
  const atExit = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", atExit);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.removeListener("exit", atExit);
    atExit();
  }
}

async function acquire() {
  mkdirSync(dirname(folder), { recursive: true });
  let told = false;
  while (!tryTake()) {
    const seen = owner();
    if (seen !== undefined && isDead(seen)) {
      removeLockOf(seen);
      continue;
    }
    if (!told) say("another process is installing or building here; waiting for it ...");
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function tryTake() {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  writeOwner([process.pid]);
  return true;
}

/** Names a child of the holder: while it lives the lock holds, even if the holder itself was killed. */
export function sharesLock(pid) {
  if (existsSync(ownerFile)) writeOwner([process.pid, pid]);
}

function writeOwner(pids) {
  writeFileSync(ownerFile, JSON.stringify({ host: hostname(), pids, at: Date.now() }));
}

function owner() {
  try {
    return { text: readFileSync(ownerFile, "utf8"), seenMs: statSync(ownerFile).mtimeMs };
  } catch {
    return abandonedBeforeNaming();
  }
}

/** A holder that died between making the folder and naming itself leaves no owner file. */
function abandonedBeforeNaming() {
  try {
    return { text: "", seenMs: statSync(folder).mtimeMs };
  } catch {
    return undefined;
  }
}

function isDead({ text, seenMs }) {
  const silent = Date.now() - seenMs > staleMs;
  if (text === "") return silent;
  let holder;
  try {
    holder = JSON.parse(text);
  } catch {
    return silent;
  }
  return holder.host === hostname() ? !holder.pids.some(isAlive) : silent;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== "ESRCH";
  }
}

/** Moves the dead holder's folder aside and makes sure that it was still the dead one's: another waiter may have been faster. */
function removeLockOf(dead) {
  const aside = `${folder}.${process.pid}`;
  try {
    renameSync(folder, aside);
  } catch {
    return;
  }
  let moved = "";
  try {
    moved = readFileSync(join(aside, "owner"), "utf8");
  } catch {
    // It never got as far as naming itself.
  }
  if (moved !== dead.text) {
    try {
      renameSync(aside, folder);
      return;
    } catch {
      // Somebody holds the lock again; the moved folder is of no use.
    }
  }
  rmSync(aside, { recursive: true, force: true });
}

function touch() {
  try {
    const now = new Date();
    utimesSync(ownerFile, now, now);
  } catch {
    // The folder was removed by hand; the work goes on.
  }
}
