import { z } from "zod";
import { defineCommand } from "./command.ts";

/** `what --json`. Times are ms since the epoch. */
export interface WhatDocument {
  readonly halligan: 1;
  readonly kind: "what";
  readonly cluster: string;
  /** What stands, by name. */
  readonly deployments: readonly DeployedRow[];
  /** Deployments of the cluster file of which nothing stands. */
  readonly absent: readonly string[];
  /** The run that is going on, which may change this. */
  readonly activeRun: string | null;
  readonly at: number;
}

/** What of one deployment stands on the nodes. */
export interface DeployedRow {
  readonly deployment: string;
  /** False when the cluster file does not name it any more. */
  readonly wanted: boolean;
  readonly nodeRoles: number;
  readonly nodes: number;
  readonly barclamps: readonly {
    readonly barclamp: string;
    /** `null` = it was made with other files than those of now. */
    readonly version: string | null;
    readonly digest: string;
    readonly nodeRoles: number;
  }[];
  /** When the oldest of it was made as it stands. */
  readonly since: number;
  /** What changed it last: the run, its plan, who asked for it, when. */
  readonly last: { readonly run: string; readonly plan: string; readonly by: string | null; readonly at: number };
}

/** Tells what is deployed. */
export const whatCommand = defineCommand({
  id: "what",
  area: "people",
  summary: "Tell what is deployed, by whom, since when",
  details:
    "Reads the store only: what runs have made active and none has removed. `drift` and `verify` ask the nodes whether it is still so; `status` tells what runs and what is wrong.",
  args: () => z.object({ deployments: z.array(z.string()).default([]).describe("Deployments to tell about; default: all") }),
  positionals: ["deployments"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan what", does: "every deployment with its barclamps, who changed it last, and when" },
    { line: "halligan what web", does: "the same of deployment web" },
  ],
  async run(context, { deployments }) {
    const { whatIsDeployed } = await import("./what-document.ts");
    return { exit: 0, document: { ...(await whatIsDeployed(await context.house(), deployments)) } };
  },
});
