import type { House } from "../../house.ts";
import { commitProposal, gitNotice } from "../../intent/commit.ts";
import { proposeOn } from "../../intent/proposing.ts";
import { rollbackLimit, rollbackWay } from "../../intent/rollback.ts";
import { rollbackTarget } from "../../intent/rollback-target.ts";
import { readProposal } from "../../intent/proposals.ts";
import type { Plan } from "../../model/plan.ts";
import type { Answer, CommandContext } from "../command.ts";
import { documentPlan, isEmpty, type PlanDocument } from "../plan-document.ts";
import { exitOf, planOptions } from "../planning.ts";
import { gitAuthor, type ProposalDocument, proposalDocument, proposeDeps } from "./proposal-document.ts";

/** `rollback --json`. */
export interface RollbackDocument {
  readonly halligan: 1;
  readonly kind: "rollback";
  readonly deployment: string;
  /** The revision that it goes back to, and the run that applied it. */
  readonly revision: string;
  readonly run: string;
  /** `proposal`: the cluster file says it once that is committed. `files`: it says it already. `revision`: only the kept revision says it. */
  readonly way: "proposal" | "files" | "revision";
  readonly proposal?: ProposalDocument;
  /** Only `revision`: what the files say otherwise, and would bring about again. */
  readonly differs: readonly string[];
  readonly plan: PlanDocument;
  readonly at: number;
}

/** How `rollback` was called. */
export interface RollbackArgs {
  readonly deployment: string;
  readonly to?: string | undefined;
  readonly commit: boolean;
}

/** Makes the plan that brings a deployment back, and the proposal for it where the cluster file can say it. Nothing is applied. */
export async function rollback(context: CommandContext, { deployment, to, commit }: RollbackArgs): Promise<Answer> {
  const house = await context.house();
  await context.authorise("operate", { kind: "deployments", names: [deployment] });
  const target = await rollbackTarget(house, deployment, to);
  const way = await rollbackWay(house, deployment, target);
  const options = planOptions(context, [deployment]);
  const names = { deployment, revision: target.entry.revision, run: target.run };
  switch (way.way) {
    case "files":
      return await answer(house, context, names, { way: "files", differs: [] }, await house.plan(options));
    case "revision": {
      const limit = await rollbackLimit(house.store, deployment, target);
      const plan = await house.plan({ ...options, limit, source: { kind: "revision", digest: target.entry.digest } });
      return await answer(house, context, names, { way: "revision", differs: way.differs }, plan);
    }
    case "proposal": {
      const deps = proposeDeps(context, house);
      const note = `rollback of ${deployment} to ${target.entry.revision} (${target.run})`;
      const made = await proposeOn(deps, way.present, way.text, note);
      const { proposal, editors } = made.proposal;
      const committed = commit ? await commitProposal(deps, proposal, await gitAuthor(context, house)) : undefined;
      const plan = await house.plan({ ...options, source: { kind: "proposal", proposal, editors, text: way.text } });
      const notice = committed === undefined ? undefined : gitNotice(committed.git, house.file);
      const opened = await readProposal(house.store, proposal);
      const more = { ...(committed === undefined ? {} : { git: committed.git }), notices: notice === undefined ? [] : [notice] };
      const shown = await proposalDocument(house, opened, commit ? "committed" : "made", more);
      return await answer(house, context, names, { way: "proposal", differs: [], proposal: shown }, plan);
    }
    default:
      return way satisfies never;
  }
}

async function answer(
  house: House,
  context: CommandContext,
  names: Pick<RollbackDocument, "deployment" | "revision" | "run">,
  found: Pick<RollbackDocument, "way" | "differs"> & { readonly proposal?: ProposalDocument },
  plan: Plan,
): Promise<Answer> {
  const policy = await house.policy.judgePlan(plan);
  const gates = isEmpty(plan) ? [] : (await house.judge({ phase: "plan", plan, by: context.by })).filter((each) => each.kind !== "policy");
  const open = found.proposal?.state.phase === "open" ? found.proposal.proposal : undefined;
  const document: RollbackDocument = {
    halligan: 1,
    kind: "rollback",
    ...names,
    ...found,
    plan: { ...documentPlan(plan, policy, gates), ...(open === undefined ? {} : { proposal: open }) },
    at: house.clock.now(),
  };
  return { exit: exitOf(plan.body.problems, policy), document: { ...document } };
}
