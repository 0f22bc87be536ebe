import { type Acted, approve, reject, withdraw } from "../../authority/approvals/desk.ts";
import { wrongDigest } from "../../authority/approvals/decide.ts";
import { readApproval } from "../../authority/approvals/read.ts";
import { approvalNamespace, approvalText, verifyApproval } from "../../authority/approvals/signed-text.ts";
import type { ApprovalState, Vote } from "../../authority/approvals/state.ts";
import { authorise } from "../../authority/authorise.ts";
import { principalText } from "../../authority/principal.ts";
import { readPublicKey } from "../../authority/signatures/public-key.ts";
import { aboutRequest } from "../../authority/approvals/wording.ts";
import { HalliganError, fail } from "../../errors.ts";
import type { House } from "../../house.ts";
import type { Answer, CommandContext } from "../command.ts";
import { type ApprovalDocument, approvalDocument } from "./approval-document.ts";

/** How `approve` was called. */
export interface ApproveArgs {
  readonly request: string;
  readonly digest?: string | undefined;
  readonly sign?: string | undefined;
  readonly signature?: string | undefined;
}

/** Gives a vote for exactly the digest that the request has now, or that was named. @throws `NOT_ALLOWED`, `APPROVAL_*`, `SIGNATURE_*`. */
export async function approveRequest(context: CommandContext, { request, digest, sign, signature }: ApproveArgs): Promise<Answer> {
  if (sign !== undefined && signature !== undefined) throw fail("USAGE", { message: "Give --sign or --signature, not both." });
  const { house, state, actor } = await enter(context, request, digest);
  const armored =
    sign !== undefined
      ? await signHere(context, house, state, sign)
      : signature === undefined
        ? undefined
        : await context.local.readText(signature);
  const signed = armored === undefined ? {} : { signature: await verified(house, state, context.by, armored) };
  return await answer(house, await approve(house.approvals, state.request, { ...actor, digest: state.digest, ...signed }), "approved");
}

/** Gives a no. @throws `NOT_ALLOWED`, `APPROVAL_*`. */
export async function rejectRequest(context: CommandContext, request: string, reason: string): Promise<Answer> {
  const { house, state, actor } = await enter(context, request, undefined);
  return await answer(house, await reject(house.approvals, state.request, { ...actor, reason }), "rejected");
}

/** Takes back a vote, a rejection or a request. @throws `APPROVAL_*`, `NOTHING_TO_WITHDRAW`. */
export async function withdrawFrom(context: CommandContext, request: string): Promise<Answer> {
  const house = await context.house();
  const { deployments } = await readApproval(house.approvals, request);
  const question = { authority: await house.authority(), who: { person: context.by }, action: "administer" } as const;
  const mayClose = authorise({ ...question, resource: { kind: "deployments", names: deployments } }).allowed;
  const actor = { person: context.by, principal: principalText(house.principal) };
  return await answer(house, await withdraw(house.approvals, request, actor, mayClose), "withdrawn");
}

async function enter(
  context: CommandContext,
  request: string,
  digest: string | undefined,
): Promise<{
  readonly house: House;
  readonly state: ApprovalState;
  readonly actor: { readonly person: string; readonly principal: string };
}> {
  const house = await context.house();
  const state = await readApproval(house.approvals, request);
  await context.authorise("approve", { kind: "deployments", names: state.deployments });
  const wrong = wrongDigest(state, digest);
  if (wrong !== undefined) throw new HalliganError([wrong]);
  return { house, state, actor: { person: context.by, principal: principalText(house.principal) } };
}

/** Signs with one of the person's own keys; a key of the agent that is not theirs is not used. */
async function signHere(context: CommandContext, house: House, state: ApprovalState, source: string): Promise<string> {
  const authority = await house.authority();
  const lines = authority.mode === "people" ? (authority.people.people.get(context.by)?.keys ?? []) : [];
  const theirs = new Set(
    lines.flatMap((line) => {
      const read = readPublicKey(line);
      return "key" in read ? [read.key.fingerprint] : [];
    }),
  );
  return await context.local.sign({ source, message: approvalText(state), namespace: approvalNamespace, fingerprints: theirs });
}

/** Verified before it is kept: what does not hold now never will. @throws `SIGNATURE_WRONG`. */
async function verified(house: House, state: ApprovalState, person: string, armored: string): Promise<NonNullable<Vote["signature"]>> {
  const authority = await house.authority();
  if (authority.mode === "single-user")
    throw fail("SIGNATURE_WRONG", { message: "Without a people.yaml nobody has a key here, so nothing can be signed." });
  const verdict = verifyApproval(armored, state, authority.people, person);
  if ("fault" in verdict)
    throw new HalliganError([
      aboutRequest("SIGNATURE_WRONG", state.request, `The signature over ${state.request} does not hold: ${verdict.fault}.`),
    ]);
  return { armored, fingerprint: verdict.fingerprint };
}

async function answer(house: House, { state, already }: Acted, done: ApprovalDocument["done"]): Promise<Answer> {
  return { exit: 0, document: { ...(await approvalDocument(house.approvals, state, already ? "already" : done)) } };
}
