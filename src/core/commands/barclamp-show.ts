import { z } from "zod";
import type { Attribute, Barclamp, Deprecation, Input, Output, Role } from "../model/barclamp.ts";
import type { Migration } from "../model/migration-file.ts";
import { findBarclamp } from "./barclamp-find.ts";
import { type FetchedFrom, fetchedFrom } from "./barclamp-list.ts";
import { defineCommand } from "./command.ts";

/** `barclamp show NAME`. */
export interface BarclampDocument {
  readonly halligan: 1;
  readonly kind: "barclamp";
  readonly name: string;
  readonly version: string;
  readonly description: string | null;
  readonly origin: "cluster" | "fetched" | "shipped";
  /** From where it was fetched; null where it was not. */
  readonly source: FetchedFrom | null;
  readonly folder: string;
  readonly digest: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly roles: readonly RoleView[];
  /** How settings of earlier versions are carried over, as in barclamp.yaml; `down` also where it is not written. */
  readonly migrations: readonly Migration[];
  /** Paths below the folder. */
  readonly files: readonly string[];
}

/** One role as it is told to people. */
export interface RoleView {
  readonly name: string;
  readonly description: string | null;
  readonly deprecated: Deprecation | null;
  readonly requires: readonly string[];
  readonly provides: readonly string[];
  readonly conflicts: readonly string[];
  readonly platform: readonly string[];
  readonly inputs: Readonly<Record<string, Input>>;
  readonly outputs: Readonly<Record<string, Output>>;
  readonly steps: readonly { readonly id: string; readonly kind: string }[];
  readonly checks: readonly string[];
  readonly verify: readonly string[];
  /** What `verify --prove` proves of it. */
  readonly proves: readonly { readonly capability: string; readonly means: string; readonly per: "deployment" | "node" }[];
  /** `own`: the role has undo steps; `inverse`: each step's inverse. */
  readonly undo: "own" | "inverse";
}

/** Shows one barclamp. */
export const barclampShowCommand = defineCommand({
  id: "barclamp show",
  area: "barclamps",
  summary: "Show a barclamp: settings, roles, what they need and give",
  args: () => z.object({ name: z.string().min(1).describe("Barclamp") }),
  positionals: ["name"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan barclamp show nginx", does: "shows the settings and roles of nginx" }],
  async run(context, { name }) {
    const { barclamp, found } = await findBarclamp(context.local, name);
    const document: BarclampDocument = {
      halligan: 1,
      kind: "barclamp",
      ...describeBarclamp(barclamp),
      origin: found.origin,
      source: fetchedFrom(found),
      folder: found.folder,
    };
    return { exit: 0, document: { ...document } };
  },
});

function describeBarclamp(barclamp: Barclamp): Omit<BarclampDocument, "halligan" | "kind" | "origin" | "source" | "folder"> {
  const { name, version, description, digest, attributes, roles, migrations, files } = barclamp;
  return {
    name,
    version,
    description: description ?? null,
    digest,
    attributes,
    roles: Object.values(roles).map(roleView),
    migrations,
    files: [...files.keys()].sort(),
  };
}

function roleView(role: Role): RoleView {
  const capabilities = Object.values(role.outputs).flatMap((output) => (output.capability === undefined ? [] : [output.capability]));
  return {
    name: role.name,
    description: role.description ?? null,
    deprecated: role.deprecated ?? null,
    requires: role.requires,
    provides: [...new Set([...role.provides, ...capabilities])],
    conflicts: role.conflicts,
    platform: role.platform,
    inputs: role.inputs,
    outputs: role.outputs,
    steps: role.steps.map(({ id, kind }) => ({ id, kind })),
    checks: role.checks.map((check) => check.code),
    verify: role.verify.map((step) => step.id),
    proves: role.proves.map(({ id, means, once }) => ({ capability: id, means, per: once ?? "node" })),
    undo: role.undo === undefined ? "inverse" : "own",
  };
}
