import type { FilePlace } from "../../core/errors.ts";
import { type ResolvedSetting, resolveSettings } from "../../core/files/settings.ts";
import { formatDuration } from "../../core/model/duration.ts";
import type { Attribute } from "../../core/model/barclamp.ts";
import { isSecretRef } from "../../core/model/secret-ref.ts";
import { secretText } from "../../core/plan/held.ts";
import { selectorText } from "../../core/plan/selector-text.ts";
import { makeDraft } from "../../core/run/draft.ts";
import type { Sources } from "../ports.ts";
import type { Topic } from "./topic.ts";

/** A value that a setting has on some nodes, and where it comes from. */
export interface SettingValue {
  readonly text: string;
  /** `node n1`, `deployment web`, `default`. */
  readonly from: string;
  readonly given: boolean;
  readonly place?: FilePlace;
  readonly nodes: readonly string[];
}

/** One setting of a deployment with its values; the one that most nodes have first. */
export interface SettingRow {
  readonly barclamp: string;
  readonly name: string;
  readonly attribute: Attribute;
  readonly values: readonly SettingValue[];
}

/** A role of a deployment with the nodes that it was put on. */
export interface PlacedRole {
  readonly role: string;
  readonly barclamp: string;
  readonly on: string;
  readonly nodes: readonly string[];
  readonly place?: FilePlace;
}

/** What a deployment puts where, and every setting of it. */
export interface DeploymentSettings {
  readonly roles: readonly PlacedRole[];
  readonly settings: readonly SettingRow[];
}

/** Settings of one deployment with where each value comes from. */
export function settingsTopic(deployment: string): Topic<DeploymentSettings> {
  return { key: `settings:${deployment}`, load: (sources) => readSettings(sources, deployment), touched: () => false, ofFiles: true };
}

async function readSettings(sources: Sources, name: string): Promise<DeploymentSettings> {
  const [{ cluster, barclamps }, known] = await Promise.all([sources.load(), sources.knownFacts()]);
  const facts = new Map([...known].map(([node, { facts: each }]) => [node, each]));
  const draft = makeDraft({ cluster, barclamps, deployments: [name], facts });
  const bound = draft.graph.ranked.filter(({ deployment }) => deployment.name === name);
  const rows = new Map<string, { readonly row: SettingRow; readonly values: Map<string, { value: SettingValue; nodes: Set<string> }> }>();
  for (const { barclamp, deployment, node } of bound) {
    const { values } = resolveSettings(cluster, deployment, node, barclamp);
    for (const [setting, resolved] of Object.entries(values)) {
      const attribute = barclamp.attributes[setting];
      if (attribute === undefined) continue;
      const key = `${barclamp.name}.${setting}`;
      const entry = rows.get(key) ?? { row: { barclamp: barclamp.name, name: setting, attribute, values: [] }, values: new Map() };
      rows.set(key, entry);
      const value = valueOf(resolved, attribute);
      const same = `${value.text}\n${value.from}`;
      const of = entry.values.get(same) ?? { value, nodes: new Set() };
      of.nodes.add(node.name);
      entry.values.set(same, of);
    }
  }
  const place = cluster.deployments.find((each) => each.name === name)?.place ?? [];
  return {
    roles: place.map(({ role, on }): PlacedRole => {
      const of = bound.filter((each) => each.role.name === role);
      const at = cluster.places.get(`deployments.${name}.place.${role}`);
      return {
        role,
        barclamp: of[0]?.barclamp.name ?? "",
        on: selectorText(on),
        nodes: of.map(({ node }) => node.name),
        ...(at === undefined ? {} : { place: at }),
      };
    }),
    settings: [...rows.values()].map(({ row, values }) => ({
      ...row,
      values: [...values.values()]
        .map(({ value, nodes }): SettingValue => ({ ...value, nodes: [...nodes] }))
        .toSorted((a, b) => b.nodes.length - a.nodes.length),
    })),
  };
}

function valueOf({ value, layer, name, place }: ResolvedSetting, attribute: Attribute): SettingValue {
  const text =
    layer === "secrets" && isSecretRef(value)
      ? secretText(value.secret)
      : value === null
        ? "-"
        : attribute.type === "duration" && typeof value === "number"
          ? formatDuration(value)
          : typeof value === "string"
            ? value
            : JSON.stringify(value);
  return {
    text,
    from: name === undefined ? layer : `${layer} ${name}`,
    given: layer !== "default",
    ...(place === undefined ? {} : { place }),
    nodes: [],
  };
}
