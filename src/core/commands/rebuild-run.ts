import { fail } from "../errors.ts";
import type { House } from "../house.ts";
import type { NodeRoleId } from "../model/ids.ts";
import { makeDraft } from "../run/draft.ts";
import { applyPlan } from "./apply-run.ts";
import type { Answer, CommandContext } from "./command.ts";
import { chooseStanding, readStanding } from "./choose-standing.ts";
import { limitedPlan } from "./limited-plan.ts";
import { forgetStanding, requireReason, resetLimit } from "./reset-run.ts";
import { selectNodes } from "./selection.ts";

/** What `rebuild` was told. */
export interface RebuildArgs {
  readonly nodes: string;
  readonly replaced: boolean;
  readonly reason?: string | undefined;
  readonly queue: boolean;
  readonly wait: boolean;
}

/**
 * Takes away what stands on nodes, then applies what the files place there: two runs, since the second plan is made from what the first left.
 * Ends after the first one unless it succeeded; called again it goes on.
 * @throws `NODE_UNKNOWN`, `RESET_NOTHING` when nothing stands there and nothing is placed there, and what `apply` throws.
 */
export async function rebuild(context: CommandContext, args: RebuildArgs): Promise<Answer> {
  const { nodes: on } = args;
  requireReason(args.replaced, args.reason, "--replaced", 'halligan rebuild n3 --replaced --reason "new disks"');
  const house = await context.house();
  const { cluster } = await house.load();
  const placed = await placedOn(house, new Set(selectNodes(cluster.nodes, on).map((node) => node.name)));
  const standing = chooseStanding(await readStanding(house.store, args.replaced ? { nodes: [] } : cluster), cluster, {
    deployments: [],
    on,
  });
  if (standing.length === 0 && placed.size === 0)
    throw fail("RESET_NOTHING", { message: `Nothing was applied on ${on}, and the files place nothing there.` });
  if (standing.length > 0) {
    const ended =
      args.reason === undefined
        ? await takeAway(context, house, standing, args)
        : await forgetStanding(context, house, standing, args.reason);
    if (ended.exit !== 0 || (ended.document.kind !== "run" && ended.document.kind !== "forgotten")) return ended;
  }
  const limit = { purpose: { kind: "rebuild", on }, only: placed, away: new Set<never>(), gone: new Set<never>() } as const;
  return await applyPlan(context, house, await limitedPlan(context, house, limit), { ...args, detach: false });
}

async function takeAway(
  context: CommandContext,
  house: House,
  standing: ReturnType<typeof chooseStanding>,
  { nodes: on, queue, wait }: RebuildArgs,
): Promise<Answer> {
  const plan = await limitedPlan(context, house, resetLimit(standing, { deployments: [], on }));
  return await applyPlan(context, house, plan, { queue, wait, detach: false });
}

/** What the files place on these nodes. */
async function placedOn(house: House, nodes: ReadonlySet<string>): Promise<ReadonlySet<NodeRoleId>> {
  const { cluster, barclamps } = await house.load();
  const { graph } = makeDraft({ cluster, barclamps, deployments: [], facts: new Map() });
  return new Set(graph.ranked.filter((each) => nodes.has(each.node.name)).map((each) => each.id));
}
