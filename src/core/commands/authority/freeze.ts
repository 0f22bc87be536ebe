import { z } from "zod";
import { fail } from "../../errors.ts";
import type { EpochMs } from "../../ports.ts";
import { defineCommand } from "../command.ts";
import { type FreezeRow, freezeRow } from "./freezes.ts";

/** `freeze --json` and `unfreeze --json`. */
export interface FreezeDocument {
  readonly halligan: 1;
  readonly kind: "frozen" | "unfrozen";
  readonly freeze: FreezeRow;
  /** Zone of whoever asks, for showing the times. */
  readonly shownIn: string;
  readonly at: number;
}

/** Freezes deployments or the cluster. */
export const freezeCommand = defineCommand({
  id: "freeze",
  area: "authority",
  summary: "Let nothing start for a time",
  details: [
    "A freeze holds everybody, also who set it. It is judged when a run starts and before each batch, never when a run is asked for: who asks meanwhile gets a run that waits and starts by itself. What runs on nodes when it begins comes to its end.",
    "Times: `2026-11-27 16:00` or `16:00` in your zone or that of --zone, `2026-11-27T16:00+01:00`, `now`. Freezes that come every day or week belong into the cluster file (`freezes:`). docs/locks.md has the rules.",
  ].join("\n\n"),
  args: () =>
    z.object({
      deployments: z.array(z.string()).default([]).describe("Deployments to freeze; default: the whole cluster"),
      from: z.string().optional().describe("When it begins; default: now"),
      to: z.string().optional().describe("When it ends"),
      for: z.string().optional().describe("How long, such as 2h, instead of --to"),
      zone: z.string().optional().describe("Zone of the times, such as Europe/Berlin; default: that of this machine"),
      reason: z.string().trim().min(1).max(500).describe("Why, for those who wait"),
    }),
  positionals: ["deployments"],
  risk: "change",
  needs: "administer",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    {
      line: 'halligan freeze --from "2026-12-23 18:00" --to "2027-01-04 08:00" --reason "holidays"',
      does: "nothing starts over the holidays",
    },
    { line: 'halligan freeze web --for 2h --reason "press event"', does: "nothing starts in web for two hours from now" },
  ],
  async run(context, { deployments, from, to, for: duration, zone: named, reason }) {
    if ((to === undefined) === (duration === undefined))
      throw fail("USAGE", { message: "Say with --to or with --for when the freeze ends." });
    const [{ setFreeze }, { knownDeployments, requireFor, typedDuration, typedMoment, typedZone }] = await Promise.all([
      import("../../authority/locks/freeze-desk.ts"),
      import("./coverage.ts"),
    ]);
    const house = await context.house();
    const at = house.clock.now();
    const zone = typedZone(context, named);
    const begin: EpochMs = from === undefined ? at : typedMoment("--from", from, { now: at, zone, side: "earlier" });
    const until: EpochMs =
      duration === undefined
        ? typedMoment("--to", to ?? "", { now: Math.max(at, begin), zone, side: "later" })
        : begin + typedDuration("--for", duration);
    await knownDeployments(house, deployments);
    await requireFor(context, "administer", deployments);
    const freeze = await setFreeze(house, { deployments, from: begin, until, reason, by: context.by });
    const document: FreezeDocument = { halligan: 1, kind: "frozen", freeze: freezeRow(freeze), shownIn: zone, at };
    return { exit: 0, document: { ...document } };
  },
});
