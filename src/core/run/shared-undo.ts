import type { ResolvedStep } from "../jigs/resolved.ts";
import type { Json } from "../ports.ts";
import type { Resolver } from "../plan/resolve.ts";
import type { AppliedRecord } from "./applied.ts";
import { type Draft, isAbout } from "./draft.ts";

const packagePrefix = "package:";

/** What a step makes: `names` that equal those of another step that makes the same, and where it lies. */
interface Made {
  readonly names: readonly string[];
  readonly path?: string;
}

/**
 * Gives the undo steps of node-roles that go, without what roles that stay on the same node make too: a shared folder, package or user stays
 * for them, and goes with the last of them. A folder also stays while something of another role lies in it. `applied` holds nothing that goes: of
 * a deployment that is no longer in the file a draft does not know that its plan takes it away. Pure.
 */
export function undoAlone(
  draft: Draft,
  resolver: Resolver,
  applied: readonly AppliedRecord[],
): (gone: AppliedRecord) => readonly ResolvedStep[] {
  const records = new Map(applied.map((record) => [record.id, record]));
  const staying = new Map<string, readonly Made[]>();
  const madeOn = (node: string): readonly Made[] => {
    const known = staying.get(node);
    if (known !== undefined) return known;
    const steps = draft.graph.nodeRoles
      .filter((each) => each.bound.node.name === node)
      .flatMap((each) => (each.bound.selected ? resolver.resolve(each).resolved.steps : (records.get(each.bound.id)?.undo ?? [])));
    const left = applied.filter((each) => each.node === node && !draft.graph.byId.has(each.id) && !isAbout(draft.input, each));
    const made = [...steps, ...left.flatMap((each) => each.undo)].map(madeBy);
    staying.set(node, made);
    return made;
  };
  return (gone) => {
    const others = madeOn(gone.node);
    if (others.length === 0) return gone.undo;
    const names = new Set(others.flatMap((each) => each.names));
    const paths = others.flatMap((each) => each.path ?? []);
    return gone.undo.flatMap((step) => alone(step, names, paths));
  };
}

/** The step without what stays; none when all of it stays. */
function alone(step: ResolvedStep, names: ReadonlySet<string>, paths: readonly string[]): readonly ResolvedStep[] {
  const made = madeBy(step);
  const kept = made.names.filter((name) => names.has(name));
  if (step.kind === "package") return packagesAlone(step, names);
  if (made.names.length > 0 && kept.length === made.names.length) return [];
  const folder = step.kind === "directory" || step.kind === "archive" ? made.path : undefined;
  return folder !== undefined && paths.some((path) => path.startsWith(`${folder}/`)) ? [] : [step];
}

/** What was installed is remembered on the node, so a step that takes it back is told of all that stays, also of what came along with it. */
function packagesAlone(step: ResolvedStep, staying: ReadonlySet<string>): readonly ResolvedStep[] {
  const packages = [...staying].filter((name) => name.startsWith(packagePrefix)).map((name) => name.slice(packagePrefix.length));
  if (packages.length === 0) return [step];
  if (step.args["restore"] === true) return [{ ...step, args: { ...step.args, keep: packages.toSorted() } }];
  const going = texts(step.args["name"]).filter((name) => !staying.has(packagePrefix + bare(name)));
  return going.length === 0 ? [] : [{ ...step, args: { ...step.args, name: going } }];
}

function bare(name: string): string {
  return name.split("=")[0] ?? name;
}

/** What a step, or the undo of one, is about. Steps of kinds that cannot be taken back have no names. */
export function madeBy({ kind, args }: ResolvedStep): Made {
  const text = (name: string): string => (typeof args[name] === "string" ? args[name] : "");
  const path = plainPath(text(kind === "archive" ? "dest" : "path"));
  switch (kind) {
    case "file":
    case "template":
      return { names: [`file:${path}`], path };
    case "directory":
    case "link":
    case "archive":
      return { names: [`${kind}:${path}`], path };
    case "line":
      return { names: [`line:${path}:${text("line")}`], path };
    case "ini":
      return { names: [`ini:${path}:${JSON.stringify([settingNames(args["set"]), args["unset"] ?? [], args["section"] ?? ""])}`], path };
    case "package":
      return { names: texts(args["name"]).map((name) => packagePrefix + bare(name)) };
    case "user":
    case "group":
    case "service":
    case "repository":
      return { names: [`${kind}:${text("name")}`] };
    case "sysctl":
      return { names: [`${kind}:${text("key")}`] };
    default:
      return { names: [] };
  }
}

function texts(value: Json | undefined): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "string");
}

function settingNames(set: Json | undefined): readonly string[] {
  return typeof set === "object" && set !== null ? Object.keys(set).toSorted() : [];
}

/** Without a slash at its end, and without doubled ones. */
function plainPath(path: string): string {
  return path.replace(/\/{2,}/gu, "/").replace(/(?<=.)\/$/u, "");
}
