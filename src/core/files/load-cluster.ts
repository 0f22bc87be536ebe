import type { Cluster, ClusterNode, SshSettings } from "../model/cluster.ts";
import { type ClusterFile, clusterFileSchema } from "../model/cluster-file.ts";
import { type FilePlace, type Problem, problem } from "../errors.ts";
import { loadDeployments, readSelector } from "./load-deployment.ts";
import { loadFreezes } from "./load-freezes.ts";
import { expandNodes } from "./load-nodes.ts";
import { defaultSsh, overrideSsh } from "./load-ssh.ts";
import { plainSettings } from "./plain-settings.ts";
import { checkSchema } from "./schema-problems.ts";
import { readYaml, type YamlPath, type YamlTree } from "./yaml-tree.ts";

/** A cluster file as text. `defaults.user` is the login user where the file names none. */
export interface ClusterSource {
  readonly file: string;
  readonly text: string;
  readonly defaults: { readonly user: string };
}

/** The cluster, when the file has no problems at all; and every problem that could be found. */
export interface LoadedCluster {
  readonly cluster?: Cluster;
  readonly problems: readonly Problem[];
}

const laterKeys: ReadonlySet<string> = new Set(["networks", "conduits", "pools"]);

function isLater(path: YamlPath, key: string): boolean {
  if (path.length === 0) return laterKeys.has(key);
  return path[0] === "nodes" && path.length === 2 && (key === "kind" || key === "bmc" || laterKeys.has(key));
}

/**
 * Reads a cluster file. Never throws. Problems: `YAML_INVALID`, `FILE_TOO_LARGE`, `FILE_NOT_TEXT`, `KEY_UNKNOWN`, `KEY_MISSING`,
 * `VALUE_INVALID`, `RANGE_INVALID`, `NODE_TWICE`, `SELECTOR_INVALID`, `SECRET_LITERAL`, `LATER_STAGE`.
 */
export function loadCluster(source: ClusterSource): LoadedCluster {
  const tree = readYaml(source.file, source.text);
  if (tree.value === undefined || tree.value === null) {
    const empty = problem("KEY_MISSING", {
      message: "The file is empty.",
      at: tree.valuePlace([]),
      hint: "Write a cluster file; `halligan init` makes a first one.",
    });
    return { problems: tree.problems.length > 0 ? tree.problems : [empty] };
  }
  const { data, problems } = checkSchema(clusterFileSchema, tree.value, tree, { later: { isLater } });
  const believable = [...problems, ...contentProblems(tree, problems)].filter((each) => mayBelieve(tree, each));
  if (data === undefined || tree.problems.length > 0) return { problems: sorted([...tree.problems, ...believable]) };
  const built = buildCluster(data, tree, source.defaults.user);
  return built.problems.length > 0 ? { problems: sorted(built.problems) } : built;
}

/** After an error that hid part of the file, only what stands before it is judged, and nothing is called missing. */
export function mayBelieve(tree: YamlTree, fault: Problem): boolean {
  if (tree.brokenFrom === undefined) return true;
  return fault.code !== "KEY_MISSING" && fault.at !== undefined && "line" in fault.at && fault.at.line < tree.brokenFrom;
}

/** What names a place where somebody may have written a secret out, by mistake under another key. */
const aboutSecret = /`(deployments\.[^`]+\.secrets\.|[^`]*\bssh\.(password|passphrase|becomePassword)\b)|is not a key in `([^`]*\.)?ssh`/u;

/** Problems in the order of the file. A line that holds a written-out secret, or may, is not repeated in any of them. */
export function sorted(problems: readonly Problem[]): readonly Problem[] {
  const place = (each: Problem): FilePlace | undefined => (each.at !== undefined && "line" in each.at ? each.at : undefined);
  const rank = (each: Problem): number => (place(each)?.line ?? 0) * 100_000 + (place(each)?.column ?? 0);
  const isSecret = (each: Problem): boolean => each.code === "SECRET_LITERAL" || aboutSecret.test(each.message);
  const secretLines = new Set(problems.filter(isSecret).map((each) => place(each)?.line));
  return problems
    .toSorted((a, b) => rank(a) - rank(b))
    .map((each) => {
      const at = place(each);
      if (at === undefined || !secretLines.has(at.line)) return each;
      const { text: _hidden, ...bare } = at;
      return { ...each, at: bare };
    });
}

/**
 * What can be said of ranges and selectors although the schema refused other parts: each part that is well-formed by itself is judged, so
 * that one misspelt key does not hide a wrong selector.
 */
function contentProblems(tree: YamlTree, schemaProblems: readonly Problem[]): readonly Problem[] {
  if (schemaProblems.length === 0) return [];
  const found: Problem[] = [];
  for (const spot of tree.spots.values()) {
    const { path, scalar } = spot;
    if (scalar === undefined || scalar.value === "") continue;
    const last = path.at(-1);
    const isPlacement = path[0] === "deployments" && path[2] === "place" && (path.length === 4 || (path.length === 5 && last === "on"));
    if (isPlacement || (path[0] === "groups" && path.length === 3 && last === "on")) readSelector(scalar.value, path, tree, found);
  }
  const nodes = clusterFileSchema.shape.nodes.safeParse((tree.value as Readonly<Record<string, unknown>>)["nodes"]);
  if (nodes.success) expandNodes(nodes.data, defaultSsh("-"), tree, found);
  return found;
}

function buildCluster(file: ClusterFile, tree: YamlTree, user: string): LoadedCluster {
  const problems: Problem[] = [];
  const ssh: SshSettings = file.ssh === undefined ? defaultSsh(user) : overrideSsh(defaultSsh(user), file.ssh, ["ssh"], tree, problems);
  const expanded = expandNodes(file.nodes, ssh, tree, problems);
  const groups = Object.entries(file.groups ?? {}).map(([name, group]) => ({
    name,
    on: readSelector(group.on, ["groups", name, "on"], tree, problems),
    set: plainSettings(group.set),
  }));
  const deployments = loadDeployments(file, tree, problems);
  const freezes = file.freezes === undefined ? {} : { freezes: loadFreezes(file, tree, problems) };
  const workers = file.workers === undefined ? {} : { workers: { only: file.workers.only ?? [], atOnce: file.workers.atOnce ?? {} } };
  const places = clusterPlaces(tree, expanded.origins);
  const nodes: readonly ClusterNode[] = expanded.nodes;
  return {
    cluster: { name: file.cluster, ssh, nodes, set: plainSettings(file.set), groups, deployments, ...workers, ...freezes, places },
    problems,
  };
}

/** Every path of the file; what stands below a node with a range is kept under each name that it stands for. */
function clusterPlaces(tree: YamlTree, origins: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, FilePlace> {
  const places = new Map<string, FilePlace>();
  for (const { path } of tree.spots.values()) {
    if (path.length === 0) continue;
    const value = isLeaf(tree, path) ? tree.valuePlace(path) : tree.keyPlace(path);
    const names = path[0] === "nodes" && path.length > 1 ? (origins.get(String(path[1])) ?? []) : undefined;
    if (names === undefined) places.set(path.join("."), value);
    for (const name of names ?? []) places.set(["nodes", name, ...path.slice(2)].join("."), value);
  }
  return places;
}

function isLeaf(tree: YamlTree, path: YamlPath): boolean {
  let value: unknown = tree.value;
  for (const part of path)
    value = typeof value === "object" && value !== null ? (value as Record<string | number, unknown>)[part] : undefined;
  return typeof value !== "object" || value === null;
}
