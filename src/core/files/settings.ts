import { type FilePlace, type Problem, problem } from "../errors.ts";
import { checkValue } from "../model/attributes.ts";
import type { Attribute, Barclamp } from "../model/barclamp.ts";
import type { BarclampSettings, Cluster, ClusterNode, Deployment } from "../model/cluster.ts";
import { secretRef } from "../model/secret-ref.ts";
import { matchSelector } from "../model/selector.ts";
import type { Json } from "../ports.ts";

/** Which layer a setting comes from; the first that has it wins, in this order. Secrets come from their deployment alone. */
export type SettingLayer = "node" | "group" | "deployment" | "cluster" | "secrets" | "default";

/** A setting with its origin. */
export interface ResolvedSetting {
  /** Durations in milliseconds, sizes in bytes, secrets as references (`model/secret-ref.ts`); null = not set. */
  readonly value: Json;
  readonly layer: SettingLayer;
  /** Name of the node, group or deployment. */
  readonly name?: string;
  readonly place?: FilePlace;
}

/** Every declared attribute of a barclamp with its value. */
export interface ResolvedSettings {
  readonly values: Readonly<Record<string, ResolvedSetting>>;
  readonly problems: readonly Problem[];
}

/** One place where settings can stand: `path` as in `cluster.places`. */
export interface SettingsAt {
  readonly layer: SettingLayer;
  readonly name?: string;
  readonly set: BarclampSettings;
  readonly path: string;
}

/** Every place of a cluster where settings stand, whatever their barclamp. */
export function everySettings(cluster: Cluster): readonly SettingsAt[] {
  return [
    { layer: "cluster", set: cluster.set, path: "set" },
    ...cluster.groups.map((group): SettingsAt => ({ layer: "group", name: group.name, set: group.set, path: `groups.${group.name}.set` })),
    ...cluster.nodes.map((node): SettingsAt => ({ layer: "node", name: node.name, set: node.set, path: `nodes.${node.name}.set` })),
    ...cluster.deployments.map(
      (each): SettingsAt => ({ layer: "deployment", name: each.name, set: each.set, path: `deployments.${each.name}.set` }),
    ),
  ];
}

/** The layers of a node in a deployment, first wins. */
function layersOf(cluster: Cluster, deployment: Deployment, node: ClusterNode): readonly SettingsAt[] {
  const groups = cluster.groups.filter((group) => matchSelector(group.on, node));
  return [
    { layer: "node", name: node.name, set: node.set, path: `nodes.${node.name}.set` },
    ...groups.map((group): SettingsAt => ({ layer: "group", name: group.name, set: group.set, path: `groups.${group.name}.set` })),
    { layer: "deployment", name: deployment.name, set: deployment.set, path: `deployments.${deployment.name}.set` },
    { layer: "cluster", set: cluster.set, path: "set" },
  ];
}

/**
 * The settings of a barclamp for a node in a deployment. Problems: `VALUE_INVALID`, `SECRET_LITERAL`, `SETTING_MISSING`; that settings exist at
 * all is judged once for the whole cluster (`validateCluster`).
 */
export function resolveSettings(cluster: Cluster, deployment: Deployment, node: ClusterNode, barclamp: Barclamp): ResolvedSettings {
  const layers = layersOf(cluster, deployment, node);
  const problems: Problem[] = [];
  const values: Record<string, ResolvedSetting> = {};
  for (const [name, attribute] of Object.entries(barclamp.attributes)) {
    const found = layers.find((layer) => own(own(layer.set, barclamp.name), name) !== undefined);
    const setting =
      attribute.type === "secret"
        ? secretSetting(cluster, deployment, barclamp, name)
        : found === undefined
          ? defaultSetting(attribute)
          : givenSetting(cluster, found, barclamp, name, attribute, problems);
    values[name] = setting;
    if (attribute.type === "secret" && found !== undefined) problems.push(secretLiteral(cluster, found, barclamp, name));
    if (attribute.required && setting.value === null && (attribute.type === "secret" || found === undefined))
      problems.push(missing(cluster, deployment, barclamp, name, attribute));
  }
  return { values, problems };
}

/** `resolveSettings` for one cluster; nodes of the same groups without settings of their own share the answer. */
export function settingsResolver(cluster: Cluster): (deployment: Deployment, node: ClusterNode, barclamp: Barclamp) => ResolvedSettings {
  const groups = new Map<ClusterNode, string>();
  const known = new Map<Barclamp, Map<string, ResolvedSettings>>();
  return (deployment, node, barclamp) => {
    if (own(node.set, barclamp.name) !== undefined) return resolveSettings(cluster, deployment, node, barclamp);
    let names = groups.get(node);
    if (names === undefined) {
      names = JSON.stringify(cluster.groups.filter((group) => matchSelector(group.on, node)).map((group) => group.name));
      groups.set(node, names);
    }
    const answers = known.get(barclamp) ?? new Map<string, ResolvedSettings>();
    known.set(barclamp, answers);
    const key = `${deployment.name}\n${names}`;
    const answer = answers.get(key) ?? resolveSettings(cluster, deployment, node, barclamp);
    answers.set(key, answer);
    return answer;
  };
}

/** A key of a map that is its own, whatever it is called. */
function own<T>(map: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

function placeOf(cluster: Cluster, path: string): { readonly place?: FilePlace } {
  const place = cluster.places.get(path);
  return place === undefined ? {} : { place };
}

function defaultSetting(attribute: Attribute): ResolvedSetting {
  if (attribute.default === undefined) return { value: null, layer: "default" };
  const checked = checkValue(attribute, attribute.default);
  return { value: checked.ok ? checked.value : attribute.default, layer: "default" };
}

function givenSetting(
  cluster: Cluster,
  at: SettingsAt,
  barclamp: Barclamp,
  name: string,
  attribute: Attribute,
  problems: Problem[],
): ResolvedSetting {
  const written = own(own(at.set, barclamp.name), name) ?? null;
  const path = `${at.path}.${barclamp.name}.${name}`;
  const checked = checkValue(attribute, written);
  if (!checked.ok)
    problems.push(
      ...checked.messages.map((message) => problem("VALUE_INVALID", { message: `\`${path}\`: ${message}.`, at: cluster.places.get(path) })),
    );
  return {
    value: checked.ok ? checked.value : null,
    layer: at.layer,
    ...(at.name === undefined ? {} : { name: at.name }),
    ...placeOf(cluster, path),
  };
}

function secretSetting(cluster: Cluster, deployment: Deployment, barclamp: Barclamp, name: string): ResolvedSetting {
  const key = `${barclamp.name}.${name}`;
  if (own(deployment.secrets, key) === undefined) return { value: null, layer: "default" };
  const value: Json = { ...secretRef(deployment.name, barclamp.name, name) };
  return { value, layer: "secrets", name: deployment.name, ...placeOf(cluster, `deployments.${deployment.name}.secrets.${key}`) };
}

/** A secret that was written out. The place comes without its line, which holds the secret. */
export function secretLiteral(cluster: Cluster, at: SettingsAt, barclamp: Barclamp, name: string): Problem {
  const place = cluster.places.get(`${at.path}.${barclamp.name}.${name}`);
  const bare = place === undefined ? undefined : { file: place.file, line: place.line, column: place.column };
  const message = `\`${at.path}.${barclamp.name}.${name}\` is a secret and is written out.`;
  const hint = `Remove it, treat it as known to others, and refer to it in the deployment: \`secrets: { ${barclamp.name}.${name}: { env: NAME } }\` (or file, ask, generate).`;
  return problem("SECRET_LITERAL", { message, at: bare, hint });
}

function missing(cluster: Cluster, deployment: Deployment, barclamp: Barclamp, name: string, attribute: Attribute): Problem {
  const at = cluster.places.get(`deployments.${deployment.name}`);
  const message = `Deployment ${deployment.name} needs \`${name}\` of barclamp ${barclamp.name}, and nothing sets it.`;
  const hint =
    attribute.type === "secret"
      ? `Add \`secrets: { ${barclamp.name}.${name}: { generate: 32 } }\` (or env, file, ask) to deployment ${deployment.name}.`
      : `Add \`set: { ${barclamp.name}: { ${name}: ... } }\` to deployment ${deployment.name}, a group, a node or the whole cluster.`;
  return problem("SETTING_MISSING", { message, at, hint });
}
