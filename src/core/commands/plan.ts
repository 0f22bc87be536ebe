import { z } from "zod";
import { defineCommand } from "./command.ts";

/** Shows what would change; changes nothing. */
export const planCommand = defineCommand({
  id: "plan",
  area: "plan and run",
  summary: "Show what would change, where and why",
  details: [
    "Reads the files, binds roles to nodes, orders them, and checks every step on its node without changing anything.",
    "The same files and the same state of the nodes give the same plan, byte by byte; its digest is what `apply P-n` runs.",
    "Nodes that cannot be reached or checked are shown with their problem, the rest is planned all the same, and the exit code is that of the first problem (5 for a node that does not answer).",
    "Rules of the policy judge what the plan would leave behind: new, cured and unchanged violations are shown. Exit code 3 when one of level deny stops it.",
  ].join("\n\n"),
  args: () =>
    z.object({
      deployments: z.array(z.string()).default([]).describe("Deployments to plan; default: all"),
      proposal: z.string().optional().describe("Plan as if this proposal, such as D-3, were committed"),
      refresh: z
        .boolean()
        .default(true)
        .describe(
          "`--no-refresh`: no node is asked; what is as it was last applied counts as standing, of the rest it is not known what would change",
        ),
    }),
  positionals: ["deployments"],
  risk: "read",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan plan", does: "plans everything" },
    { line: "halligan plan web", does: "plans deployment web alone" },
    { line: "halligan plan --no-refresh", does: "tells in a moment which node-roles an edit touches, from what was applied last" },
    { line: "halligan plan --proposal D-3", does: "shows what proposal D-3 would do, without committing it" },
    { line: "halligan plan --json > plan.json", does: "the plan as one JSON document" },
  ],
  async run(context, { deployments, proposal, refresh }) {
    const { documentPlan, isEmpty } = await import("./plan-document.ts");
    const { exitOf, planOptions, proposedSource, requireDeployments } = await import("./planning.ts");
    const house = await context.house();
    const source = proposal === undefined ? undefined : await proposedSource(context, house, proposal, deployments);
    if (source === undefined) await requireDeployments(context, house, deployments);
    const notices = source === undefined ? ((await house.load()).notices ?? []) : [];
    for (const problem of notices) context.pass({ type: "problem", problem });
    const plan = await house.plan({
      ...planOptions(context, deployments),
      alone: true,
      ...(source === undefined ? {} : { source }),
      ...(refresh ? {} : { refresh: "no" as const }),
    });
    const policy = await house.policy.judgePlan(plan);
    // The policy has a part of its own in the document.
    const gates = isEmpty(plan)
      ? []
      : (await house.judge({ phase: "plan", plan, by: context.by })).filter((each) => each.kind !== "policy");
    return {
      exit: exitOf(plan.body.problems, policy),
      document: {
        ...documentPlan(plan, policy, gates),
        ...(proposal === undefined ? {} : { proposal }),
        ...(notices.length === 0 ? {} : { notices }),
      },
    };
  },
});
