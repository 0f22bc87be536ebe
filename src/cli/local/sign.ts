import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { signMessage } from "../../core/adapters/ssh/signing.ts";
import type { Local } from "../../core/commands/local.ts";
import { askSecret } from "../house/ask-secret.ts";

/** Signs a text with a key of the agent or of a file, as `ssh-keygen -Y sign` does. */
export const signText: Local["sign"] = async ({ source: named, message, namespace, fingerprints }) => {
  const source = named === "agent" ? named : resolve(named.startsWith("~/") ? join(homedir(), named.slice(2)) : named);
  const agent = process.env["SSH_AUTH_SOCK"] || undefined;
  const fits = ({ fingerprint }: { readonly fingerprint: string }): boolean => fingerprints.has(fingerprint);
  return (await signMessage({ source, agent, fits, ask: askSecret }, Buffer.from(message), namespace)).armored;
};
