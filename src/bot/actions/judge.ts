import { authorise } from "../../core/authority/authorise.ts";
import { principalText } from "../../core/authority/principal.ts";
import { HalliganError } from "../../core/errors.ts";
import { principalOf } from "../dispatch/dispatch.ts";
import type { SlackCaller } from "../inbound/inbound.ts";
import type { Carried } from "../messages/button-value.ts";
import type { Board } from "../publish/board.ts";
import { mrkdwn } from "../text/slack-text.ts";
import type { ActionParts } from "./carry.ts";
import { wishOf } from "./lines.ts";
import { type Judged, judgePress } from "./subject.ts";

/** Judges the press and the person. Who may not is told so, and it is on record. @throws `NOT_ALLOWED`, `PRINCIPAL_UNKNOWN`. */
export async function judge(
  { commands }: Pick<ActionParts, "commands">,
  board: Board,
  carried: Carried,
  caller: SlackCaller,
): Promise<Judged> {
  const { cluster } = board;
  const house = cluster.as(principalOf(caller));
  const question = { authority: await house.authority(), who: { principal: principalText(house.principal) } };
  // Strangers are not told how anything stands.
  const reads = authorise({ ...question, action: "read", resource: { kind: "anywhere" } });
  const judged = reads.allowed ? await judgePress(board, carried) : undefined;
  const subject = judged !== undefined && "subject" in judged ? judged.subject : undefined;
  const wish = subject === undefined ? undefined : await wishOf(commands, house.store, carried.act, subject, { reason: "-", person: "-" });
  const needs = wish?.definition.needs;
  const may =
    subject === undefined || needs === undefined || needs === "nothing" || needs === "read"
      ? reads
      : authorise({ ...question, action: needs, resource: { kind: "deployments", names: subject.deployments } });
  if (!may.allowed) {
    const { code, message } = may.problem;
    const by = may.person ?? principalText(house.principal);
    const action = wish?.definition.id ?? carried.act;
    const detail = { button: carried.act, of: carried.id };
    await house.audit.record({
      by,
      principal: principalText(house.principal),
      front: "slack",
      action,
      decision: "refused",
      code,
      reason: message,
      detail,
    });
    throw new HalliganError([may.problem]);
  }
  return judged ?? { stale: mrkdwn`Nothing was done.` };
}
