import { type Problem, problem } from "../../errors.ts";
import type { Plan } from "../../model/plan.ts";
import type { GateQuestion, Holdup, Judge } from "../gate.ts";
import { requestOf } from "./desk.ts";
import { type ApprovalDeps, readApproval, requirementsNow, runOf, standingNow } from "./read.ts";
import type { ApprovalState } from "./state.ts";
import { shortfall } from "./shortfall.ts";
import { aboutRequest, endWords, requirementWords } from "./wording.ts";

/**
 * Judges whether enough people have approved exactly this plan: when its run is asked for, when it starts, and before each batch, by the
 * stricter of what held when the request was opened and what holds now.
 */
export function createApprovalJudge(deps: ApprovalDeps): Judge {
  return async (question) => {
    const { plan, request } = question;
    if (request !== undefined) return await judgeRequest(deps, question, await readApproval(deps, request));
    const open = question.phase === "plan" ? (await requestOf(deps, plan)).request : undefined;
    if (open !== undefined) return await judgeRequest(deps, question, await readApproval(deps, open));
    const needed = await requirementsNow(deps, plan.body);
    if (needed.length === 0) return [];
    const words = needed.map((requirement) => requirementWords(requirement)).join(", ");
    if (question.phase === "plan") return [hold(neededFor(plan, `${plan.id} needs ${words} before it may run.`))];
    return [hold(neededFor(plan, `${plan.id} needs ${words}, and ${question.run ?? "its run"} was asked for without a request.`))];
  };
}

async function judgeRequest(deps: ApprovalDeps, question: GateQuestion, state: ApprovalState): Promise<readonly Holdup[]> {
  const { plan, run, phase } = question;
  const { request, end } = state;
  if (state.digest !== plan.digest)
    return [
      refuse(
        aboutRequest("APPROVAL_DIGEST", request, `${request} is for the plan with digest ${state.digest}; ${plan.id} has ${plan.digest}.`),
      ),
    ];
  if (phase === "start" || phase === "batch") {
    if (end?.kind !== "consumed" || end.run !== run)
      return [
        refuse(
          problem("APPROVAL_UNUSED", {
            message: `${run ?? "The run"} says that ${request} approved it, and ${request} was not used for it.`,
          }),
        ),
      ];
  } else if (end !== undefined && !(end.kind === "consumed" && (await runOf(deps.store, end.run)) === "never")) {
    return [refuse(aboutRequest("APPROVAL_ENDED", request, `${request} is over: ${endWords(end)}.`))];
  }
  const short = shortfall(state, await standingNow(deps, state, plan.body), plan.id);
  return short === undefined ? [] : [hold(short)];
}

function neededFor(plan: Plan, message: string): Problem {
  return problem("APPROVAL_NEEDED", { message, hint: `\`halligan apply ${plan.id}\` opens a request and says how to approve it.` });
}

/** Votes may still come, and files may be changed back: the run waits. */
function hold(why: Problem): Holdup {
  return { kind: "approval", problem: why, final: false };
}

function refuse(why: Problem): Holdup {
  return { kind: "approval", problem: why, final: true };
}
