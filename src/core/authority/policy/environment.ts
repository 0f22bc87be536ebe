import { Environment } from "@marcbachmann/cel-js";
import { z } from "zod";
import { factsSchema } from "../../model/facts.ts";
import { policyFunctions } from "./functions.ts";
import type { Scope } from "./rule.ts";

/** Bounds of one expression; beyond them it is refused when the file is read. */
const limits = { maxAstNodes: 2_000, maxDepth: 40 };

/** Units of size that rules can multiply by, in bytes. */
export const sizeUnits: Readonly<Record<string, bigint>> = { KiB: 1024n, MiB: 1024n ** 2n, GiB: 1024n ** 3n, TiB: 1024n ** 4n };

/** Fields by name: a CEL type, and what the field holds. */
type Fields = Readonly<Record<string, readonly [type: string, means: string]>>;

const types: Readonly<Record<string, Fields>> = {
  Setting: {
    deployment: ["string", "deployment whose role reads it"],
    barclamp: ["string", "barclamp that declares it"],
    name: ["string", "attribute"],
    type: ["string", "type of the attribute: string, integer, secret ..."],
    value: ["dyn", "value; durations in ms, sizes in bytes; null for secrets and what is not set"],
    origin: ["string", "where the value comes from: node, group, deployment, cluster, secrets or default"],
    secret: ["bool", "true for a secret, whose value no rule can see"],
  },
  Node: {
    name: ["string", "name"],
    address: ["string", "address"],
    labels: ["map<string, string>", "labels"],
    roles: ["list<string>", "roles that stand on it"],
    deployments: ["list<string>", "deployments of these roles"],
    facts: ["Facts", "facts"],
    set: ["map", "settings by barclamp, then attribute"],
    settings: ["list<Setting>", "settings of all its roles"],
    changing: ["bool", "the plan touches it"],
  },
  Role: {
    id: ["string", "deployment/role"],
    name: ["string", "name"],
    barclamp: ["string", "barclamp"],
    deployment: ["string", "deployment"],
    count: ["int", "number of members"],
    nodes: ["list<string>", "names of its nodes"],
    order: ["string", 'founder-first, one-by-one, parallel, or "" when the barclamp says nothing'],
    clustered: ["bool", "its barclamp gives a cluster order"],
    quorum: ["int", "members that must stay active while others change; 0 = not said"],
    changing: ["int", "members that the plan changes"],
    removing: ["int", "members that the plan takes away"],
    batch: ["int", "members that change at once, at most"],
    down: ["int", "members that stand now and change at once, at most"],
  },
  Plan: {
    phase: ["string", "check, plan, request, start or batch"],
    deployments: ["list<string>", "deployments planned"],
    changes: ["int", "node-roles with something to do"],
    removes: ["int", "node-roles that are taken away"],
    destroys: ["int", "steps that destroy something"],
    risk: ["string", "none, default, destructive or pointOfNoReturn"],
    nodes: ["list<string>", "nodes that are touched"],
    starting: ["list<string>", "node-roles that would start now (phase batch)"],
    approvers: ["int", "people who must approve the plan by the approvals blocks"],
  },
  Cluster: {
    name: ["string", "name"],
    nodes: ["int", "number of nodes"],
    deployments: ["list<string>", "deployments of the cluster file"],
  },
  Authority: { mode: ["string", "single-user or people"], people: ["int", "people of people.yaml; 0 in single-user mode"] },
  Time: {
    epochMs: ["int", "milliseconds since 1970"],
    dayNumber: ["int", "number of the day; dayOf(DATE) - time.dayNumber counts days"],
    date: ["string", "2026-11-21, in the zone of the policy's settings"],
    clock: ["string", "14:05"],
    day: ["string", "mon, tue, wed, thu, fri, sat or sun"],
  },
};

const common: Fields = {
  param: ["map", "the rule's parameters"],
  cluster: ["Cluster", "the cluster"],
  plan: ["Plan", "the plan; before a plan, and in `policy check`, one that does nothing"],
  authority: ["Authority", "who decides here"],
  time: ["Time", "now"],
};

const byScope: Readonly<Record<Scope, Fields>> = {
  plan: {
    nodes: ["list<Node>", "all nodes"],
    roles: ["list<Role>", "all roles of all deployments"],
    settings: ["list<Setting>", "every setting of every role; equal ones of a deployment once"],
  },
  node: {
    node: ["Node", "the node"],
    facts: ["Facts", "its facts"],
    set: ["map", "its settings by barclamp, then attribute"],
    settings: ["list<Setting>", "its settings as a list"],
  },
  role: {
    role: ["Role", "the role"],
    members: ["list<Node>", "the nodes that it stands on"],
    set: ["map", "settings of its first member by barclamp, then attribute"],
    settings: ["list<Setting>", "its settings as a list; equal ones once"],
  },
};

/** What a scope can see, for documents and `policy explain`. */
export function scopeVariables(scope: Scope): Fields {
  return { ...byScope[scope], ...common };
}

/** The types of what scopes can see, with their fields. */
export function scopeTypes(): Readonly<Record<string, Fields>> {
  return types;
}

const known = new Map<Scope, Environment>();

/** An environment that knows the type of everything in a scope: for checking expressions, never for evaluating them. */
export function checkingEnvironment(scope: Scope): Environment {
  const made = known.get(scope);
  if (made !== undefined) return made;
  const environment = withFunctions(new Environment({ unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: false, limits }));
  registerFacts(environment);
  for (const [name, fields] of Object.entries(types))
    environment.registerType(name, { fields: Object.fromEntries(Object.entries(fields).map(([field, [type]]) => [field, type])) });
  for (const [name, [type]] of Object.entries(scopeVariables(scope))) environment.registerVariable(name, type);
  for (const unit of Object.keys(sizeUnits)) environment.registerVariable(unit, "int");
  known.set(scope, environment);
  return environment;
}

let evaluating: Environment | undefined;

/** The environment in which expressions of every scope are evaluated: values are what they are. */
export function evaluatingEnvironment(): Environment {
  if (evaluating !== undefined) return evaluating;
  evaluating = withFunctions(new Environment({ unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: false, limits }));
  const names = new Set([
    "evidence",
    ...Object.keys(common),
    ...Object.values(byScope).flatMap((fields) => Object.keys(fields)),
    ...Object.keys(sizeUnits),
  ]);
  for (const name of names) evaluating.registerVariable(name, "dyn");
  return evaluating;
}

function withFunctions(environment: Environment): Environment {
  for (const { name, argument, result, run } of policyFunctions) environment.registerFunction(`${name}(${argument}): ${result}`, run);
  return environment;
}

/** Facts as the probe's schema has them; parts that may be null are unknown when they are, so their types are those of what is there. */
function registerFacts(environment: Environment): void {
  const shape = Object.entries(factsSchema.shape).filter(([name]) => name !== "facts");
  const fields = Object.fromEntries(shape.map(([name, schema]) => [name, celType(environment, `Facts_${name}`, schema)]));
  environment.registerType("Facts", { fields: { known: "bool", ageHours: "int", ...fields } });
}

function celType(environment: Environment, name: string, schema: z.ZodType): string {
  if (schema instanceof z.ZodReadonly) return celType(environment, name, schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodNullable) {
    const inner = celType(environment, name, schema.unwrap() as z.ZodType);
    return /^(Facts_|list|map)/u.test(inner) ? inner : "dyn";
  }
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Readonly<Record<string, z.ZodType>>;
    const fields = Object.fromEntries(Object.entries(shape).map(([key, each]) => [key, celType(environment, `${name}_${key}`, each)]));
    environment.registerType(name, { fields });
    return name;
  }
  if (schema instanceof z.ZodArray) return `list<${celType(environment, name, schema.element as z.ZodType)}>`;
  if (schema instanceof z.ZodRecord) return "map<string, dyn>";
  if (schema instanceof z.ZodNumber) return "int";
  if (schema instanceof z.ZodBoolean) return "bool";
  return "string";
}
