import type { EngineInfo, LoadedCluster } from "../../core/house.ts";
import { runStream } from "../../core/journal/events.ts";
import type { Facts } from "../../core/model/facts.ts";
import type { Plan } from "../../core/model/plan.ts";
import { readStanding, type Standing } from "../../core/run/applied.ts";
import { type RunEntry, listRuns, newestPlan, readPlan } from "../../core/run/requests.ts";
import { type RunView, lastView, nextView, readRunJournal } from "./run-view.ts";
import type { Topic } from "./topic.ts";

/** The cluster's files. */
export const filesTopic: Topic<LoadedCluster> = {
  key: "files",
  load: (sources) => sources.load(),
  touched: () => false,
  ofFiles: true,
};

/** Facts by node, as last seen. */
export const factsTopic: Topic<ReadonlyMap<string, { readonly facts: Facts; readonly at: number }>> = {
  key: "facts",
  load: (sources) => sources.knownFacts(),
  touched: ({ type }) => type === "node.seen",
};

/** What stands on the nodes: node-roles that are active. */
export const appliedTopic: Topic<readonly Standing[]> = {
  key: "applied",
  load: ({ store }) => readStanding(store),
  // What the run has made of it in the meantime is known from the run itself; records of 8,000 node-roles are not read for each of its events.
  touched: ({ type }) => type === "run.ended" || type === "noderole.forgotten",
};

/** All runs, oldest first. */
export const runsTopic: Topic<readonly RunEntry[]> = {
  key: "runs",
  load: ({ store }) => listRuns(store),
  // The index is written a moment after the journal has the end of a run: reading it again then would bring the run back as open.
  touched: ({ type }) => type === "intent.run",
  fold: (runs, event) =>
    event.type !== "run.ended"
      ? runs
      : runs.map((entry) => {
          if (entry.run !== event.run) return entry;
          const { phase, durationMs, nodeRoles } = event;
          return { run: entry.run, plan: entry.plan, by: entry.by, at: entry.at, phase, durationMs, nodeRoles };
        }),
};

/** The plan that was made last. */
export const newestPlanTopic: Topic<Plan | undefined> = {
  key: "plan",
  load: ({ store }) => newestPlan(store),
  touched: ({ type }) => type === "plan.made",
};

/** One plan by its id; it never changes. */
export function planTopic(id: string): Topic<Plan> {
  return { key: `plan:${id}`, load: ({ store }) => readPlan(store, id), touched: () => false };
}

/** One run, followed event by event. */
export function runTopic(run: string): Topic<RunView> {
  const stream = runStream(run);
  return {
    key: `run:${run}`,
    load: async ({ store }) => lastView(await readRunJournal(store, run)),
    touched: () => false,
    fold: (view, event) => (event.stream !== stream || event.seq <= view.seq ? view : nextView(view, event)),
  };
}

/** The engine that holds the cluster's lease. Whether its process lives is not in the journal, so it is asked now and then. */
export function engineTopic(cluster: string): Topic<EngineInfo | undefined> {
  return {
    key: `engine:${cluster}`,
    load: (sources) => sources.findEngine(cluster),
    touched: ({ type }) => type === "intent.run" || type === "run.started" || type === "run.resumed" || type === "run.ended",
    everyMs: 3_000,
  };
}
