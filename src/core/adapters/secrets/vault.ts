import { randomInt } from "node:crypto";
import { armor, Decrypter, Encrypter } from "age-encryption";
import { fail, type HalliganError, hasCode } from "../../errors.ts";
import { SecretValue } from "../../model/secret.ts";
import type { Doc, Json, Secret, Store } from "../../ports.ts";
import { type Identity, openIdentity } from "./identity.ts";

const COLLECTION = "secrets";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const MAX_LENGTH = 4096;

/** A secret and which setting of it this is; versions count from 1. */
export interface VersionedSecret {
  readonly secret: Secret;
  readonly version: number;
}

/** What may be shown of a secret. */
export interface SecretName {
  readonly name: string;
  readonly version: number;
}

/** The sealed secrets of a cluster. Only the newest version of each is kept. */
export interface Vault {
  /**
   * The secret of this name; if there is none, makes one of `length` random letters and digits. All who ask get the same one.
   * Problems: `VALUE_INVALID` for a length outside 1 to 4096, `SECRET_UNREADABLE`.
   */
  generate(name: string, length: number): Promise<VersionedSecret>;
  /** Seals a value given by a person as the next version; returns that version. */
  set(name: string, value: Secret): Promise<number>;
  /** Opens a secret; undefined if there is none of this name. Problems: `SECRET_UNREADABLE`. */
  get(name: string): Promise<VersionedSecret | undefined>;
  /** Names and versions, by name. */
  list(): Promise<readonly SecretName[]>;
}

interface Sealed {
  readonly version: number;
  readonly sealed: string;
}

/** The clear text inside the seal. Name and version are in it so that a record moved to another name, or an old one put back, is noticed. */
interface Content {
  readonly name: string;
  readonly version: number;
  readonly value: string;
}

/** Where a vault keeps its records and finds its key. */
export interface VaultOptions {
  readonly store: Store;
  /** This machine's age identity; made when it is missing. */
  readonly identityFile: string;
  /** Further age recipients (`age1...`) who must be able to open what this vault seals: other engines and workers. */
  readonly recipients?: readonly string[];
}

/**
 * Opens the vault whose records are in the store's collection "secrets", each sealed with age for this machine's identity and the given recipients.
 * Problems: `IDENTITY_UNUSABLE`, and those of the store.
 */
export async function createVault(options: VaultOptions): Promise<Vault> {
  const { store } = options;
  const identity = await openIdentity(options.identityFile);
  const recipients = [...new Set([identity.recipient, ...(options.recipients ?? [])])];

  const find = (name: string): Promise<Doc<Sealed & Json> | undefined> => store.get(COLLECTION, name);
  const get = async (name: string): Promise<VersionedSecret | undefined> => {
    const doc = await find(name);
    return doc && { secret: await unseal(identity, name, doc.value), version: doc.value.version };
  };
  const write = async (name: string, version: number, value: string, rev: number): Promise<void> => {
    await store.put(COLLECTION, name, { version, sealed: await seal(recipients, { name, version, value }) }, rev);
  };

  return {
    get,
    async generate(name, length) {
      const present = await get(name);
      if (present !== undefined) return present;
      const value = randomText(length);
      try {
        await write(name, 1, value, 0);
        return { secret: new SecretValue(value), version: 1 };
      } catch (error) {
        if (!hasCode(error, "VERSION_CONFLICT")) throw error;
      }
      const winner = await get(name);
      if (winner === undefined) throw unreadable(name, "It was removed while it was made.");
      return winner;
    },
    async set(name, value) {
      for (;;) {
        const doc = await find(name);
        const version = (doc?.value.version ?? 0) + 1;
        try {
          await write(name, version, value.reveal(), doc?.rev ?? 0);
          return version;
        } catch (error) {
          if (!hasCode(error, "VERSION_CONFLICT")) throw error; // else somebody set it at the same moment: ours is the next version
        }
      }
    },
    async list() {
      const docs = await store.list<Sealed & Json>(COLLECTION);
      return docs.map((doc) => ({ name: doc.key, version: doc.value.version }));
    },
  };
}

async function seal(recipients: readonly string[], content: Content): Promise<string> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(JSON.stringify(content)));
}

async function unseal(identity: Identity, name: string, record: Sealed): Promise<Secret> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity.key.reveal());
  let content: Content;
  try {
    content = JSON.parse(await decrypter.decrypt(armor.decode(record.sealed), "text"));
  } catch {
    throw unreadable(name, "It was sealed for another key than the one on this machine, or its record is damaged.");
  }
  if (content.name !== name || content.version !== record.version)
    throw unreadable(name, "Its record is the one of another secret or of another version.");
  return new SecretValue(content.value);
}

function unreadable(name: string, cause: string): HalliganError {
  return fail("SECRET_UNREADABLE", { message: `The secret ${name} cannot be opened.`, cause });
}

function randomText(length: number): string {
  if (!Number.isInteger(length) || length < 1 || length > MAX_LENGTH) {
    throw fail("VALUE_INVALID", { message: `A generated secret has 1 to ${MAX_LENGTH} characters, not ${length}.` });
  }
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}
