import { isEmpty } from "../../core/commands/plan-document.ts";
import type { Plan } from "../../core/model/plan.ts";
import { blastRadius, planSummary } from "../../core/plan/summary.ts";
import { count, listed } from "../../core/words/count.ts";
import { type World, clusterName } from "../data/world.ts";
import type { Intent } from "../screens/screen.ts";

/** From so many nodes on the cluster's name has to be typed, whatever the plan does. */
const manyNodes = 20;

/** What applying a plan means, sentences; what cannot be taken back comes before everything else, as the smallest screen shows the first ones. */
export function applyWords(plan: Plan, world: World): readonly string[] {
  const { acting, removals, summary, destroys } = lookAt(plan);
  const { nodes, roles } = blastRadius(acting);
  const blocked = plan.body.nodeRoles.length - acting.nodeRoles.length;
  return [
    ...(removals.length > 0 ? [`Removes ${listed(removals, 4)}.`] : []),
    ...(destroys
      ? [`${count(summary.destroy, "step")} ${summary.destroy === 1 ? "destroys" : "destroy"} what cannot be brought back from here.`]
      : []),
    `Apply ${plan.id} to ${count(nodes.length, "node")} of ${clusterName(world) ?? plan.body.cluster}: ${listed(nodes, 4)}.`,
    `${listed(roles, 4)}: ${summary.create} to create, ${summary.change} to change, ${summary.destroy} to destroy.`,
    ...(blocked > 0 ? [`${count(blocked, "node-role")} cannot be carried out and will be reported.`] : []),
    `Made by ${plan.author}; digest ${plan.digest.slice(0, 19)}.`,
  ];
}

function lookAt(plan: Plan): {
  readonly acting: Plan["body"];
  readonly removals: readonly string[];
  readonly summary: ReturnType<typeof planSummary>;
  readonly destroys: boolean;
} {
  const acting = { ...plan.body, nodeRoles: plan.body.nodeRoles.filter((each) => each.blocked === undefined) };
  const removals = acting.nodeRoles.filter(({ action }) => action === "remove").map(({ id }) => id);
  const summary = planSummary(acting);
  return { acting, removals, summary, destroys: summary.destroy > 0 || removals.length > 0 };
}

/** The question before a plan is applied, about exactly this plan: the engine refuses it when the files have changed since. */
export function askToApply(plan: Plan, world: World): readonly Intent<never>[] {
  if (isEmpty(plan)) return [{ want: "notice", tone: "ok", text: `${plan.id} changes nothing: everything is as it should be.` }];
  const { acting, destroys } = lookAt(plan);
  const { nodes } = blastRadius(acting);
  return [
    {
      want: "ask",
      confirmation: {
        level: destroys || nodes.length > manyNodes ? "types" : "asks",
        title: `apply ${plan.id}`,
        says: applyWords(plan, world),
        command: `halligan apply ${plan.id}`,
        effects: [{ do: "run", argv: ["apply", plan.id, "--yes", "--detach"], show: "quiet", opens: { screen: "run", param: "" } }],
      },
    },
  ];
}
