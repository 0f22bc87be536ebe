import type { ZodType } from "zod";
import { type Problem, problem } from "../errors.ts";
import { checkRules, checkValue } from "../model/attributes.ts";
import type { Attribute, Barclamp } from "../model/barclamp.ts";
import { barclampFileSchema, type BarclampFile } from "../model/barclamp-file.ts";
import type { Json } from "../ports.ts";
import type { BarclampContext } from "./barclamp-context.ts";
import { bundleDigest } from "./bundle-digest.ts";
import type { KindsForLoading } from "./kind-for-loading.ts";
import { mayBelieve, sorted } from "./load-cluster.ts";
import { loadMigrations } from "./load-migrations.ts";
import { loadDeprecation } from "./load-deprecation.ts";
import { loadRole } from "./load-role.ts";
import { checking, checkSchema } from "./schema-problems.ts";
import { readYaml, type YamlPath, type YamlTree } from "./yaml-tree.ts";

/** A barclamp's folder as bytes: path relative to the folder -> content. */
export interface BarclampFolder {
  readonly folder: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The name under which it is used, when it is another than its own. */
  readonly as?: string;
}

/** The barclamp, when there are no problems at all; and every problem that could be found. */
export interface LoadedBarclamp {
  readonly barclamp?: Barclamp;
  readonly problems: readonly Problem[];
}

const laterRoleKeys: ReadonlySet<string> = new Set(["networks", "conduits", "pools"]);
const laterJigs: ReadonlySet<string> = new Set(["ansible", "puppet", "exec"]);

function isLater(path: YamlPath, key: string): boolean {
  return (path.length === 0 || (path[0] === "roles" && path.length === 2)) && laterRoleKeys.has(key);
}

/**
 * Reads a barclamp. Never throws. Problems: those of YAML and schema (see `loadCluster`), of attributes (`VALUE_INVALID`, `SECRET_LITERAL`)
 * and of roles and steps (see `loadRole`, `loadStep`).
 */
export function loadBarclamp(source: BarclampFolder, kinds: KindsForLoading): LoadedBarclamp {
  const file = source.folder === "" ? "barclamp.yaml" : `${source.folder}/barclamp.yaml`;
  const bytes = source.files.get("barclamp.yaml");
  if (bytes === undefined)
    return { problems: [problem("FILE_NOT_FOUND", { message: `There is no ${file}.`, at: { file, line: 1, column: 1 } })] };
  const tree = readYaml(file, new TextDecoder().decode(bytes));
  if (tree.value === undefined || tree.value === null) {
    const empty = problem("KEY_MISSING", {
      message: "The file is empty.",
      at: tree.valuePlace([]),
      hint: "`halligan barclamp new NAME` makes one that works.",
    });
    return { problems: tree.problems.length > 0 ? tree.problems : [empty] };
  }
  const { problems } = checkSchema(barclampFileSchema, tree.value, tree, { later: { isLater } });
  const faults: Problem[] = problems.map((each) => asLater(each, tree));
  const seen = new Set<string>();
  const report = (fault: Problem): void => {
    // A template file is used by several steps, and a fault of it is one fault.
    const key = JSON.stringify([fault.code, fault.message, fault.at]);
    if (!seen.has(key)) faults.push(fault);
    seen.add(key);
  };
  const context: BarclampContext = {
    tree,
    kinds,
    folder: source.folder,
    files: source.files,
    attributes: attributeNames(tree.value),
    report,
  };
  const built = buildWhatStands(tree.value, context, source);
  if (tree.problems.length === 0 && faults.length === 0 && built !== undefined) return { barclamp: built, problems: [] };
  return { problems: sorted([...tree.problems, ...faults.filter((each) => mayBelieve(tree, each))]) };
}

/** `jig: ansible` is a word of a later version, not a wrong one. */
function asLater(fault: Problem, tree: YamlTree): Problem {
  const match = /^`(roles\.[^.`]+\.jig)`/u.exec(fault.message);
  if (fault.code !== "VALUE_INVALID" || match === null || fault.at === undefined) return fault;
  const role = (match[1] ?? "").split(".")[1] ?? "";
  const value = at(tree.value, ["roles", role, "jig"]);
  return typeof value === "string" && laterJigs.has(value)
    ? problem("LATER_STAGE", { message: `The jig \`${value}\` belongs to a later version.`, at: fault.at })
    : fault;
}

function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  let found = value;
  for (const key of path)
    found =
      typeof found === "object" && found !== null && Object.hasOwn(found, key) ? (found as Readonly<Record<string, Json>>)[key] : undefined;
  return found;
}

function attributeNames(value: Json): ReadonlySet<string> | undefined {
  const attributes = at(value, ["attributes"]);
  if (attributes === undefined) return new Set();
  return typeof attributes === "object" && attributes !== null ? new Set(Object.keys(attributes)) : undefined;
}

/** Builds every attribute and role that is well-formed by itself, so that a fault in one does not hide those of the others. */
function buildWhatStands(value: Json, context: BarclampContext, source: BarclampFolder): Barclamp | undefined {
  const { attributes: attributesSchema, roles: rolesSchema } = barclampFileSchema.shape;
  const oneAttribute = attributesSchema.unwrap().valueType;
  const attributes: Record<string, Attribute> = {};
  for (const [name, written] of Object.entries(asMap(at(value, ["attributes"])))) {
    const parsed = oneAttribute.safeParse(written, checking(context.tree));
    if (parsed.success) attributes[name] = loadAttribute(name, parsed.data, context);
  }
  const name = source.as ?? at(value, ["barclamp"]);
  const roles: Barclamp["roles"] = Object.fromEntries(
    Object.entries(asMap(at(value, ["roles"]))).flatMap(([role, written]) => {
      const parsed = rolesSchema.valueType.safeParse(wellFormed(asMap(written), rolesSchema.valueType.shape), checking(context.tree));
      return parsed.success ? [[role, loadRole(role, typeof name === "string" ? name : "", parsed.data, context)]] : [];
    }),
  );
  const whole = barclampFileSchema.safeParse(value, checking(context.tree));
  if (!whole.success) return undefined;
  const { barclamp, version, description } = whole.data;
  const migrations = loadMigrations(whole.data, attributes, context);
  const files = new Map([...source.files].filter(([path]) => path.startsWith("templates/") || path.startsWith("files/")));
  return {
    name: source.as ?? barclamp,
    version,
    ...(description === undefined ? {} : { description }),
    attributes,
    roles,
    migrations,
    files,
    digest: bundleDigest(source.files, isCounted),
    folder: source.folder,
  };
}

/** What of a map its schema accepts key by key; the rest has been reported. */
function wellFormed(written: Readonly<Record<string, Json>>, shape: Readonly<Record<string, ZodType>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(written).filter(([key, value]) => Object.hasOwn(shape, key) && shape[key]?.safeParse(value).success === true),
  );
}

function asMap(value: Json | undefined): Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, Json>>) : {};
}

function loadAttribute(name: string, file: NonNullable<BarclampFile["attributes"]>[string], context: BarclampContext): Attribute {
  const path = ["attributes", name];
  const attribute: Attribute = {
    type: file.type,
    required: file.required ?? false,
    ...(file.default === undefined ? {} : { default: file.default as Json }),
    ...(file.min === undefined ? {} : { min: file.min }),
    ...(file.max === undefined ? {} : { max: file.max }),
    ...(file.oneOf === undefined ? {} : { oneOf: file.oneOf as readonly Json[] }),
    ...(file.pattern === undefined ? {} : { pattern: file.pattern }),
    ...(file.of === undefined ? {} : { of: file.of }),
    ...(file.why === undefined ? {} : { why: file.why }),
    ...loadDeprecation(file.deprecated),
  };
  for (const message of checkRules(attribute))
    context.report(problem("VALUE_INVALID", { message: `Attribute ${name}: ${message}.`, at: context.tree.keyPlace(path) }));
  if (attribute.default === undefined) return attribute;
  const place = context.tree.valuePlace([...path, "default"]);
  if (attribute.type === "secret") {
    context.report(
      problem("SECRET_LITERAL", {
        message: `Attribute ${name} is a secret and has a default.`,
        at: place,
        hint: "Remove the default; clusters say where the secret comes from.",
      }),
    );
    return attribute;
  }
  const checked = checkValue(attribute, attribute.default);
  if (!checked.ok)
    for (const message of checked.messages)
      context.report(problem("VALUE_INVALID", { message: `The default of attribute ${name}: ${message}.`, at: place }));
  return attribute;
}

/** What of a barclamp's folder makes a difference to nodes: fixtures and pages do not. */
function isCounted(path: string): boolean {
  return path === "barclamp.yaml" || path.startsWith("templates/") || path.startsWith("files/");
}
