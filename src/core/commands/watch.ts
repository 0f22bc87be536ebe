import { z } from "zod";
import { defineCommand } from "./command.ts";

/** Follows a run from its first event to its end. */
export const watchCommand = defineCommand({
  id: "watch",
  area: "plan and run",
  summary: "Follow a run until it ends",
  details:
    "Any number of people may watch the same run, from any terminal. Leaving never touches the run. The exit code is that of the run: 0 succeeded, 1 failed, 6 cancelled; 0 when you leave before its end.",
  args: () => z.object({ run: z.string().optional().describe("A run such as R-3; default: the one that is going on, else the newest") }),
  positionals: ["run"],
  risk: "read",
  needs: "read",
  follows: true,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan watch", does: "follows the run that is going on" },
    { line: "halligan watch R-3 --json", does: "every event of R-3, one per line" },
  ],
  async run(context, args) {
    const { chooseRun } = await import("./run-choose.ts");
    const { followRun } = await import("./run-follow.ts");
    const house = await context.house();
    const { run } = await chooseRun(house.store, args.run);
    return await followRun(context, house, run);
  },
});
