import { z } from "zod";
import { nameSchema } from "../model/ids.ts";
import { defineCommand } from "./command.ts";
import type { LabView } from "./local.ts";

/** `lab up`, `lab down`, `lab status`. */
export interface LabDocument {
  readonly halligan: 1;
  readonly kind: "lab";
  /** Null = there is no lab in this folder. */
  readonly lab: LabView | null;
}

/** Brings up machines to try things on. */
export const labUpCommand = defineCommand({
  id: "lab up",
  area: "start",
  summary: "Bring up machines to try things on, and a cluster file for them",
  details: `\`sandbox\` needs no root: each node is an SSH server on loopback whose commands run in a private, copy-on-write view of this machine.
\`nspawn\` needs root on Debian or Ubuntu and gives real machines with systemd; where some of them are
down, they are booted again and the others are left alone.

With \`--layer FOLDER\` the machines have more than Debian from the start: what lies in the folder lies over it, below what each of them
writes. A copy of what a machine of a lab wrote is such a folder, so packages are installed once and are there in every lab after that:
\`halligan lab down\`, then \`cp -a .halligan/lab/nodes/n1/upper FOLDER\` and \`rm -rf FOLDER/var/lib/halligan\`.`,
  args: () =>
    z.object({
      nodes: z.coerce.number().int().min(1).max(100).default(5).describe("How many nodes"),
      driver: z.enum(["sandbox", "nspawn"]).default("sandbox").describe("How the nodes are made"),
      name: nameSchema.default("lab").describe("Name of the cluster"),
      providerNetwork: z.boolean().default(false).describe("With nspawn: a second interface, eth1, on a network without addresses"),
      layer: z.string().min(1).optional().describe("With nspawn: a folder that lies over Debian, such as one with packages installed"),
    }),
  positionals: [],
  risk: "change",
  needs: "nothing",
  follows: false,
  chat: { no: "A lab is brought up on the machine on which it is typed." },
  examples: [
    { line: "halligan lab up", does: "five nodes and a cluster.yaml in the current folder" },
    { line: "halligan lab up --nodes 3 --driver nspawn", does: "three machines with systemd (as root)" },
    {
      line: "halligan lab up --nodes 3 --driver nspawn --provider-network",
      does: "the same, for clouds: eth1 leads to networks of their guests",
    },
    {
      line: "halligan lab up --nodes 3 --driver nspawn --layer /var/cache/halligan/cloud",
      does: "the same, with the packages that lie in the folder",
    },
  ],
  async run(context, { nodes, driver, name, providerNetwork, layer }) {
    const lab = await context.local.labUp({ nodes, driver, name, providerNetwork, layer }, (what, done, total, item) =>
      context.pass({ type: "progress", what, done, total, ...(item === undefined ? {} : { item }) }),
    );
    for (const problem of lab.notices) context.pass({ type: "problem", problem });
    const document: LabDocument = { halligan: 1, kind: "lab", lab };
    return { exit: 0, document: { ...document } };
  },
});
