import { risksOf } from "../../core/authority/approvals/requirement.ts";
import type { ApprovalDocument } from "../../core/commands/authority/approval-document.ts";
import { count, listed } from "../../core/words/count.ts";
import { durationWords } from "../../core/words/time.ts";
import { planTopic } from "../data/topics.ts";
import { type World, known } from "../data/world.ts";
import type { Intent } from "../screens/screen.ts";

/** Hex digits of a digest that a command names: enough that no other plan has them. */
const digits = 16;

/**
 * The question before a vote, about exactly the plan that was shown: its digest goes with the vote, so a request that has been voided or is about
 * something else by the time of the answer refuses it. `given`: further options that were typed.
 */
export function askToApprove(document: ApprovalDocument, world: World, given: readonly string[] = []): readonly Intent<never>[] {
  const { request, plan, digest, what, phase, end, expiresAt, author } = document;
  if (end !== null) return [{ want: "notice", tone: "warn", text: `${request} is over: ${end}.` }];
  if (phase === "rejected") {
    const [no] = document.rejections;
    if (no?.person !== world.by)
      return [{ want: "notice", tone: "warn", text: `${no?.person ?? "Somebody"} rejected ${request}: ${no?.reason ?? ""}` }];
  }
  const removals = what.nodeRoles.filter(({ action }) => action === "remove").map(({ id }) => id);
  const risky = dangers(document, world);
  const signed = document.requirements.some(({ stepUp }) => stepUp);
  const hex = digest.replace(/^sha256:/u, "").slice(0, digits);
  const names = (option: string): boolean => given.some((word) => word === option || word.startsWith(`${option}=`));
  const sign = signed && !names("--sign") && !names("--signature") ? ["--sign", "agent"] : [];
  const argv = ["approve", request, ...(names("--digest") ? [] : ["--digest", hex]), ...sign, ...given];
  return [
    {
      want: "ask",
      confirmation: {
        level: risky.length > 0 ? "types" : "asks",
        title: `approve ${request}`,
        says: [
          ...(removals.length > 0 ? [`Removes ${listed(removals, 4)}.`] : []),
          ...risky.map((text) => `${text}.`),
          `${plan} by ${author}: ${what.summary.create} to create, ${what.summary.change} to change, ${what.summary.destroy} to destroy, on ${count(what.reach.nodes.length, "node")}.`,
          `Your vote is for digest ${hex} and nothing else; if ${request} is void or about another plan by then, the vote is refused.`,
          ...(signed ? ["It is signed, by default with your key in the SSH agent."] : []),
          `${request} expires in ${durationWords(expiresAt - world.now)}.`,
        ],
        command: `halligan ${argv.join(" ")}`,
        effects: [{ do: "run", argv, show: "quiet" }],
      },
    },
  ];
}

/** Why a vote wants the cluster's name typed: what cannot be taken back afterwards. A plan that was not read yet counts as one of these. */
function dangers({ what, plan: id }: ApprovalDocument, world: World): readonly string[] {
  const plan = known(world, planTopic(id));
  if (plan === undefined) return [`${id} has not been read here yet`];
  const { destroy } = what.summary;
  const risks = risksOf(plan.body);
  return [
    ...(destroy > 0 ? [`${count(destroy, "step")} ${destroy === 1 ? "destroys" : "destroy"} what cannot be brought back from here`] : []),
    ...(destroy === 0 && risks.has("destructive") ? ["It takes something away"] : []),
    ...(risks.has("pointOfNoReturn") ? ["A critical role changes, and there is no way back from that"] : []),
  ];
}
