import { readPublicKey } from "../signatures/public-key.ts";
import { verifySignature } from "../signatures/sshsig.ts";
import type { People } from "../people.ts";
import type { ApprovalState } from "./state.ts";

/** The purpose for which signatures over approvals are made: `ssh-keygen -Y sign -n halligan-approval`. */
export const approvalNamespace = "halligan-approval";

/**
 * What an approver signs (docs/approvals.md): which request, of which cluster, for which plan, until when (ms since the
 * epoch). So a signature is good for one
 * request alone.
 */
export function approvalText({ request, cluster, digest, expiresAt }: ApprovalState): string {
  return ["halligan approval 1", `request ${request}`, `cluster ${cluster}`, `digest ${digest}`, `expires ${expiresAt}`, ""].join("\n");
}

/** Verifies a person's signature over a request by the keys that people.yaml has for them. `fault` says in words why it does not hold. */
export function verifyApproval(
  armored: string,
  state: ApprovalState,
  people: People,
  person: string,
): { readonly fingerprint: string } | { readonly fault: string } {
  const verified = verifySignature(armored, Buffer.from(approvalText(state)), approvalNamespace);
  if (!verified.ok) return { fault: verified.fault };
  const lines = people.people.get(person)?.keys ?? [];
  const isTheirs = lines.some((line) => {
    const read = readPublicKey(line);
    return "key" in read && read.key.blob.equals(verified.key.blob);
  });
  return isTheirs
    ? { fingerprint: verified.key.fingerprint }
    : { fault: `its key ${verified.key.fingerprint} is none that people.yaml has for ${person}` };
}
