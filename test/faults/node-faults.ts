import type { Stage } from "./stage.ts";
import type { Scene } from "./trial.ts";

/** Every process of the nodes ends in the middle of a step, and they come up again on the disks they had. */
export async function powerCut({ dice, stage: { powerCut: cut }, over, steps, wait, count }: Scene): Promise<void> {
  await steps(dice.whole(0, 14));
  await wait(dice.between(0, 300));
  if (over()) return;
  count("power cuts");
  await cut(dice.pick([0, 500, 3_000]));
}

/** The file system with Halligan's folder has no room for a while, on one node or on both; a step may be at work. */
export async function nodeFull({ dice, stage: { on, lab }, over, steps, wait, done, count }: Scene): Promise<void> {
  for (let left = dice.whole(1, 2); left > 0 && !over(); left -= 1) {
    await steps(done() + dice.whole(0, 5));
    await wait(dice.between(0, 300));
    const nodes = lab.targets.filter(() => dice.whole(0, 1) === 0);
    await Promise.all(nodes.map(({ node }) => on(node, "cat /dev/zero >/var/lib/halligan/filler 2>/dev/null; true")));
    count("full disks", nodes.length);
    await wait(dice.pick([200, 1_000, 3_000]));
    await Promise.all(nodes.map(({ node }) => on(node, "rm -f /var/lib/halligan/filler")));
  }
}

/** Gives the nodes a small disk for Halligan's folder; takes it away when it is disposed of. */
export async function smallDisks({ on, lab }: Stage): Promise<AsyncDisposable> {
  const mount = "mkdir -p /var/lib/halligan && mount -t tmpfs -o size=600k,mode=0700 tmpfs /var/lib/halligan && echo done";
  for (const { node } of lab.targets) if (!(await on(node, mount)).includes("done")) throw new Error(`no disk on ${node}`);
  return {
    async [Symbol.asyncDispose]() {
      for (const { node } of lab.targets) await on(node, "umount -l /var/lib/halligan");
    },
  };
}
