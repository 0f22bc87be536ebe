import { z } from "zod";
import { defineCommand } from "../command.ts";
import type { FreezeDocument } from "./freeze.ts";
import { freezeRow } from "./freezes.ts";

/** Lifts a freeze. */
export const unfreezeCommand = defineCommand({
  id: "unfreeze",
  area: "authority",
  summary: "Lift a freeze",
  details:
    "Runs that waited for it go on by themselves. A window of the cluster file stays there: its present occurrence, or its next one, is left out.",
  args: () => z.object({ freeze: z.string().describe("A freeze such as F-3, or the name of a window of the cluster file") }),
  positionals: ["freeze"],
  risk: "change",
  needs: "administer",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan unfreeze F-3", does: "ends F-3" },
    { line: "halligan unfreeze weekend", does: "leaves the window `weekend` out once" },
  ],
  async run(context, { freeze: id }) {
    const [{ liftFreeze }, { freezesAhead, readFreezes }, { requireFor }] = await Promise.all([
      import("../../authority/locks/freeze-desk.ts"),
      import("../../authority/locks/freeze-state.ts"),
      import("./coverage.ts"),
    ]);
    const house = await context.house();
    const at = house.clock.now();
    const windows = /^F-\d+$/u.test(id) ? [] : ((await house.load()).cluster.freezes ?? []);
    const covered = freezesAhead(await readFreezes(house.store), windows, at).find((each) => each.freeze === id)?.deployments;
    await requireFor(context, "administer", covered ?? []);
    const freeze = await liftFreeze(house, windows, id, context.by);
    const document: FreezeDocument = { halligan: 1, kind: "unfrozen", freeze: freezeRow(freeze), shownIn: context.local.zone, at };
    return { exit: 0, document: { ...document } };
  },
});
