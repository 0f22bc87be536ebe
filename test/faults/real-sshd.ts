import { readFileSync } from "node:fs";
import { hostKeyPath } from "../../src/core/adapters/lab/keys.ts";
import { labPaths } from "../../src/core/adapters/lab/state.ts";
import type { Stage } from "./stage.ts";
import type { Scene } from "./trial.ts";

/** Where real OpenSSH servers of nodes listen. */
export const sshdPort = 2200;
const start = "mkdir -p /run/sshd && setsid /usr/sbin/sshd -f /root/sshd/config </dev/null >/dev/null 2>&1";

/** Puts a real OpenSSH server on each node, with the keys that the lab's own server has. */
export async function installSshds({ lab, on }: Stage): Promise<void> {
  for (const { node, address } of lab.targets) {
    const hostKey = readFileSync(hostKeyPath(labPaths(lab.folder), node)).toString("base64");
    const login = readFileSync(`${lab.status.key}.pub`, "utf8").trim();
    const config = [
      `Port ${sshdPort}`,
      `ListenAddress ${address}`,
      "HostKey /root/sshd/host",
      "AuthorizedKeysFile /root/sshd/login",
      "PidFile none",
      "PermitRootLogin prohibit-password",
      "StrictModes no",
      "UsePAM no",
      "UseDNS no",
    ].join("\\n");
    const made = await on(
      node,
      `mkdir -p /root/sshd && cd /root/sshd && umask 077 && echo ${hostKey} | base64 -d >host && echo '${login}' >login && printf '${config}\\n' >config && ${start} && echo done`,
    );
    if (!made.endsWith("done\n")) throw new Error(`no sshd on ${node}: ${made}`);
  }
}

/** Ends sshd on a node as its restart does, or worse, and starts it again after a moment. */
export async function sshdRestarts({ dice, stage: { on, lab }, over, steps, wait, done, count }: Scene): Promise<void> {
  for (let left = dice.whole(1, 4); left > 0 && !over(); left -= 1) {
    await steps(done() + dice.whole(0, 4));
    await wait(dice.between(0, 400));
    if (over()) return;
    const { node } = dice.pick(lab.targets as [(typeof lab.targets)[0], ...typeof lab.targets]);
    const end = dice.pick(["pkill -9 -x sshd", "pkill -9 -o -x sshd", "pkill -9 -f '[s]shd: root@notty'"]);
    await on(node, `${end}; sleep ${dice.pick([0, 0.3, 2])}; ${start}`);
    count("times sshd was ended");
  }
}
