import { authorise } from "../../authority/authorise.ts";
import { readLocks } from "../../authority/locks/lock-desk.ts";
import { locksHeld } from "../../authority/locks/lock-state.ts";
import { planResource } from "../../authority/people/plan-resource.ts";
import { fail } from "../../errors.ts";
import type { House } from "../../house.ts";
import { runStream, toStored } from "../../journal/events.ts";
import type { Plan } from "../../model/plan.ts";
import { readRunState } from "../../run/requests.ts";
import { hasEnded } from "../../run/state.ts";
import type { Answer, CommandContext } from "../command.ts";
import { statusRunOf } from "../status-document.ts";
import type { HandedDocument } from "./handoff.ts";
import { lockRow } from "./locks.ts";

/** What `handoff` was told. */
interface HandoffArgs {
  readonly run: string;
  readonly person: string;
  readonly note?: string | undefined;
}

/** Makes somebody else answer for a run. @throws `RUN_NOT_FOUND`, `RUN_ENDED`, `NOT_ALLOWED`, `HANDOFF_IMPOSSIBLE`. */
export async function handoff(context: CommandContext, { run, person, note }: HandoffArgs): Promise<Answer> {
  const house = await context.house();
  const { state, plan } = await readRunState(house.store, run);
  if (hasEnded(state.phase)) throw fail("RUN_ENDED", { message: `${run} has ended (${state.phase}).` });
  const from = state.owner ?? state.by;
  const resource = planResource(plan.body);
  await context.authorise(from === context.by ? "operate" : "administer", resource);
  if (person === from) throw fail("HANDOFF_IMPOSSIBLE", { message: `${person} has ${run} already.` });
  await refuseUnable(house, plan, person);
  const event = toStored({
    type: "run.handed",
    v: 1,
    run: state.run,
    from,
    to: person,
    ...(note === undefined || note === "" ? {} : { note }),
  });
  await house.store.append(runStream(run), [event]);
  const at = house.clock.now();
  const failed = [...state.nodeRoles.values()].filter((each) => each.state === "error" || each.state === "unknown");
  const locks = locksHeld(await readLocks(house.store), at).filter((lock) => lock.holder === from);
  const status = await statusRunOf(house, run);
  const document: HandedDocument = {
    halligan: 1,
    kind: "handed",
    from,
    to: person,
    note: note ?? null,
    run: status,
    failed: failed.map((each) => each.planned.id),
    locks: locks.map(lockRow),
    at,
  };
  return { exit: 0, document: { ...document } };
}

async function refuseUnable(house: House, plan: Plan, person: string): Promise<void> {
  const verdict = authorise({ authority: await house.authority(), who: { person }, action: "operate", resource: planResource(plan.body) });
  if (verdict.allowed) return;
  throw fail("HANDOFF_IMPOSSIBLE", { message: `${person} cannot take the run: ${verdict.problem.message}` });
}
