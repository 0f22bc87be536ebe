import { type FilePlace, type Problem, problem } from "../errors.ts";
import type { Barclamp } from "../model/barclamp.ts";
import type { Cluster, Deployment } from "../model/cluster.ts";
import { matchSelector } from "../model/selector.ts";
import { suggestion } from "../model/suggest.ts";
import { bind } from "../plan/bind.ts";
import { sorted } from "./load-cluster.ts";
import { everySettings, secretLiteral, settingsResolver, type SettingsAt } from "./settings.ts";

/**
 * Checks a cluster against the barclamps that it uses, without looking at any node. Problems: those of placement (`bind`: `ROLE_UNKNOWN`,
 * `PLACEMENT_EMPTY`, `PLACEMENT_SHORT`, `AVOID_CYCLE`, `ROLE_TWICE`, `ROLE_CONFLICT`, `ROLE_DEFINED_TWICE`), and `BARCLAMP_UNKNOWN`,
 * `SETTING_UNKNOWN`, `SETTING_MISSING`, `VALUE_INVALID`, `SECRET_LITERAL`, `SELECTOR_EMPTY`, `PROVIDER_INVALID`.
 */
export function validateCluster(cluster: Cluster, barclamps: ReadonlyMap<string, Barclamp>): readonly Problem[] {
  const { bound, problems: placement } = bind({ cluster, barclamps: [...barclamps.values()] });
  const found: Problem[] = [...placement.map((each) => suggestRole(each, barclamps)), ...emptyGroups(cluster), ...labelsOfSpread(cluster)];
  for (const at of everySettings(cluster)) found.push(...unknownSettings(cluster, at, barclamps));
  for (const deployment of cluster.deployments)
    found.push(...secretProblems(cluster, deployment, barclamps), ...useProblems(cluster, deployment, barclamps));
  const settings = settingsResolver(cluster);
  const answers = new Set(bound.map(({ deployment, node, barclamp }) => settings(deployment, node, barclamp)));
  for (const { problems } of answers) found.push(...problems);
  return sorted(withoutRepeats(found));
}

/** Barclamps that the cluster file names in settings and secrets, whether they are placed or not. */
export function barclampsNamed(cluster: Cluster): ReadonlySet<string> {
  const secrets = cluster.deployments.flatMap((each) => Object.keys(each.secrets).map((key) => key.split(".")[0] ?? ""));
  return new Set([...everySettings(cluster).flatMap(({ set }) => Object.keys(set)), ...secrets]);
}

/** Settings of barclamps and attributes that do not exist, and secrets written out anywhere. */
function unknownSettings(cluster: Cluster, at: SettingsAt, barclamps: ReadonlyMap<string, Barclamp>): readonly Problem[] {
  return Object.entries(at.set).flatMap(([name, values]) => {
    const barclamp = barclamps.get(name);
    const place = (key: string): FilePlace | undefined => cluster.places.get(key);
    if (barclamp === undefined) {
      const message = `\`${at.path}\` sets something for barclamp \`${name}\`, which is not known.`;
      return [problem("BARCLAMP_UNKNOWN", { message, at: place(`${at.path}.${name}`), hint: suggestion(name, barclamps.keys()) })];
    }
    return Object.keys(values).flatMap((key) => {
      const attribute = Object.hasOwn(barclamp.attributes, key) ? barclamp.attributes[key] : undefined;
      if (attribute?.type === "secret") return [secretLiteral(cluster, at, barclamp, key)];
      if (attribute !== undefined) return [];
      const message = `Barclamp ${name} has no attribute \`${key}\`.`;
      return [
        problem("SETTING_UNKNOWN", {
          message,
          at: place(`${at.path}.${name}.${key}`),
          hint: suggestion(key, Object.keys(barclamp.attributes)),
        }),
      ];
    });
  });
}

function emptyGroups(cluster: Cluster): readonly Problem[] {
  return cluster.groups
    .filter((group) => !cluster.nodes.some((node) => matchSelector(group.on, node)))
    .map((group) =>
      problem("SELECTOR_EMPTY", { message: `Group ${group.name} selects no node.`, at: cluster.places.get(`groups.${group.name}.on`) }),
    );
}

/** A label that none of the selected nodes has spreads nothing. */
function labelsOfSpread(cluster: Cluster): readonly Problem[] {
  return cluster.deployments.flatMap((deployment) =>
    deployment.place.flatMap(({ role, on, spread }) => {
      const nodes = cluster.nodes.filter((node) => matchSelector(on, node));
      if (spread === undefined || nodes.length === 0 || nodes.some((node) => Object.hasOwn(node.labels, spread))) return [];
      const labels = new Set(nodes.flatMap((node) => Object.keys(node.labels)));
      const at = cluster.places.get(`deployments.${deployment.name}.place.${role}.spread`);
      return [
        problem("SELECTOR_EMPTY", {
          message: `${role} shall be spread over label \`${spread}\`, which none of its nodes has.`,
          at,
          hint: suggestion(spread, labels),
        }),
      ];
    }),
  );
}

function secretProblems(cluster: Cluster, deployment: Deployment, barclamps: ReadonlyMap<string, Barclamp>): readonly Problem[] {
  return Object.keys(deployment.secrets).flatMap((key) => {
    const [name = "", attribute = ""] = key.split(".");
    const at = cluster.places.get(`deployments.${deployment.name}.secrets.${key}`);
    const barclamp = barclamps.get(name);
    if (barclamp === undefined)
      return [
        problem("BARCLAMP_UNKNOWN", {
          message: `There is no barclamp \`${name}\` for secret \`${key}\`.`,
          at,
          hint: suggestion(name, barclamps.keys()),
        }),
      ];
    const secrets = Object.entries(barclamp.attributes).flatMap(([each, { type }]) => (type === "secret" ? [each] : []));
    if (secrets.includes(attribute)) return [];
    const exists = Object.hasOwn(barclamp.attributes, attribute);
    const message = exists
      ? `\`${attribute}\` of barclamp ${name} is not a secret; set it under \`set\`.`
      : `Barclamp ${name} has no secret \`${attribute}\`.`;
    return [problem("SETTING_UNKNOWN", { message, at, hint: exists ? undefined : suggestion(attribute, secrets) })];
  });
}

function useProblems(cluster: Cluster, deployment: Deployment, barclamps: ReadonlyMap<string, Barclamp>): readonly Problem[] {
  const roles = new Map([...barclamps.values()].flatMap((barclamp) => Object.entries(barclamp.roles)));
  return Object.entries(deployment.use).flatMap(([capability, name]) => {
    const at = cluster.places.get(`deployments.${deployment.name}.use.${capability}`);
    const role = roles.get(name);
    if (role === undefined)
      return [
        problem("ROLE_UNKNOWN", {
          message: `\`use\` names role \`${name}\`, which no known barclamp has.`,
          at,
          hint: suggestion(name, roles.keys()),
        }),
      ];
    const gives = new Set([role.name, ...role.provides, ...Object.values(role.outputs).flatMap((output) => output.capability ?? [])]);
    if (gives.has(capability)) return [];
    return [
      problem("PROVIDER_INVALID", {
        message: `Role ${name} does not provide \`${capability}\`; it provides ${[...gives].join(", ")}.`,
        at,
      }),
    ];
  });
}

/** Puts "did you mean" before the list of roles. */
function suggestRole(fault: Problem, barclamps: ReadonlyMap<string, Barclamp>): Problem {
  const role = fault.code === "ROLE_UNKNOWN" ? /role ([a-z0-9-]+)/u.exec(fault.message)?.[1] : undefined;
  const hint =
    role === undefined
      ? undefined
      : suggestion(
          role,
          [...barclamps.values()].flatMap((barclamp) => Object.keys(barclamp.roles)),
        );
  return hint === undefined ? fault : { ...fault, hint };
}

/** A setting is wrong once, however many nodes share it. */
function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return problems.filter((each) => {
    const at = each.at !== undefined && "line" in each.at ? [each.at.line, each.at.column] : each.at;
    const key = JSON.stringify([
      each.code,
      at,
      at === undefined || each.code === "SECRET_LITERAL" ? "" : each.message.replace(/^`nodes\.[^.`]+/u, "`nodes."),
    ]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
