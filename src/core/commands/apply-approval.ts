import { openApproval } from "../authority/approvals/desk.ts";
import { readApproval } from "../authority/approvals/read.ts";
import { type ApprovalState, approvalStream } from "../authority/approvals/state.ts";
import { fromStored } from "../journal/events.ts";
import type { House } from "../house.ts";
import type { Plan } from "../model/plan.ts";
import type { Answer, CommandContext } from "./command.ts";
import { approvalDocument, isGranted } from "./authority/approval-document.ts";

/** While nothing is written, files may change and requests run out: looked at again after this. */
const lookAgainMs = 2_000;

/**
 * Sees to it that a plan is approved before its run is asked for. Opens or finds its request; without enough votes the command ends there,
 * or, with `wait`, follows the request until it is granted. `undefined` = the run may be asked for.
 */
export async function awaitApproval(context: CommandContext, house: House, plan: Plan, wait: boolean): Promise<Answer | undefined> {
  const opened = await openApproval(house.approvals, plan, context.by);
  if (opened === undefined || (await isGranted(house.approvals, opened.state))) return undefined;
  context.pass({ type: "event", event: opened.event });
  if (!wait) return await notYet(house, opened.state, opened.fresh ? "asked" : "found");
  context.pass({ type: "progress", what: "approval", done: 0, total: 1, item: opened.state.request });
  const state = await follow(context, house, opened.state);
  return state.end === undefined ? undefined : await notYet(house, state, "found");
}

/** Passes on what happens to a request until it is granted or over. */
async function follow(context: CommandContext, house: House, opened: ApprovalState): Promise<ApprovalState> {
  let seen = 1;
  for (;;) {
    for (const stored of await house.store.read({ stream: approvalStream(opened.request), after: seen })) {
      seen = stored.version;
      const event = fromStored(stored);
      if (event !== undefined) context.pass({ type: "event", event });
    }
    const state = await readApproval(house.approvals, opened.request);
    if (state.end !== undefined || (await isGranted(house.approvals, state))) return state;
    await next(context, house, opened.request);
  }
}

/** Returns when the request's stream has grown, or after a while. */
async function next(context: CommandContext, house: House, request: string): Promise<void> {
  context.signal.throwIfAborted();
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const grown = (async () => {
    for await (const event of house.store.subscribe({ after: await house.store.head(), signal }))
      if (event.stream === approvalStream(request)) return;
  })();
  await Promise.race([grown, house.clock.sleep(lookAgainMs, signal).catch(() => undefined)]);
  stop.abort();
  await grown;
  context.signal.throwIfAborted();
}

async function notYet(house: House, state: ApprovalState, done: "asked" | "found"): Promise<Answer> {
  return { exit: 3, document: { ...(await approvalDocument(house.approvals, state, done)), type: "approval.requested" } };
}
