import { randomBytes } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { agentKeys } from "../../core/adapters/ssh/agent-client.ts";
import { signMessage } from "../../core/adapters/ssh/signing.ts";
import { identify } from "../../core/authority/authorise.ts";
import type { Authority } from "../../core/authority/people.ts";
import { type Principal, principalText } from "../../core/authority/principal.ts";
import { readKeyBlob } from "../../core/authority/signatures/public-key.ts";
import { verifySignature } from "../../core/authority/signatures/sshsig.ts";
import { fail, HalliganError } from "../../core/errors.ts";
import { codes } from "../../core/problems/codes.ts";
import type { AskSecret } from "./targets.ts";

/** Nothing but a login is signed under this name, and nothing signed under another one counts as a login. */
const namespace = "halligan-login";

/** How somebody wants to prove who they are. */
export interface IdentityWish {
  /** `agent`, or the file of a private key or of a public one whose private half is in the agent. */
  readonly identity: string;
  /** The agent's socket. */
  readonly agent: string | undefined;
  readonly ask: AskSecret;
}

/**
 * Proves who somebody is by a fresh signature: a random challenge is signed by their key and verified. What fails is refused; no other key and
 * no other way is tried. @throws `IDENTITY_UNPROVEN`.
 */
export async function proveIdentity({ identity, agent, ask }: IdentityWish, authority: Authority): Promise<Principal> {
  if (identity === "") throw unproven(identity, "HALLIGAN_IDENTITY is set and empty.", "Unset it, or name a key.");
  try {
    const source = identity === "agent" ? identity : resolve(identity.startsWith("~/") ? join(homedir(), identity.slice(2)) : identity);
    const wanted = source === "agent" && agent !== undefined ? await knownKey(agent, authority) : undefined;
    const challenge = Buffer.from(`Halligan login ${randomBytes(32).toString("hex")}\n`);
    const fits = ({ fingerprint }: { readonly fingerprint: string }): boolean => wanted === undefined || fingerprint === wanted;
    const { armored } = await signMessage({ source, agent, fits, ask }, challenge, namespace);
    const verified = verifySignature(armored, challenge, namespace);
    if (!verified.ok) throw unproven(identity, `The signature does not hold: ${verified.fault}.`);
    return { kind: "ssh", fingerprint: verified.key.fingerprint, key: verified.key.line };
  } catch (error) {
    if (!(error instanceof HalliganError) || error.code === "IDENTITY_UNPROVEN") throw error;
    const [{ code, message, cause, hint }] = error.problems;
    throw unproven(identity, `${message}${cause === undefined ? "" : ` ${cause}`}`, hint === codes[code].action ? undefined : hint);
  }
}

/** The fingerprint of the agent's key that stands for somebody here. Several keys of one person are fine, keys of several are not. */
async function knownKey(agent: string, authority: Authority): Promise<string> {
  const persons = new Map<string, string>();
  for (const { blob } of await agentKeys(agent)) {
    const read = readKeyBlob(blob);
    if (!("key" in read)) continue;
    const { fingerprint } = read.key;
    const found = identify(authority, { principal: principalText({ kind: "ssh", fingerprint }) });
    if (found.allowed && !persons.has(found.person)) persons.set(found.person, fingerprint);
  }
  const [first, ...others] = persons;
  if (first === undefined) throw unproven("agent", "The agent holds no key of anybody in people.yaml.");
  if (others.length === 0) return first[1];
  const names = [...persons.keys()].toSorted().join(" and ");
  throw unproven("agent", `The agent holds keys of ${names}.`, "Name one key: `--identity FILE.pub` takes it from the agent.");
}

function unproven(identity: string, cause: string, hint?: string): HalliganError {
  return fail("IDENTITY_UNPROVEN", { message: `\`--identity ${identity}\` did not prove who you are; nothing was done.`, cause, hint });
}
