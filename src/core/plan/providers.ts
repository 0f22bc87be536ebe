import { type Problem, problem } from "../errors.ts";
import type { NodeRoleId } from "../model/ids.ts";
import { type Catalogue, compareText, listing } from "./catalogue.ts";
import type { BoundNodeRole, ProviderRule } from "./graph.ts";

/** Providers chosen for one requirement. */
export interface Provision {
  readonly rule: ProviderRule;
  readonly byUse: boolean;
  readonly providerRole: string;
  /** In natural order of nodes; shared between requesters of the same deployment. */
  readonly providers: readonly BoundNodeRole[];
}

/** A requirement and the one who has it. */
export interface Request {
  readonly by: BoundNodeRole;
  readonly wanted: string;
  /** All members are wanted, so a provider on the same node is no reason to stop there. */
  readonly all: boolean;
}

interface Standing {
  readonly byNode: Map<string, BoundNodeRole>;
  readonly byDeployment: Map<string, BoundNodeRole[]>;
  readonly everywhere: BoundNodeRole[];
}

type Outcome = { readonly found: Provision } | { readonly found: undefined; readonly problem?: Problem };

/**
 * Finds providers: on the same node, else in the same deployment, else in the cluster; the nearest scope that has any decides, and there
 * must be one role only unless the deployment's `use` names it. Answers are shared, so asking is cheap for large clusters.
 */
export class Providers {
  readonly #catalogue: Catalogue;
  readonly #standing = new Map<string, Standing>();
  /** Outcomes that do not depend on the node, by deployment, requester's role and what is wanted. */
  readonly #wide = new Map<string, Outcome>();
  readonly #alone = new Map<NodeRoleId, readonly BoundNodeRole[]>();

  /** `bound` in natural order of nodes. */
  constructor(bound: readonly BoundNodeRole[], catalogue: Catalogue) {
    this.#catalogue = catalogue;
    for (const each of bound) {
      let standing = this.#standing.get(each.role.name);
      if (standing === undefined) {
        standing = { byNode: new Map(), byDeployment: new Map(), everywhere: [] };
        this.#standing.set(each.role.name, standing);
      }
      standing.byNode.set(each.node.name, each);
      standing.everywhere.push(each);
      const list = standing.byDeployment.get(each.deployment.name);
      if (list === undefined) standing.byDeployment.set(each.deployment.name, [each]);
      else list.push(each);
    }
  }

  /** The providers of one requirement. Problems: `PROVIDER_MISSING`, `PROVIDER_AMBIGUOUS`, `PROVIDER_INVALID`. */
  find(request: Request): Outcome {
    const { by, wanted, all } = request;
    const use = by.deployment.use[wanted];
    const candidates = use === undefined ? this.#others(this.#placed(wanted), by.role.name) : [use];
    if (!all) {
      const here = candidates.filter((role) => this.#standing.get(role)?.byNode.has(by.node.name) === true && role !== by.role.name);
      const provider = here[0] === undefined ? undefined : this.#standing.get(here[0])?.byNode.get(by.node.name);
      if (here.length > 1) return { found: undefined, problem: ambiguous(request, here, `on node ${by.node.name}`) };
      if (provider !== undefined && this.#provides(provider.role.name, wanted)) {
        return {
          found: { rule: "same-node", byUse: use !== undefined, providerRole: provider.role.name, providers: this.#single(provider) },
        };
      }
    }
    const key = `${by.deployment.name}\n${by.role.name}\n${wanted}`;
    const known = this.#wide.get(key);
    if (known !== undefined) return known;
    const outcome = this.#findWide(request, candidates, use);
    this.#wide.set(key, outcome);
    return outcome;
  }

  #findWide(request: Request, candidates: readonly string[], use: string | undefined): Outcome {
    const { by, wanted } = request;
    if (use !== undefined && (!this.#provides(use, wanted) || !this.#standing.has(use))) {
      return { found: undefined, problem: this.#badUse(request, use) };
    }
    const deployment = by.deployment.name;
    const near = candidates.filter((role) => this.#standing.get(role)?.byDeployment.has(deployment));
    const roles = near.length > 0 ? near : candidates;
    const where = near.length > 0 ? `in deployment ${deployment}` : "in the cluster";
    const [role] = roles;
    if (role === undefined) return { found: undefined, problem: this.#missing(request) };
    if (roles.length > 1) return { found: undefined, problem: ambiguous(request, roles, where) };
    const standing = this.#standing.get(role);
    const providers = (near.length > 0 ? standing?.byDeployment.get(deployment) : standing?.everywhere) ?? [];
    return { found: { rule: near.length > 0 ? "deployment" : "cluster", byUse: use !== undefined, providerRole: role, providers } };
  }

  #single(provider: BoundNodeRole): readonly BoundNodeRole[] {
    const known = this.#alone.get(provider.id);
    if (known !== undefined) return known;
    const list = [provider];
    this.#alone.set(provider.id, list);
    return list;
  }

  /** A role that provides what it requires means another one, if there is one. */
  #others(roles: readonly string[], own: string): readonly string[] {
    return roles.length > 1 ? roles.filter((role) => role !== own) : roles;
  }

  /** Placed roles that provide `wanted`; a role of that very name goes before capabilities. */
  #placed(wanted: string): readonly string[] {
    if (this.#standing.has(wanted)) return [wanted];
    return (this.#catalogue.providers.get(wanted) ?? []).filter((role) => this.#standing.has(role));
  }

  #provides(role: string, wanted: string): boolean {
    return this.#catalogue.providers.get(wanted)?.includes(role) ?? false;
  }

  #badUse({ by, wanted }: Request, use: string): Problem {
    const able = this.#placed(wanted);
    const reason = this.#provides(use, wanted) ? `role ${use} is not placed on any node` : `role ${use} does not provide ${wanted}`;
    return problem("PROVIDER_INVALID", {
      message: `deployment ${by.deployment.name} says \`use: { ${wanted}: ${use} }\`, but ${reason}`,
      at: by.role.place,
      ...(able.length === 0 ? {} : { hint: `Placed roles that provide ${wanted}: ${listing(able)}.` }),
    });
  }

  #missing({ by, wanted }: Request): Problem {
    const able = (this.#catalogue.providers.get(wanted) ?? []).filter((role) => role !== by.role.name);
    const hint =
      able.length === 0
        ? `No known barclamp provides ${wanted}: add a barclamp that does, or correct the name in ${by.role.barclamp}/barclamp.yaml.`
        : `Add to deployment ${by.deployment.name}: ${able.map((role) => `\`place: { ${role}: { on: "SELECTOR", count: 1 } }\``).join(" or ")}.`;
    return problem("PROVIDER_MISSING", {
      message: `role ${by.role.name} of deployment ${by.deployment.name} requires ${wanted}, which no placed role provides`,
      at: by.role.place,
      hint,
    });
  }
}

function ambiguous({ by, wanted }: Request, roles: readonly string[], where: string): Problem {
  const sorted = roles.toSorted(compareText);
  return problem("PROVIDER_AMBIGUOUS", {
    message: `role ${by.role.name} of deployment ${by.deployment.name} requires ${wanted}, and ${where} ${listing(sorted)} provide it`,
    at: by.role.place,
    hint: `Add to deployment ${by.deployment.name}: ${sorted.map((role) => `\`use: { ${wanted}: ${role} }\``).join(" or ")}.`,
  });
}
