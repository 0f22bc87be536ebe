import { readdirSync, readFileSync } from "node:fs";
import type { Stage } from "./stage.ts";
import type { Scene } from "./trial.ts";
import { signal } from "./signal.ts";

/** Every process of the nodes ends in the middle of a step, and they come up again on the disks they had. */
export async function powerCut({ dice, stage: { powerCut: cut }, over, steps, wait, count }: Scene): Promise<void> {
  await steps(dice.whole(0, 14));
  await wait(dice.between(0, 300));
  if (over()) return;
  count("power cuts");
  await cut(dice.pick([0, 500, 3_000]));
}

/** Words for `sh` that send a signal to processes of jobs: to the shells that carry them out, or to whatever they started too, and to the helper of their receiver. */
function signalJobs(signal: string, whole: boolean): string {
  const isJob = String.raw`tr '\0' ' ' </proc/$p/cmdline 2>/dev/null | grep -q '/run/halligan/[^ ]*script'`;
  const all = String.raw`{ tr '\0' '\n' </proc/$p/environ; echo; tr '\0' ' ' </proc/$p/cmdline; } 2>/dev/null | grep -q -e '^HG_JOB=' -e 'halligan-helper [0-9]* $'`;
  const mine = whole ? all : isJob;
  return `for p in /proc/[0-9]*; do p=\${p#/proc/}; if ${mine}; then kill -${signal} $p 2>/dev/null && echo hit; fi; done; true`;
}

/** As by a kernel that is short of memory: the shell that carries out a job is killed, with what it started or without. */
export async function jobsKilled({ dice, stage: { on, lab }, over, steps, wait, count }: Scene): Promise<void> {
  await steps(dice.whole(0, 14));
  await wait(dice.between(0, 300));
  if (over()) return;
  const whole = dice.whole(0, 1) === 0;
  for (const { node } of lab.targets) {
    const hit = await on(node, signalJobs("KILL", whole));
    if (hit.includes("hit")) count(whole ? "jobs killed with all they started" : "jobs killed");
  }
}

/** All processes of jobs stand still for a while. */
export async function jobsFrozen({ dice, stage: { on, lab }, over, steps, wait, count }: Scene): Promise<void> {
  await steps(dice.whole(0, 14));
  await wait(dice.between(0, 300));
  for (const { node } of lab.targets) if ((await on(node, signalJobs("STOP", true))).includes("hit")) count("jobs frozen");
  for (const until = performance.now() + dice.pick([1_000, 8_000, 25_000]); performance.now() < until && !over(); ) await wait(200);
  for (const { node } of lab.targets) await on(node, signalJobs("CONT", true));
  wakeEntrances();
}

/** nsenter(1), by which the lab's shells get into their node, stops when what it waits for is stopped, and stays so: it would be left behind. */
function wakeEntrances(): void {
  for (const name of readdirSync("/proc")) {
    if (!/^[0-9]+$/u.test(name)) continue;
    try {
      const isEntrance = readFileSync(`/proc/${name}/cmdline`, "utf8").startsWith("nsenter\0--target\0");
      if (isEntrance && / T /u.test(readFileSync(`/proc/${name}/stat`, "utf8"))) signal(Number(name), "SIGCONT");
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error) || (error.code !== "ENOENT" && error.code !== "ESRCH")) throw error;
    }
  }
}

/** Halligan's folders on a node: what is kept, and what is for now. */
const folders = ["/var/lib/halligan", "/run/halligan"] as const;

/** The file system with one of Halligan's folders has no room for a while, for bytes or for files, on one node or on both; a step may be at work. */
export async function nodeFull({ dice, stage: { on, lab }, over, steps, wait, done, count }: Scene): Promise<void> {
  for (let left = dice.whole(1, 2); left > 0 && !over(); left -= 1) {
    await steps(done() + dice.whole(0, 5));
    await wait(dice.between(0, 300));
    const nodes = lab.targets.filter(() => dice.whole(0, 1) === 0);
    const filler = `${dice.pick(folders)}/filler`;
    const files = dice.whole(0, 1) === 0;
    const fill = files
      ? `mkdir ${filler}; i=0; while [ $i -lt 1000 ] && true >${filler}/$i; do i=$((i+1)); done 2>/dev/null; true`
      : `cat /dev/zero >${filler} 2>/dev/null; true`;
    await Promise.all(nodes.map(({ node }) => on(node, fill)));
    count(files ? "disks full of files" : "full disks", nodes.length);
    await wait(dice.pick([200, 1_000, 3_000]));
    await Promise.all(nodes.map(({ node }) => on(node, `rm -rf ${filler}`)));
  }
}

/** Gives the nodes small disks for Halligan's folders; takes them away when it is disposed of. */
export async function smallDisks({ on, lab }: Stage): Promise<AsyncDisposable> {
  const mount = (folder: string): string =>
    `mkdir -p ${folder} && mount -t tmpfs -o size=600k,nr_inodes=200,mode=0700 tmpfs ${folder} && echo done`;
  for (const { node } of lab.targets)
    for (const folder of folders) if (!(await on(node, mount(folder))).includes("done")) throw new Error(`no disk on ${node}`);
  return {
    async [Symbol.asyncDispose]() {
      for (const { node } of lab.targets) for (const folder of folders) await on(node, `umount -l ${folder}`);
    },
  };
}
