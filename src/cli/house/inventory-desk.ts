import { HalliganError, type Problem } from "../../core/errors.ts";
import type { Discovered, House, LoadedCluster, PlanOptions } from "../../core/house.ts";
import { diffFacts } from "../../core/inventory/diff.ts";
import { discoverNode } from "../../core/inventory/discover.ts";
import { factsByNode, recordFacts } from "../../core/inventory/record.ts";
import type { Facts } from "../../core/model/facts.ts";
import type { Clock, Store } from "../../core/ports.ts";
import type { Draft } from "../../core/run/draft.ts";
import { awayProblem } from "../../core/run/planning.ts";
import type { Links } from "./links.ts";

/** What looking at nodes needs. */
export interface InventoryDeskOptions {
  readonly store: Store;
  readonly clock: Clock;
  load(): Promise<LoadedCluster>;
  linksOf(loaded: LoadedCluster): Links;
  /** Pins the host key of a node when it has exactly this fingerprint. */
  accept(loaded: LoadedCluster, node: string, fingerprint: string, signal: AbortSignal): Promise<void>;
}

/** Facts of nodes: those that are kept, and new ones by probing. */
export interface InventoryDesk extends Pick<House, "discover" | "knownFacts"> {
  /** Facts of all nodes; of those that the draft needs and that were never seen, new ones, unless no node is to be asked. */
  factsFor(
    loaded: LoadedCluster,
    draft: Draft,
    options: PlanOptions,
  ): Promise<{ readonly facts: ReadonlyMap<string, Facts>; readonly unreachable: ReadonlyMap<string, Problem> }>;
}

/** Makes the desk of one cluster. */
export function createInventoryDesk({ store, clock, load, linksOf, accept }: InventoryDeskOptions): InventoryDesk {
  async function probe(loaded: LoadedCluster, node: string, signal: AbortSignal): Promise<Facts> {
    const { connection, become } = await linksOf(loaded)(node, signal);
    const facts = await discoverNode({ connection, clock, packages: packagesOf(loaded), node, become, signal });
    await recordFacts(store, loaded.cluster.name, node, facts, clock);
    return facts;
  }

  const knownFacts = async (): ReturnType<typeof factsByNode> => await factsByNode(store, (await load()).cluster.name);

  return {
    knownFacts,
    async discover({ nodes, acceptHostKey, onProgress, signal }) {
      const loaded = await load();
      const before = await knownFacts();
      const names = nodes.length === 0 ? loaded.cluster.nodes.map((node) => node.name) : nodes;
      return await Promise.all(
        names.map(async (node): Promise<Discovered> => {
          const found = await discovered(node);
          onProgress(found);
          return found;
        }),
      );

      async function discovered(node: string): Promise<Discovered> {
        try {
          if (acceptHostKey !== undefined) await accept(loaded, node, acceptHostKey, signal);
          const facts = await probe(loaded, node, signal);
          const known = before.get(node);
          return { node, facts, firstTime: known === undefined, changed: known === undefined ? [] : diffFacts(known.facts, facts) };
        } catch (error) {
          if (!(error instanceof HalliganError)) throw error;
          return { node, problem: awayProblem(node, error) };
        }
      }
    },
    async factsFor(loaded, draft, options) {
      const facts = new Map([...(await knownFacts())].map(([node, { facts: each }]) => [node, each]));
      const needed = new Set(draft.graph.nodeRoles.filter((each) => each.bound.selected).map((each) => each.bound.node.name));
      const wanted = options.refresh === "no" ? [] : [...needed].filter((node) => !facts.has(node));
      const unreachable = new Map<string, Problem>();
      let done = 0;
      await Promise.all(
        wanted.map(async (node) => {
          try {
            facts.set(node, await probe(loaded, node, options.signal));
          } catch (error) {
            if (!(error instanceof HalliganError)) throw error;
            unreachable.set(node, awayProblem(node, error));
          }
          options.onProgress({ what: "discover", done: ++done, total: wanted.length, item: node });
        }),
      );
      return { facts, unreachable };
    },
  };
}

/** Packages whose versions are always asked for: those that the barclamps' package steps name literally, so that facts of all nodes compare. */
function packagesOf({ barclamps }: LoadedCluster): string[] {
  const names = new Set<string>();
  for (const barclamp of barclamps.values()) {
    for (const role of Object.values(barclamp.roles)) {
      for (const { kind, args } of role.steps) {
        if (kind !== "package" || typeof args !== "object" || args === null || !("name" in args)) continue;
        const { name } = args as { readonly name: unknown };
        for (const each of Array.isArray(name) ? name : [name])
          if (typeof each === "string" && /^[a-z0-9][a-z0-9.+-]*$/u.test(each)) names.add(each);
      }
    }
  }
  return [...names].toSorted();
}
