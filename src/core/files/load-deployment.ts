import { type Problem, problem } from "../errors.ts";
import type { Deployment, Placement, Rollout, Selector } from "../model/cluster.ts";
import type { ClusterFile } from "../model/cluster-file.ts";
import { parseDuration } from "../model/duration.ts";
import { parseSelector } from "../model/selector.ts";
import { loadApprovals } from "./load-approvals.ts";
import { secretSourceOf } from "./load-ssh.ts";
import { plainSettings } from "./plain-settings.ts";
import type { YamlPath, YamlTree } from "./yaml-tree.ts";

type DeploymentFile = NonNullable<ClusterFile["deployments"]>[string];

/** A selector of the file, or `all` and a problem. Problems: `SELECTOR_INVALID`, at the character where it went wrong. */
export function readSelector(text: string, path: YamlPath, tree: YamlTree, problems: Problem[]): Selector {
  const parsed = parseSelector(text);
  if (parsed.ok) return parsed.selector;
  problems.push(
    problem("SELECTOR_INVALID", {
      message: `The selector \`${text.slice(0, 200)}\` is not valid: ${parsed.message}.`,
      at: tree.insidePlace(path, parsed.offset),
    }),
  );
  return { op: "all" };
}

/** The deployments of a file, in its order. Problems: `SELECTOR_INVALID`, `VALUE_INVALID`. */
export function loadDeployments(file: ClusterFile, tree: YamlTree, problems: Problem[]): readonly Deployment[] {
  return Object.entries(file.deployments ?? {}).map(([name, deployment]) => loadDeployment(name, deployment, tree, problems));
}

function loadDeployment(name: string, file: DeploymentFile, tree: YamlTree, problems: Problem[]): Deployment {
  const path = ["deployments", name];
  const budgetMs = file.budget === undefined ? undefined : parseDuration(file.budget);
  return {
    name,
    place: Object.entries(file.place).map(([role, place]) => loadPlacement(role, place, [...path, "place", role], tree, problems)),
    set: plainSettings(file.set),
    secrets: Object.fromEntries(Object.entries(file.secrets ?? {}).map(([key, source]) => [key, secretSourceOf(source)])),
    use: file.use ?? {},
    rollout: loadRollout(file.rollout),
    ...(budgetMs === undefined ? {} : { budgetMs }),
    ...(file.approvals === undefined ? {} : { approvals: loadApprovals(file.approvals) }),
  };
}

function loadPlacement(
  role: string,
  file: DeploymentFile["place"][string],
  path: YamlPath,
  tree: YamlTree,
  problems: Problem[],
): Placement {
  if (typeof file === "string") return { role, on: readSelector(file, path, tree, problems), avoid: [] };
  const avoid = file.avoid === undefined ? [] : typeof file.avoid === "string" ? [file.avoid] : file.avoid;
  if (avoid.includes(role))
    problems.push(problem("VALUE_INVALID", { message: `Role ${role} cannot avoid itself.`, at: tree.valuePlace([...path, "avoid"]) }));
  return {
    role,
    on: readSelector(file.on, [...path, "on"], tree, problems),
    avoid,
    ...(file.count === undefined ? {} : { count: file.count }),
    ...(file.spread === undefined ? {} : { spread: file.spread }),
  };
}

function loadRollout(file: DeploymentFile["rollout"]): Rollout {
  const { batch, maxFailures } = file ?? {};
  return {
    onUnreachable: file?.onUnreachable ?? "skip-and-report",
    ...(batch === undefined ? {} : { batch: typeof batch === "number" ? { nodes: batch } : { percent: Number(batch.slice(0, -1)) } }),
    ...(maxFailures === undefined ? {} : { maxFailures }),
    ...(file?.restarts === "later" ? { restarts: "later" as const } : {}),
  };
}
