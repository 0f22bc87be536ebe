import type { FilePlace, Problem } from "../errors.ts";
import type { Json } from "../ports.ts";
import type { BoundNodeRole } from "./graph.ts";
import type { SecretRef } from "../model/secret-ref.ts";

/** One setting of a node-role's barclamp and where it comes from. */
export interface Setting {
  /** In layer `secrets` a reference (`model/secret-ref.ts`), and nowhere else. `null`: not set, and there is no default. */
  readonly value: Json;
  /** The layer that won: node, group, deployment, cluster, secrets or default. */
  readonly layer: string;
  /** Name of the node, group or deployment. */
  readonly name?: string;
  readonly place?: FilePlace;
}

/** Settings by attribute name, every declared attribute included. */
export interface Settings {
  readonly values: Readonly<Record<string, Setting>>;
  readonly problems: readonly Problem[];
}

/** Gives the settings of a node-role; layers: node, group, deployment, cluster, default. */
export type SettingsOf = (bound: BoundNodeRole) => Settings;

/** A secret's value and version. Throws HalliganError when it cannot be had. */
export interface SecretLookup {
  (ref: SecretRef): { readonly value: string; readonly version: number };
  /** Only versions are true: placeholders stand for values, and nothing is judged by them. */
  readonly masked?: true;
}
