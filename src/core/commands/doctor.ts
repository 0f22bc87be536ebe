import { z } from "zod";
import { fail } from "../errors.ts";
import { suggestion } from "../model/suggest.ts";
import { defineCommand } from "./command.ts";
import { examineNode } from "./doctor-node.ts";
import type { Examination } from "./local.ts";

/** `doctor`. */
export interface DoctorDocument {
  readonly halligan: 1;
  readonly kind: "doctor";
  /** `node` is null for this machine. */
  readonly subjects: readonly { readonly node: string | null; readonly examinations: readonly Examination[] }[];
  readonly summary: { readonly ok: number; readonly warn: number; readonly fail: number; readonly skipped: number };
}

/** Examines this machine, and nodes on request. */
export const doctorCommand = defineCommand({
  id: "doctor",
  area: "start",
  summary: "Examine this machine, or a node, and say what to mend",
  details: `Without a node: what Halligan needs here (Node.js, ssh, the store, disk, clock, what a lab needs).
With a node: address, host key, login, sudo, shell, tools, free space, clock. Nothing is changed.`,
  args: () => z.object({ node: z.string().min(1).optional().describe("Node of the cluster file") }),
  positionals: ["node"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It examines the machine on which it is typed." },
  examples: [
    { line: "halligan doctor", does: "examines this machine" },
    { line: "halligan doctor web-1", does: "examines the way to web-1 and web-1 itself" },
  ],
  async run(context, { node }) {
    const subjects: { node: string | null; examinations: readonly Examination[] }[] = [];
    if (node === undefined) subjects.push({ node: null, examinations: await context.local.examine() });
    else {
      await context.authorise("operate", { kind: "cluster" });
      const house = await context.house();
      const { cluster } = await house.load();
      const found = cluster.nodes.find((each) => each.name === node);
      if (found === undefined) {
        const names = cluster.nodes.map((each) => each.name);
        throw fail("NODE_UNKNOWN", { message: `There is no node \`${node}\` in the cluster file.`, hint: suggestion(node, names) });
      }
      const [seen] = await house.discover({ nodes: [node], onProgress: () => undefined, signal: context.signal });
      if (seen !== undefined) subjects.push({ node, examinations: examineNode(found, seen) });
    }
    const all = subjects.flatMap((subject) => subject.examinations);
    const count = (verdict: Examination["verdict"]): number => all.filter((each) => each.verdict === verdict).length;
    const document: DoctorDocument = {
      halligan: 1,
      kind: "doctor",
      subjects,
      summary: { ok: count("ok"), warn: count("warn"), fail: count("fail"), skipped: count("skipped") },
    };
    return { exit: document.summary.fail === 0 ? 0 : node === undefined ? 2 : 5, document: { ...document } };
  },
});
