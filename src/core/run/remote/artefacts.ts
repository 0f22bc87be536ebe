import { fail } from "../../errors.ts";
import type { CompiledScript } from "../../jigs/resolved.ts";
import type { Change } from "../../model/plan.ts";
import { type NodeLink, askNode, notStarted } from "./node-link.ts";
import { cacheCommand } from "./node-shell.ts";
import { createPrefaceReader } from "./preface.ts";

/** Whose contents they are, and what each step does with them. */
interface Consumer {
  readonly role: string;
  readonly steps: readonly { readonly id: string; readonly change: Change }[];
}

/**
 * Brings the large contents that changing steps need into the node's cache, each at most once per node and digest.
 * @throws `NODE_DISK_FULL`, `CONNECTION_LOST`, `BECOME_*`, `NODE_SHELL`.
 */
export async function pushArtefacts(link: NodeLink, planned: Consumer, compiled: CompiledScript): Promise<void> {
  const changing = new Set(planned.steps.filter((step) => step.change !== "none").map((step) => step.id));
  const sent = new Set<string>();
  for (const { stepId, blob } of compiled.artefacts) {
    if (!changing.has(stepId) || sent.has(blob.digest)) continue;
    sent.add(blob.digest);
    const head = Buffer.from(`HALLIGAN/1 cache none 0 ${blob.bytes.length}\n`);
    const answer = await askNode(link, cacheCommand(blob.digest.slice("sha256:".length)), Buffer.concat([head, blob.bytes]));
    const preface = createPrefaceReader("cache").push(answer.stdout);
    const at = { node: link.node, role: planned.role, step: stepId };
    if (preface?.word === "cached") continue;
    if (preface === undefined) throw notStarted(link, answer.stderr, answer.exit);
    if (preface.word === "nospace")
      throw fail("NODE_DISK_FULL", {
        message: `${link.node} has no room for ${blob.bytes.length} bytes of ${stepId}.`,
        at,
        cause: answer.stderr.trim() || undefined,
      });
    throw fail("CONNECTION_LOST", { message: `The content of ${stepId} did not arrive whole on ${link.node}.`, at });
  }
}
