import { z } from "zod";
import type { Freeze } from "../../authority/locks/freeze-state.ts";
import { defineCommand } from "../command.ts";

/** One freeze in `--json`. Times are ms since the epoch. */
export interface FreezeRow {
  /** `F-3`, or the name of a window of the cluster file. */
  readonly freeze: string;
  /** Empty = the whole cluster. */
  readonly deployments: readonly string[];
  readonly from: number;
  readonly until: number;
  readonly reason: string;
  /** `null` for a window of the cluster file. */
  readonly by: string | null;
  /** Zone of a window of the cluster file, else `null`. */
  readonly zone: string | null;
}

/** `freezes --json`. */
export interface FreezesDocument {
  readonly halligan: 1;
  readonly kind: "freezes";
  /** Those that are in force and those ahead; a recurring window with its present or next occurrence. */
  readonly freezes: readonly FreezeRow[];
  /** Windows of the cluster file that are left out at present, and until when. */
  readonly lifted: readonly { readonly freeze: string; readonly until: number }[];
  /** Zone of whoever asks, for showing the times. */
  readonly shownIn: string;
  readonly at: number;
}

/** A freeze as documents show it. */
export function freezeRow({ freeze, deployments, from, until, reason, by, zone }: Freeze): FreezeRow {
  return { freeze, deployments, from, until, reason, by: by ?? null, zone: zone ?? null };
}

/** Lists freezes. */
export const freezesCommand = defineCommand({
  id: "freezes",
  area: "authority",
  summary: "List times in which nothing starts",
  args: () => z.object({ zone: z.string().optional().describe("Show times in this zone; default: that of this machine") }),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan freezes --zone UTC", does: "freezes in force and ahead, with their times in UTC" }],
  async run(context, { zone }) {
    const [{ freezesAhead, readFreezes }, { liftedUntil }, { typedZone }] = await Promise.all([
      import("../../authority/locks/freeze-state.ts"),
      import("../../authority/locks/freeze-desk.ts"),
      import("./coverage.ts"),
    ]);
    const house = await context.house();
    const at = house.clock.now();
    const windows = (await house.load()).cluster.freezes ?? [];
    const state = await readFreezes(house.store);
    const lifted = windows.flatMap((window) => {
      const until = liftedUntil(state, window, at);
      return until === undefined ? [] : [{ freeze: window.name, until }];
    });
    const freezes = freezesAhead(state, windows, at).map(freezeRow);
    const document: FreezesDocument = { halligan: 1, kind: "freezes", freezes, lifted, shownIn: typedZone(context, zone), at };
    return { exit: 0, document: { ...document } };
  },
});
