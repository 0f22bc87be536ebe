import type { CodeEntry } from "./entry.ts";

/** Problems of discovering nodes and their facts. */
export const inventoryCodes = {
  PROBE_FAILED: {
    exit: 5,
    means: "The probe did not return facts.",
    cause: "The node has no working /bin/sh, or its answer was cut.",
    action: "Run `halligan doctor` for this node, and `--trace` to see the probe's output.",
  },
  IMPORT_EMPTY: {
    exit: 2,
    means: "An import found no node.",
    cause: "The files are of another format than was named, or none of their hosts is reached over SSH.",
    action: "Name the format that the files have: ansible, ssh-config, csv or kolla.",
  },
  IMPORT_CONFLICT: {
    exit: 4,
    means: "A node that is to be added differs from one that the cluster file has.",
    cause: "The inventory and the cluster file say different things of one machine.",
    action: "Correct one of them, or import only the other hosts; nothing was written.",
  },
  IMPORT_UNMERGEABLE: {
    exit: 2,
    means: "Nodes cannot be added to a cluster file by a program.",
    cause: "Its `nodes` are written in braces, as an alias, or in another way that has no end to add lines to.",
    action: "Write `nodes` with one node per line, or import without --into and copy the nodes.",
  },
} as const satisfies Record<string, CodeEntry>;
