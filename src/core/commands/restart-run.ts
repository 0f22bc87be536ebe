import { fail } from "../errors.ts";
import { readApplied } from "../run/applied.ts";
import type { Answer, CommandContext } from "./command.ts";
import { chooseStanding } from "./choose-standing.ts";
import { limitedPlan, type RunOrShow, runOrShow } from "./limited-plan.ts";

/** What `restart` was told. */
export interface RestartArgs extends RunOrShow {
  readonly selector?: string | undefined;
}

/**
 * Plans the restarts that wait, and carries that out as `apply` does.
 * @throws `RESTART_NOTHING`, `SELECTOR_INVALID`, `NODE_UNKNOWN`, and what `apply` throws.
 */
export async function restart(context: CommandContext, args: RestartArgs): Promise<Answer> {
  const house = await context.house();
  const { cluster } = await house.load();
  const on = args.selector === undefined ? {} : { on: args.selector };
  const waiting = chooseStanding(await readApplied(house.store), cluster, { deployments: [], ...on }).filter(
    (each) => (each.restarts ?? []).length > 0,
  );
  await context.authorise("operate", { kind: "deployments", names: [...new Set(waiting.map((each) => each.deployment))] });
  if (waiting.length === 0) throw fail("RESTART_NOTHING", { message: "No restart waits there." });
  const only = new Set(waiting.map((each) => each.id));
  const plan = await limitedPlan(context, house, { purpose: { kind: "restart", ...on }, only, away: new Set(), gone: new Set() });
  return await runOrShow(context, house, plan, args);
}
