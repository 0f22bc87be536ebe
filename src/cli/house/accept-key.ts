import { pinHostKey } from "../../core/adapters/ssh/pin.ts";
import type { createSsh2Transport } from "../../core/adapters/ssh/ssh2-transport.ts";
import { fail } from "../../core/errors.ts";
import type { LoadedCluster } from "../../core/house.ts";
import type { createTargets } from "./targets.ts";

/** Pins a node's host key if it is the one that was named. Problems: `NODE_UNKNOWN`, `HOST_KEY_UNKNOWN`, those of connecting. */
export function createKeyAcceptor(
  targets: ReturnType<typeof createTargets>,
  ssh2: ReturnType<typeof createSsh2Transport>,
): (loaded: LoadedCluster, name: string, fingerprint: string, signal: AbortSignal) => Promise<void> {
  return async (loaded, name, fingerprint, signal) => {
    const node = loaded.cluster.nodes.find((each) => each.name === name);
    if (node === undefined) throw fail("NODE_UNKNOWN", { message: `There is no node ${name} in the cluster file.` });
    const target = await targets.target(node);
    const scanned = await ssh2.scanHostKey(target, signal);
    if (scanned.fingerprint !== fingerprint) {
      throw fail("HOST_KEY_UNKNOWN", {
        message: `${name} shows the host key ${scanned.fingerprint}, not ${fingerprint}. Nothing was accepted.`,
        at: { node: name },
        hint: `Look at the key on ${name}'s console (\`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\`): if it is another one, somebody may stand in between.`,
      });
    }
    await pinHostKey(target.knownHosts.file, target.address, target.port, scanned.key, name);
  };
}
