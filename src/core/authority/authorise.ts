import { type Problem, problem } from "../errors.ts";
import { listed } from "../words/count.ts";
import type { Authority, Grants, People, Role } from "./people.ts";

/** What somebody wants to do, as far as rights go. */
export type Action = "read" | "operate" | "approve" | "breakglass" | "administer";

/** On what: the whole cluster, every one of some deployments (none named = the whole cluster), or any part of it at all. */
export type Resource =
  | { readonly kind: "cluster" }
  | { readonly kind: "deployments"; readonly names: readonly string[] }
  | { readonly kind: "anywhere" };

/** Who asks: a principal that a front end has proved (`principalText`), or a person found from one before. */
export type Who = { readonly principal: string } | { readonly person: string };

/** One question of rights. */
export interface RightsQuestion {
  readonly authority: Authority;
  readonly who: Who;
  readonly action: Action;
  readonly resource: Resource;
}

/** The answer: who it is, or why not (`PRINCIPAL_UNKNOWN`, `NOT_ALLOWED`). */
export type Verdict =
  | { readonly allowed: true; readonly person: string }
  | { readonly allowed: false; readonly problem: Problem; readonly person?: string };

/** Which roles allow an action, the one that is named to people first. Approving is apart from operating on purpose. */
export const rolesFor: Readonly<Record<Action, readonly [Role, ...Role[]]>> = {
  read: ["observer", "operator", "approver", "admin"],
  operate: ["operator", "admin"],
  approve: ["approver", "admin"],
  breakglass: ["breakglass", "admin"],
  administer: ["admin"],
};

/** The only place that decides who may do what, for every front end and for the engine. Pure; what is not granted is refused. */
export function authorise({ authority, who, action, resource }: RightsQuestion): Verdict {
  const found = identify(authority, who);
  if (!found.allowed || authority.mode === "single-user") return found;
  const { people } = authority;
  const { person } = found;
  return isGranted(people, person, action, resource)
    ? found
    : { allowed: false, person, problem: refused(people, person, action, resource) };
}

/** Who somebody is, whatever they may do. Problem: `PRINCIPAL_UNKNOWN`. */
export function identify(authority: Authority, who: Who): Verdict {
  if (authority.mode === "single-user") return singleUser(who);
  const { people } = authority;
  const person = "person" in who ? who.person : personOf(people, who.principal);
  return person === undefined || !people.people.has(person) ? { allowed: false, problem: unknown(who) } : { allowed: true, person };
}

function personOf(people: People, principal: string): string | undefined {
  for (const { id, principals } of people.people.values()) if (principals.has(principal)) return id;
  return undefined;
}

/** The roles of a person, for the whole cluster and for single deployments. */
export function rolesOf(
  people: People,
  person: string,
): { readonly cluster: readonly Role[]; readonly deployments: ReadonlyMap<string, readonly Role[]> } {
  const held = (grants: Grants): readonly Role[] => (Object.keys(grants) as Role[]).filter((role) => grants[role].has(person));
  const deployments = [...people.deployments]
    .map(([name, grants]) => [name, held(grants)] as const)
    .filter(([, roles]) => roles.length > 0);
  return { cluster: held(people.cluster), deployments: new Map(deployments) };
}

/** The local user of a folder without people.yaml may do everything; nobody else can be anybody there. */
function singleUser(who: Who): Verdict {
  if ("person" in who) return { allowed: true, person: who.person };
  const local = "local:";
  if (who.principal.startsWith(local)) return { allowed: true, person: who.principal.slice(local.length) };
  return {
    allowed: false,
    problem: problem("PRINCIPAL_UNKNOWN", {
      message: `There is no people.yaml, so ${who.principal} stands for nobody: without it only the local user may do anything.`,
      hint: "Leave `--identity` away, or write a people.yaml (docs/people.md).",
    }),
  };
}

function isGranted(people: People, person: string, action: Action, resource: Resource): boolean {
  const has = (grants: Grants | undefined): boolean => grants !== undefined && rolesFor[action].some((role) => grants[role].has(person));
  if (has(people.cluster)) return true;
  switch (resource.kind) {
    case "cluster":
      return false;
    case "deployments":
      return resource.names.length > 0 && resource.names.every((name) => has(people.deployments.get(name)));
    case "anywhere":
      return [...people.deployments.values()].some((grants) => has(grants));
    default:
      return resource satisfies never;
  }
}

function unknown(who: Who): Problem {
  return "person" in who
    ? problem("PRINCIPAL_UNKNOWN", { message: `${who.person} is nobody in people.yaml (any more).` })
    : problem("PRINCIPAL_UNKNOWN", { message: `${who.principal} is nobody in people.yaml, so it may do nothing.` });
}

function refused(people: People, person: string, action: Action, resource: Resource): Problem {
  const [role] = rolesFor[action];
  const missing = missingIn(people, person, action, resource);
  const where = missing.length > 0 ? ` for ${missing.length === 1 ? "deployment" : "deployments"} ${listed(missing)}` : "";
  const { cluster, deployments } = rolesOf(people, person);
  const own = [...cluster, ...[...deployments].map(([name, roles]) => `${roles.join(" and ")} of ${name}`)];
  const holders = holdersOf(people, action, missing);
  return problem("NOT_ALLOWED", {
    message: `${person} may not do this: it needs the role ${role}${where}.`,
    cause: `${person} ${own.length === 0 ? "has no role" : `is ${listed(own)}`}; ${holders.length === 0 ? `nobody has the role ${role}${where}` : `${listed(holders)} ${holders.length === 1 ? "may" : "may each"} do it`}.`,
  });
}

/** The deployments that stand in the way. */
function missingIn(people: People, person: string, action: Action, resource: Resource): readonly string[] {
  return resource.kind === "deployments"
    ? resource.names.filter((name) => !isGranted(people, person, action, { kind: "deployments", names: [name] }))
    : [];
}

/** Who could do it instead: for the whole cluster, or for all of these deployments. */
function holdersOf(people: People, action: Action, deployments: readonly string[]): readonly string[] {
  const resource: Resource = deployments.length === 0 ? { kind: "cluster" } : { kind: "deployments", names: deployments };
  return [...people.people.keys()].filter((id) => isGranted(people, id, action, resource)).toSorted();
}
