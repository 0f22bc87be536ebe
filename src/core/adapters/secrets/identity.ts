import { readFile, stat } from "node:fs/promises";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { fail } from "../../errors.ts";
import { SecretValue } from "../../model/secret.ts";
import type { Secret } from "../../ports.ts";
import { errnoOf, fileFault } from "../store/file-faults.ts";
import { placeOnce } from "../store/place-once.ts";

/** This machine's age key: what it opens sealed secrets with, and the public recipient that others seal for. */
export interface Identity {
  readonly key: Secret;
  readonly recipient: string;
}

/**
 * Reads the age identity in `file`, making a new one (0600) if there is none. When several processes do so at once, all get the same one.
 * Problems: `IDENTITY_UNUSABLE`, `STORE_FULL`, `STORE_UNAVAILABLE`.
 */
export async function openIdentity(file: string): Promise<Identity> {
  return (await readIdentity(file)) ?? (await makeIdentity(file));
}

async function readIdentity(file: string): Promise<Identity | undefined> {
  let text: string;
  try {
    const info = await stat(file);
    if ((info.mode & 0o077) !== 0) {
      throw fail("IDENTITY_UNUSABLE", {
        message: `The key file ${file} can be read by other users (mode ${(info.mode & 0o777).toString(8).padStart(4, "0")}).`,
        hint: `Run \`chmod 600 ${file}\`; if others may have read it, set the secrets anew.`,
      });
    }
    text = await readFile(file, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw fileFault(error, file);
  }
  const key = text
    .split("\n")
    .find((line) => line.startsWith("AGE-SECRET-KEY-"))
    ?.trim();
  try {
    // An empty key is refused by the library like any other that is none.
    return { key: new SecretValue(key ?? ""), recipient: await identityToRecipient(key ?? "") };
  } catch {
    // The library's words may quote the key, so they are not passed on.
    throw fail("IDENTITY_UNUSABLE", { message: `The key file ${file} holds no age identity.` });
  }
}

/** Makes the key, unless another process does so first; gives the one that lies there. */
async function makeIdentity(file: string): Promise<Identity> {
  const key = await generateX25519Identity();
  const text = `# Halligan's key for sealed secrets. Keep a copy in a safe place: without it they cannot be opened.\n# public key: ${await identityToRecipient(key)}\n${key}\n`;
  await placeOnce(file, text);
  const made = await readIdentity(file);
  if (made === undefined) throw fail("IDENTITY_UNUSABLE", { message: `The key file ${file} vanished while it was made.` });
  return made;
}
