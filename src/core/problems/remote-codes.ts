import type { CodeEntry } from "./entry.ts";

/** Problems between the engine and a node. */
export const remoteCodes = {
  HOST_UNREACHABLE: {
    exit: 5,
    means: "No SSH connection to the node could be opened.",
    cause: "The host is down, the address or port is wrong, or a firewall drops the packets.",
    action: "Check the address with `ssh`, then retry.",
  },
} as const satisfies Record<string, CodeEntry>;
