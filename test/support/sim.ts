import type { Simulator } from "../../bench/sim/simulator.ts";
import type { SshTarget } from "../../src/core/ports.ts";

/** How to reach each simulated node as root, in order s1, s2, ... */
export function simTargets(simulator: Simulator): readonly SshTarget[] {
  return simulator.nodes.map(({ name, address, port }) => ({
    node: name,
    address,
    port,
    user: "root",
    transport: "ssh2",
    keys: [simulator.key],
    jumps: [],
    hostKeys: "strict",
    knownHosts: { file: simulator.knownHosts, alsoRead: [] },
    connectTimeoutMs: 30_000,
  }));
}
