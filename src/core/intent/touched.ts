import type { Action, Resource } from "../authority/authorise.ts";
import { resolveSettings } from "../files/settings.ts";
import type { LoadedCluster } from "../house.ts";
import type { NodeRoleId } from "../model/ids.ts";
import { bind } from "../plan/bind.ts";
import type { BoundNodeRole } from "../plan/graph.ts";
import type { IntentChange } from "./changes.ts";
import { sameValue } from "./changes.ts";

/** Keys of a deployment that decide who must agree to its runs. */
const ofAuthority: ReadonlySet<string> = new Set(["approvals"]);

/**
 * What somebody must be allowed to do for a change: to operate; to administer where it makes the machine of the engine read something of its
 * own or run a program (sources of secrets).
 */
export function changeAction(changes: readonly IntentChange[]): Action {
  const isReach = ({ path, after }: IntentChange): boolean =>
    after !== undefined && (path.includes("secrets") || path.includes("ssh") || path.length < 3) && reaches(after, path);
  return changes.some(isReach) ? "administer" : "operate";
}

const reachingKeys: ReadonlySet<string> = new Set(["command", "file", "env", "key", "keys"]);

/** True where a source of secrets other than `generate` and `ask` stands in a value, or is the value. */
function reaches(value: unknown, path: readonly string[]): boolean {
  const isSource = path.includes("secrets") || path.includes("ssh");
  if (isSource && path.some((key, at) => at > 0 && reachingKeys.has(key))) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, each]) => (isSource && reachingKeys.has(key)) || reaches(each, [...path, key]));
}

/**
 * What a change of the cluster file is a matter of: the deployments in which it lies, before or after it; the whole cluster where nodes,
 * groups, common settings, access, freezes or an approvals block are touched.
 */
export function changeResource(changes: readonly IntentChange[]): Resource {
  const names = new Set<string>();
  for (const { path } of changes) {
    const [top, deployment, key] = path;
    // A deployment that comes or goes as a whole brings its approvals block with it.
    const whole = changes.some((each) => each.path.length === 2 && each.path[1] === deployment && holdsApprovals(each));
    if (top !== "deployments" || deployment === undefined || whole || (key !== undefined && ofAuthority.has(key)))
      return { kind: "cluster" };
    names.add(deployment);
  }
  // Comments alone are nobody's in particular.
  return names.size === 0 ? { kind: "anywhere" } : { kind: "deployments", names: [...names].toSorted() };
}

function holdsApprovals({ before, after }: IntentChange): boolean {
  return [before, after].some((each) => typeof each === "object" && each !== null && !Array.isArray(each) && "approvals" in each);
}

/** What a change of the cluster file comes to. */
export interface Touched {
  /** Layers of intent that it is written in: `deployment web`, `group fast`, `node web1`, `cluster`. */
  readonly layers: readonly string[];
  /** Node-roles that are placed otherwise, or whose settings are others. */
  readonly added: readonly NodeRoleId[];
  readonly removed: readonly NodeRoleId[];
  readonly changed: readonly NodeRoleId[];
}

/** The layers of intent in which changes are written. */
function layersOf(changes: readonly IntentChange[]): readonly string[] {
  const layers = changes.map(({ path: [top, name] }) => {
    if (name === undefined) return top === undefined ? "the whole file" : top;
    switch (top) {
      case "deployments":
        return `deployment ${name}`;
      case "groups":
        return `group ${name}`;
      case "nodes":
        return `node ${name}`;
      case "set":
        return "cluster";
      default:
        return top ?? "";
    }
  });
  return [...new Set(layers)];
}

/** Compares what two cluster files place and set. Pure; no node is asked. */
export function touchedBy(changes: readonly IntentChange[], before: LoadedCluster | undefined, after: LoadedCluster | undefined): Touched {
  const [old, now] = [placed(before), placed(after)];
  const added = [...now.keys()].filter((id) => !old.has(id));
  const removed = [...old.keys()].filter((id) => !now.has(id));
  const changed = [...now.keys()].filter((id) => old.has(id) && !isSame(before, old.get(id), after, now.get(id)));
  return { layers: layersOf(changes), added, removed, changed };
}

function placed(loaded: LoadedCluster | undefined): ReadonlyMap<NodeRoleId, BoundNodeRole> {
  if (loaded === undefined) return new Map();
  const { bound } = bind({ cluster: loaded.cluster, barclamps: [...loaded.barclamps.values()] });
  return new Map(bound.map((each) => [each.id, each]));
}

function isSame(
  before: LoadedCluster | undefined,
  old: BoundNodeRole | undefined,
  after: LoadedCluster | undefined,
  now: BoundNodeRole | undefined,
): boolean {
  if (before === undefined || old === undefined || after === undefined || now === undefined) return false;
  const settings = (loaded: LoadedCluster, each: BoundNodeRole): readonly unknown[] => {
    const { values } = resolveSettings(loaded.cluster, each.deployment, each.node, each.barclamp);
    return Object.entries(values).map(([name, { value }]) => [name, value]);
  };
  const view = (loaded: LoadedCluster, each: BoundNodeRole): string =>
    JSON.stringify([each.deployment.name, each.node.address, each.node.labels, each.barclamp.digest, settings(loaded, each)]);
  return view(before, old) === view(after, now);
}

/** True when a deployment means the same in two cluster files, down to the barclamps, the nodes and their settings. */
export function sameDeployment(name: string, one: LoadedCluster, other: LoadedCluster): boolean {
  const of = (loaded: LoadedCluster): ReadonlyMap<NodeRoleId, BoundNodeRole> =>
    new Map([...placed(loaded)].filter(([, each]) => each.deployment.name === name));
  const [first, second] = [of(one), of(other)];
  if (first.size !== second.size || ![...first].every(([id, each]) => isSame(one, each, other, second.get(id)))) return false;
  const rest = (loaded: LoadedCluster): unknown => {
    const found = loaded.cluster.deployments.find((each) => each.name === name);
    if (found === undefined) return undefined;
    const { secrets, use, rollout } = found;
    return { secrets, use, rollout };
  };
  return sameValue((rest(one) ?? null) as never, (rest(other) ?? null) as never);
}
