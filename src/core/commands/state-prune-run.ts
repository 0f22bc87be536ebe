import { principalText } from "../authority/principal.ts";
import { fail, hasCode } from "../errors.ts";
import type { House } from "../house.ts";
import { parseDuration } from "../model/duration.ts";
import { findPrunable, prune, type Prunable } from "../run/prune.ts";
import { openRuns } from "../run/queue.ts";
import type { CommandContext } from "./command.ts";
import { agreeToPrune, type StatePruneDocument } from "./state-prune.ts";

interface PruneArgs {
  readonly keepRuns: number;
  readonly olderThan: string;
  readonly dryRun: boolean;
}

/** Finds what may go, asks, removes it, and puts it on record. @throws `TIME_INVALID`, `USAGE`, `INTERRUPTED`, and the problems of the store. */
export async function pruneState(context: CommandContext, { keepRuns, olderThan, dryRun }: PruneArgs): Promise<StatePruneDocument> {
  const age = parseDuration(olderThan);
  if (age === undefined) {
    const hint = "Write a duration such as `30d`, `12w` or `0`.";
    throw fail("TIME_INVALID", { message: `--older-than is \`${olderThan}\`: that is no duration.`, hint });
  }
  const house = await context.house();
  const before = house.clock.now() - age;
  const found = await findPrunable(house, { keepRuns, before });
  const shown = { halligan: 1, kind: "state-prune", dryRun, ...found, events: 0, logs: 0, room: "untouched", before } as const;
  const total = found.runs.length + found.plans.length;
  if (dryRun || total === 0) return shown;
  const detail = `${found.runs.length} runs and ${found.plans.length} plans lose their details for good${span(found)}.`;
  await agreeToPrune(context.confirm({ what: "forget", detail }));
  // Whoever agrees takes their time: what somebody has asked for meanwhile stays.
  const still = await findPrunable(house, { keepRuns, before });
  const left = {
    runs: found.runs.filter((run) => still.runs.includes(run)),
    plans: found.plans.filter((plan) => still.plans.includes(plan)),
  };
  const removed = await prune(house, left, (done, item) => context.pass({ type: "progress", what: "prune", done, total, item }));
  const { runs, plans, ...sum } = removed;
  await house.audit.record({
    by: context.by,
    principal: principalText(house.principal),
    front: context.front,
    action: "state pruned",
    resource: [...ends(runs), ...ends(plans)].join(" "),
    decision: "allowed",
    detail: { runs: runs.length, plans: plans.length, ...sum },
  });
  return { ...shown, ...removed, room: await giveBack(house) };
}

/** Packing an embedded store lets nobody write meanwhile, so it is left alone while a run goes on. */
async function giveBack({ store }: House): Promise<"given-back" | "kept"> {
  if ((await openRuns(store)).length > 0) return "kept";
  try {
    await store.compact();
    return "given-back";
  } catch (error) {
    if (hasCode(error, "STORE_FULL", "STORE_UNAVAILABLE")) return "kept";
    throw error;
  }
}

function span({ runs }: Prunable): string {
  return runs.length === 0 ? "" : ` (${ends(runs).join(" to ")})`;
}

/** The first and the last of a list. */
function ends(ids: readonly string[]): readonly string[] {
  return [...new Set([...ids.slice(0, 1), ...ids.slice(-1)])];
}
