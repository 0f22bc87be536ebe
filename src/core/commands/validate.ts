import { z } from "zod";
import type { Problem } from "../errors.ts";
import { codes } from "../problems/codes.ts";
import { defineCommand } from "./command.ts";

/** `validate`. */
export interface ValidationDocument {
  readonly halligan: 1;
  readonly kind: "validation";
  /** Absolute path of the cluster file. */
  readonly file: string;
  readonly problems: readonly Problem[];
  /** What works and should be changed: settings of other versions of a barclamp, what is deprecated. */
  readonly notices: readonly Problem[];
  /** What the file describes; only without problems. */
  readonly counts?: { readonly nodes: number; readonly deployments: number; readonly barclamps: number };
}

/** Checks files; touches neither store nor network. */
export const validateCommand = defineCommand({
  id: "validate",
  area: "start",
  summary: "Check a cluster file and the barclamps it uses",
  details: "Reads files only: no store, no network. Every problem is shown at once, with its place.",
  args: () => z.object({ file: z.string().min(1).optional().describe("Cluster file; default: -f, else ./cluster.yaml") }),
  positionals: ["file"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It reads a file of the machine on which it is typed; `plan` tells what is wrong with the cluster's files." },
  examples: [
    { line: "halligan validate", does: "checks ./cluster.yaml" },
    { line: "halligan validate lab.yaml --json", does: "prints all problems as JSON" },
  ],
  async run(context, { file }) {
    const checked = await context.local.check(file ?? context.local.clusterFile);
    const document: ValidationDocument = { halligan: 1, kind: "validation", ...checked };
    const [first] = checked.problems;
    return { exit: first === undefined ? 0 : codes[first.code].exit, document: { ...document } };
  },
});
