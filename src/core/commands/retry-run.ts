import { fail } from "../errors.ts";
import type { House } from "../house.ts";
import type { Plan } from "../model/plan.ts";
import { retryLimit } from "../run/left-undone.ts";
import { listRuns, readRunState } from "../run/requests.ts";
import { type RunState, hasEnded } from "../run/state.ts";
import type { Answer, CommandContext } from "./command.ts";
import { limitedPlan, runOrShow } from "./limited-plan.ts";
import { chooseRun } from "./run-choose.ts";

/** What `retry` was told. */
export interface RetryArgs {
  readonly run?: string | undefined;
  readonly failed: boolean;
  readonly planOnly: boolean;
  readonly wait: boolean;
  readonly queue: boolean;
  readonly detach: boolean;
}

/**
 * Plans what a run left undone, and carries that out as `apply` does.
 * @throws `RETRY_NOTHING`, `RUN_NOT_ENDED`, `RUN_NOT_FOUND`, and what `apply` throws.
 */
export async function retry(context: CommandContext, args: RetryArgs): Promise<Answer> {
  const house = await context.house();
  const chosen = args.run === undefined ? await lastUnfinished(house) : (await chooseRun(house.store, args.run)).run;
  const { state, plan: before } = await readRunState(house.store, chosen);
  const limit = retryLimit(state, before.body, args.failed);
  if (limit.only.size === 0) throw nothingLeft(state, args.failed);
  const deployments = deploymentsOf(before, limit.only);
  await context.authorise("operate", { kind: "deployments", names: deployments });
  if (!hasEnded(state.phase)) {
    throw fail("RUN_NOT_ENDED", { message: `${chosen} has not ended, so what it leaves undone is not known yet.` });
  }
  return await runOrShow(context, house, await limitedPlan(context, house, limit), args);
}

async function lastUnfinished(house: House): Promise<string> {
  const last = (await listRuns(house.store)).findLast((each) => each.phase === "failed" || each.phase === "cancelled");
  if (last !== undefined) return last.run;
  throw fail("RETRY_NOTHING", { message: "No run of this cluster has failed or was cancelled." });
}

function nothingLeft({ run, phase }: RunState, failedOnly: boolean): Error {
  return failedOnly && phase !== "succeeded"
    ? fail("RETRY_NOTHING", {
        message: `No node-role of ${run} failed by itself.`,
        hint: `Without \`--failed\`, \`halligan retry ${run}\` also takes what was blocked or not reached.`,
      })
    : fail("RETRY_NOTHING", { message: `${run} left nothing undone.` });
}

function deploymentsOf({ body }: Plan, ids: ReadonlySet<string>): readonly string[] {
  return [...new Set(body.nodeRoles.filter((each) => ids.has(each.id)).map((each) => each.deployment))];
}
