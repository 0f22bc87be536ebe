import { type ApprovalEntry, approvalsTopic, myselfTopic } from "./authority-topics.ts";
import type { EngineInfo, LoadedCluster } from "../../core/house.ts";
import type { RunEntry } from "../../core/run/requests.ts";
import { type Loaded, valueOf } from "./loaded.ts";
import { presenceTopic } from "./presence-topic.ts";
import { type AnyTopic, type Shelf, type Topic, readTopic } from "./topic.ts";
import { engineTopic, filesTopic, newestPlanTopic, runTopic, runsTopic } from "./topics.ts";

/** Whether the store answers. */
export type Link = { readonly phase: "live" } | { readonly phase: "lost"; readonly since: number; readonly why: string };

/** A command of ours that was started from here. */
export interface Job {
  readonly id: number;
  /** As one would type it, without the options for the cluster. */
  readonly command: string;
  readonly startedAt: number;
  /** Output lines, coloured as they came; the oldest go when there are too many. */
  readonly lines: readonly string[];
  readonly dropped: number;
  readonly end?: { readonly exit: number; readonly at: number };
}

/** Everything the screens show, at one moment. */
export interface World {
  readonly now: number;
  readonly by: string;
  /** Id of this process among those who are here. */
  readonly self: string;
  readonly host: string;
  readonly file: string;
  readonly join: string;
  readonly link: Link;
  readonly shelf: Shelf;
  readonly jobs: ReadonlyMap<number, Job>;
}

/** A topic's data. */
export function see<T>(world: World, topic: Topic<T>): Loaded<T> {
  return readTopic(world.shelf, topic, world.now);
}

/** A topic's value, however old. */
export function known<T>(world: World, topic: Topic<T>): T | undefined {
  return valueOf(see(world, topic));
}

/** The cluster's name, as soon as it is known from anywhere. */
export function clusterName(world: World): string | undefined {
  const files: LoadedCluster | undefined = known(world, filesTopic);
  return files?.cluster.name ?? known(world, newestPlanTopic)?.body.cluster;
}

/** The run that has not ended, if there is one. */
export function openRun(world: World): RunEntry | undefined {
  return known(world, runsTopic)?.findLast((entry) => entry.phase === "requested");
}

/** Where the engine stands: `gone` is a run that nobody carries out. */
export function engineState(
  world: World,
):
  | { readonly kind: "unknown" | "idle" }
  | { readonly kind: "here"; readonly engine: EngineInfo }
  | { readonly kind: "gone"; readonly run: string } {
  const name = clusterName(world);
  const loaded = name === undefined ? undefined : see(world, engineTopic(name));
  if (loaded === undefined || loaded.phase === "loading" || loaded.phase === "failed") return { kind: "unknown" };
  if (loaded.value !== undefined) return { kind: "here", engine: loaded.value };
  const open = openRun(world);
  // A run that was asked for a moment ago waits for its engine to come up.
  return open === undefined || world.now - open.at < 5_000 ? { kind: "idle" } : { kind: "gone", run: open.run };
}

/** Requests for approval on which the vote of the person here would count. */
export function waitingForMe(world: World): readonly ApprovalEntry[] {
  const me = known(world, myselfTopic)?.person ?? world.by;
  return (known(world, approvalsTopic) ?? []).filter((each) => each.phase === "open" && each.mayVote.includes(me));
}

/** What the header shows on every screen. */
export function headerTopics(world: World): readonly AnyTopic[] {
  const name = clusterName(world);
  const open = openRun(world);
  return [
    filesTopic,
    runsTopic,
    newestPlanTopic,
    myselfTopic,
    approvalsTopic,
    presenceTopic,
    ...(name === undefined ? [] : [engineTopic(name)]),
    ...(open === undefined ? [] : [runTopic(open.run)]),
  ];
}
