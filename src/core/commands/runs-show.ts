import { z } from "zod";
import type { RunTimings } from "../run/timings.ts";
import { defineCommand } from "./command.ts";

/** `runs show --json`. `phase` is `requested` or `running` while it has not ended. */
export interface RunTimingsDocument extends RunTimings {
  readonly halligan: 1;
  readonly kind: "run-timings";
  readonly run: string;
  readonly plan: string;
  readonly phase: string;
}

/** Shows where the time of a run went. */
export const runsShowCommand = defineCommand({
  id: "runs show",
  area: "plan and run",
  summary: "Show where the time of a run went: cohorts, critical path, slowest steps",
  details:
    "The critical path is the chain of node-roles that decided how long the run took: each waited for the one before it, by the graph or because one node does one thing at a time. Making another node-role faster makes the run no shorter.",
  args: () => z.object({ run: z.string().min(1).optional().describe("Run; default: the one that goes on, else the newest") }),
  positionals: ["run"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan runs show R-3", does: "tells where the time of R-3 went" }],
  async run(context, { run: named }) {
    const [{ chooseRun }, { readRunState }, { readRun }, { runTimings }] = await Promise.all([
      import("./run-choose.ts"),
      import("../run/requests.ts"),
      import("../run/annealer.ts"),
      import("../run/timings.ts"),
    ]);
    const house = await context.house();
    const { run } = await chooseRun(house.store, named);
    const { state, plan } = await readRunState(house.store, run);
    const timings = runTimings(plan.body, await readRun(house.store, run));
    const document: RunTimingsDocument = { halligan: 1, kind: "run-timings", run, plan: plan.id, phase: state.phase, ...timings };
    return { exit: 0, document: { ...document } };
  },
});
