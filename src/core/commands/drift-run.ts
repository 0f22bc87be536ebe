import { toStored } from "../journal/events.ts";
import type { House } from "../house.ts";
import type { Digest } from "../model/ids.ts";
import type { Json } from "../ports.ts";
import { renamed, renamesOf } from "../plan/renames.ts";
import { type AppliedRecord, readApplied } from "../run/applied.ts";
import { keepDrift } from "../run/drift-kept.ts";
import type { DriftFound } from "../run/drift.ts";
import { readPlan } from "../run/requests.ts";
import { purposeCommand } from "../words/purpose.ts";
import { shellWord } from "../words/shell-word.ts";
import type { Answer, CommandContext } from "./command.ts";
import { chooseStanding } from "./choose-standing.ts";
import type { DriftDocument, DriftRow } from "./drift.ts";
import { limitedPlan, type RunOrShow, runOrShow } from "./limited-plan.ts";

/** Most ids that the event names. */
const mostNamed = 100;

/** What `drift` was told. */
export interface DriftArgs extends RunOrShow {
  readonly selector?: string | undefined;
  readonly putBack: boolean;
}

/**
 * Looks for drift, keeps what was found, and puts it back where that was asked.
 * @throws `SELECTOR_INVALID`, `NODE_UNKNOWN`, `NOT_ALLOWED`, and with `putBack` what `apply` throws.
 */
export async function drift(context: CommandContext, args: DriftArgs): Promise<Answer> {
  const house = await context.house();
  const { cluster, revision } = await house.load();
  const applied = await readApplied(house.store);
  const renames = renamesOf(applied, cluster);
  const standing = renamed(applied, renames);
  const chosen = new Set(chooseStanding(standing, cluster, { deployments: [], on: args.selector }));
  const records = applied.filter((_, index) => chosen.has(standing[index] as AppliedRecord));
  await context.authorise("operate", { kind: "deployments", names: [...new Set(records.map((each) => each.deployment))] });
  const found = await house.drift({
    records,
    renames,
    onProgress: (progress) => context.pass({ type: "progress", ...progress }),
    signal: context.signal,
  });
  await keep(context, house, found, standing);
  const drifted = found.filter((each) => each.state === "drifted");
  if (args.putBack && drifted.length > 0) {
    const only = new Set(drifted.map((each) => each.id));
    const on = args.selector === undefined ? {} : { on: args.selector };
    const plan = await limitedPlan(context, house, { purpose: { kind: "put-back", ...on }, only, away: new Set(), gone: new Set() });
    return await runOrShow(context, house, plan, args);
  }
  const document = await documentOf(house, found, args.selector, revision);
  const { summary } = document;
  return { exit: summary.drifted > 0 ? 1 : summary.unchecked > 0 ? 5 : 0, document: { ...document } };
}

async function keep(
  context: CommandContext,
  house: House,
  found: readonly DriftFound[],
  standing: readonly AppliedRecord[],
): Promise<void> {
  const ids = (state: DriftFound["state"]): DriftFound["id"][] => found.filter((each) => each.state === state).map((each) => each.id);
  const [drifted, unchecked] = [ids("drifted"), ids("unchecked")];
  await keepDrift(house.store, found, { at: house.clock.now(), by: context.by, standing });
  const event = {
    type: "drift.looked",
    v: 1,
    by: context.by,
    checked: found.length,
    drifted: drifted.length,
    unchecked: unchecked.length,
    ids: drifted.slice(0, mostNamed),
  } as const;
  await house.store.append("standing", [toStored(event)]);
}

async function documentOf(house: House, found: readonly DriftFound[], on: string | undefined, revision: Digest): Promise<DriftDocument> {
  const revisions = new Map<string, Digest | undefined>();
  for (const { plan } of found) {
    if (!revisions.has(plan))
      revisions.set(
        plan,
        await readPlan(house.store, plan).then(
          (kept) => kept.revision,
          () => undefined,
        ),
      );
  }
  const rows = found
    .filter((each) => each.state !== "same")
    .map((each): DriftRow => ({ ...each, changedSince: revisions.get(each.plan) !== revision }));
  const drifted = rows.filter((each) => each.state === "drifted");
  return {
    halligan: 1,
    kind: "drift",
    on: on ?? null,
    summary: {
      checked: found.length,
      same: found.length - rows.length,
      drifted: drifted.length,
      unchecked: rows.length - drifted.length,
    },
    nodeRoles: rows,
    accept: acceptOf(found),
    putBack:
      drifted.length === 0 ? null : purposeCommand({ kind: "put-back", ...(on === undefined ? {} : { on }) }).replace(" --plan-only", ""),
    at: house.clock.now(),
  };
}

/**
 * One command per setting. None where the nodes differ in it, or where some have what was applied: a setting of a deployment cannot say both.
 */
function acceptOf(found: readonly DriftFound[]): DriftDocument["accept"] {
  const all = found.flatMap((each) => (each.state === "drifted" ? each.accept.map((one) => ({ ...one, id: each.id })) : []));
  const teamOf = ({ id, deployment }: DriftFound): string => `${deployment}/${id.slice(id.indexOf("/") + 1)}`;
  const members = Map.groupBy(found, teamOf);
  const teams = new Map(found.map((each) => [each.id, members.get(teamOf(each))?.length ?? 0]));
  return [...Map.groupBy(all, (each) => each.path).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined || same.some((each) => JSON.stringify(each.value) !== JSON.stringify(first.value))) return [];
    if (new Set(same.map((each) => each.id)).size < (teams.get(first.id) ?? 0)) return [];
    return [{ ...first, command: `halligan set ${shellWord(`${first.path}=${asText(first.value)}`)}` }];
  });
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
