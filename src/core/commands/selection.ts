import { fail } from "../errors.ts";
import type { ClusterNode } from "../model/cluster.ts";
import { matchSelector, parseSelector } from "../model/selector.ts";

/**
 * The nodes that a selector picks, in the order of the file; no selector = all.
 * @throws `SELECTOR_INVALID` with a mark below the place, `NODE_UNKNOWN` when nothing is picked.
 */
export function selectNodes(nodes: readonly ClusterNode[], selector: string | undefined): readonly ClusterNode[] {
  if (selector === undefined) return nodes;
  const parsed = parseSelector(selector);
  if (!parsed.ok) {
    throw fail("SELECTOR_INVALID", {
      message: `The selector cannot be read: ${parsed.message}.`,
      at: { file: "selector", line: 1, column: parsed.offset + 1, text: selector },
    });
  }
  const picked = nodes.filter((node) => matchSelector(parsed.selector, node));
  if (picked.length === 0 && nodes.length > 0) {
    throw fail("NODE_UNKNOWN", {
      message: `No node of the cluster file matches \`${selector}\`.`,
      hint: "`halligan nodes` lists the nodes with their labels.",
    });
  }
  return picked;
}
