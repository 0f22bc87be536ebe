import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { armor, Decrypter, Encrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { fail } from "../../errors.ts";
import { SecretValue } from "../../model/secret.ts";
import type { Json, Secret, Store } from "../../ports.ts";
import { putOnce } from "../../run/put-once.ts";
import type { Identity } from "./identity.ts";
import { sealText } from "./sealing.ts";
import { decryptText, encryptText } from "./whole.ts";

/** Collection of those for whom secrets are sealed. */
const recipientsCollection = "secret-recipients";

/** Scrypt's work factor for passphrases: 2^16, some 64 MiB and half a second on a server. */
const passphraseWork = 16;
/** A passphrase that opens every secret is at least so long, in characters. */
const shortestPassphrase = 12;

/** Somebody for whom secrets are sealed. */
export interface Recipient {
  /** Short name made from the recipient, for listing and removing. */
  readonly id: string;
  /** `age1...`, public. */
  readonly recipient: string;
  readonly kind: "native" | "post-quantum" | "tag" | "passphrase";
  readonly label: string;
  readonly at: number;
  readonly by: string;
}

interface Kept extends Recipient {
  /** For a passphrase: the age identity of the recipient, itself sealed with the passphrase (age allows no other recipient beside one). */
  readonly locked?: string;
}

/** Short name of a recipient. */
export function recipientId(recipient: string): string {
  return createHash("sha256").update(recipient).digest("hex").slice(0, 12);
}

/** Everybody for whom secrets are sealed, oldest first. */
export async function readRecipients(store: Store): Promise<readonly Kept[]> {
  const docs = await store.list<Json>(recipientsCollection);
  return docs.map((doc) => doc.value as unknown as Kept).toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

/** Puts somebody on the list; who is there stays as they are. */
export async function keepRecipient(store: Store, recipient: Kept): Promise<void> {
  await putOnce(store, recipientsCollection, recipient.id, { ...recipient });
}

/** Takes somebody off the list. */
export async function dropRecipient(store: Store, id: string): Promise<void> {
  const doc = await store.get(recipientsCollection, id);
  if (doc !== undefined) await store.delete(recipientsCollection, id, doc.rev);
}

/** An entry for a recipient that a person gave. @throws `RECIPIENT_INVALID`. */
export async function recipientOf(
  recipient: string,
  about: { readonly label: string; readonly at: number; readonly by: string },
): Promise<Kept> {
  if (recipient.toUpperCase().startsWith("AGE-SECRET-KEY-"))
    throw fail("RECIPIENT_INVALID", {
      message: "That is a secret key, not a recipient; treat it as known to others now.",
      hint: "`age-keygen -y FILE` prints the recipient of a key file.",
    });
  try {
    await sealText([recipient], "");
  } catch {
    throw fail("RECIPIENT_INVALID", {
      message: `${recipient.slice(0, 60)} is no age recipient.`,
      ...(recipient.startsWith("ssh-") ? { hint: "SSH keys are not supported as recipients: make an age key with `age-keygen`." } : {}),
    });
  }
  const kind = recipient.startsWith("age1pq1") ? "post-quantum" : recipient.startsWith("age1tag") ? "tag" : "native";
  return { id: recipientId(recipient), recipient, kind, ...about };
}

/**
 * A new recipient whose key is sealed with a passphrase and kept with the list: the way back when every key file is lost.
 * @throws `SECRET_UNFIT` for a passphrase that is too short.
 */
export async function passphraseRecipient(
  passphrase: Secret,
  postQuantum: boolean,
  about: { readonly label: string; readonly at: number; readonly by: string },
): Promise<Kept> {
  if (passphrase.reveal().length < shortestPassphrase)
    throw fail("SECRET_UNFIT", { message: `A passphrase that opens all secrets has at least ${shortestPassphrase} characters.` });
  const key = await (postQuantum ? generateHybridIdentity() : generateX25519Identity());
  const recipient = await identityToRecipient(key);
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase.reveal());
  encrypter.setScryptWorkFactor(passphraseWork);
  return { id: recipientId(recipient), recipient, kind: "passphrase", ...about, locked: armor.encode(await encryptText(encrypter, key)) };
}

/** The identity that a passphrase of the list unlocks. @throws `SECRET_UNREADABLE`. */
export async function unlockWithPassphrase(store: Store, passphrase: Secret): Promise<Identity> {
  for (const { locked, recipient } of await readRecipients(store)) {
    if (locked === undefined) continue;
    const decrypter = new Decrypter();
    decrypter.addPassphrase(passphrase.reveal());
    try {
      return { key: new SecretValue(await decryptText(decrypter, armor.decode(locked))), recipient };
    } catch {
      // another passphrase's
    }
  }
  throw fail("SECRET_UNREADABLE", { message: "No recipient of the list is opened by this passphrase." });
}

/** The first age identity in a file, such as `age-keygen` writes. @throws `IDENTITY_UNUSABLE`. */
export async function identityInFile(file: string): Promise<Identity> {
  const text = await readFile(file, "utf8").catch(() => "");
  const key = /^AGE-SECRET-KEY-\S+/mu.exec(text)?.[0] ?? "";
  try {
    return { key: new SecretValue(key), recipient: await identityToRecipient(key) };
  } catch {
    // The library's words may quote the key, so they are not passed on.
    throw fail("IDENTITY_UNUSABLE", { message: `The file ${file} cannot be read or holds no age identity.` });
  }
}
