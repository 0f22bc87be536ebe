import type { ClusterNode } from "../model/cluster.ts";

/** Nodes that share a value of a label, of which only so many may have a job at once. */
export interface LabelLimit {
  /** Label and value. */
  readonly group: string;
  readonly most: number;
}

/** The limits that hold for each node. */
export type LimitsOf = (node: string) => readonly LabelLimit[];

/** The limits of a cluster file (`workers.atOnce`), by node. */
export function limitsOf(nodes: readonly Pick<ClusterNode, "name" | "labels">[], atOnce: Readonly<Record<string, number>>): LimitsOf {
  const byNode = new Map(
    nodes.map(({ name, labels }) => [
      name,
      Object.entries(atOnce).flatMap(([label, most]) =>
        labels[label] === undefined ? [] : [{ group: `${label}=${labels[label]}`, most }],
      ),
    ]),
  );
  return (node) => byNode.get(node) ?? [];
}

/** How much room is left on nodes with labels that are limited, for one decision. */
export class Room {
  readonly #limitsOf: LimitsOf | undefined;
  readonly #used = new Map<string, number>();

  /** `busy`: nodes that have a job now. */
  constructor(limits: LimitsOf | undefined, busy: Iterable<string>) {
    this.#limitsOf = limits;
    if (limits === undefined) return;
    for (const node of busy) this.#use(limits(node));
  }

  /** True when one more may start on the node; then it counts. */
  take(node: string): boolean {
    const limits = this.#limitsOf?.(node) ?? [];
    if (limits.some(({ group, most }) => (this.#used.get(group) ?? 0) >= most)) return false;
    this.#use(limits);
    return true;
  }

  #use(limits: readonly LabelLimit[]): void {
    for (const { group } of limits) this.#used.set(group, (this.#used.get(group) ?? 0) + 1);
  }
}
