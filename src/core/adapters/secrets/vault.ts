import { randomInt } from "node:crypto";
import { fail, hasCode } from "../../errors.ts";
import { generateText } from "../../model/secret-policy.ts";
import type { SecretPolicy, SecretSource } from "../../model/cluster.ts";
import { SecretValue } from "../../model/secret.ts";
import type { Doc, Json, Secret, Store } from "../../ports.ts";
import { putOnce } from "../../run/put-once.ts";
import { type Identity, openIdentity } from "./identity.ts";
import { dropRecipient, keepRecipient, readRecipients, type Recipient, recipientOf } from "./recipients.ts";
import { seal, type Sealed, unreadable, unseal } from "./sealing.ts";

/** The newest version of each secret, by name. */
const currentCollection = "secrets";
/** Older versions that are still needed: key `NAME@VERSION`. */
const olderCollection = "secret-versions";

/** A secret and which setting of it this is; versions count from 1. */
export interface VersionedSecret {
  readonly secret: Secret;
  readonly version: number;
}

/** How a version came about: from its source, or set by a person over stdin or the terminal. */
export interface Made {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly by: string;
  readonly how: SecretSource["kind"] | "set";
}

/** What may be shown of a secret. */
export interface SecretRecord {
  readonly name: string;
  readonly version: number;
  readonly made?: Made;
  /** Older versions that are kept, oldest first. */
  readonly older: readonly number[];
}

/** A version of a secret, opened. */
export interface OpenedVersion extends VersionedSecret {
  readonly name: string;
  /** False for an older version. */
  readonly newest: boolean;
}

/** The sealed secrets of a cluster: the newest version of each, and older ones until they are retired. */
export interface Vault {
  /** The public half of the key by which this vault opens. */
  readonly recipient: string;
  /**
   * The secret of this name; if there is none, makes one. All who ask get the same one.
   * Problems: `SECRET_UNREADABLE`, `NOT_A_RECIPIENT`.
   */
  generate(name: string, policy: SecretPolicy): Promise<VersionedSecret>;
  /** Seals a value as the next version; returns that version. What was the newest is kept as an older one. Problems: `NOT_A_RECIPIENT`. */
  set(name: string, value: Secret, how: Made["how"]): Promise<number>;
  /** Opens the newest version, or this one; undefined if there is none. Problems: `SECRET_UNREADABLE`. */
  get(name: string, version?: number): Promise<VersionedSecret | undefined>;
  /** What may be shown of all secrets, by name. */
  list(): Promise<readonly SecretRecord[]>;
  /** Every version of every secret that this key opens, for redaction. */
  values(): Promise<readonly OpenedVersion[]>;
  /** Removes older versions that are not needed any more; returns how many. */
  retire(needed: (name: string, version: number) => boolean): Promise<number>;
  /** Those for whom secrets are sealed. */
  recipients(): Promise<readonly Recipient[]>;
  /** Seals everything for one more; returns how many records were sealed anew. Problems: `SECRET_UNREADABLE`, before anything is changed. */
  admit(recipient: Recipient): Promise<number>;
  /** Seals everything without this one. Problems: `RECIPIENT_INVALID`, `RECIPIENT_NEEDED`, `SECRET_UNREADABLE`. */
  expel(idOrRecipient: string): Promise<number>;
}

interface SealedVersion extends Sealed {
  readonly name?: string;
  readonly made?: Made;
}

/** Where a vault keeps its records and finds its key. */
export interface VaultOptions {
  readonly store: Store;
  /** This user's age identity; made when it is missing. */
  readonly identityFile: string;
  /** Opens with this key instead of the one in the file. */
  readonly identity?: Identity;
  readonly now: () => number;
  readonly by: string;
}

/**
 * Opens the vault whose records are in the store, each sealed with age for everybody on the list of recipients. Whoever first seals something is
 * on it. Problems: `IDENTITY_UNUSABLE`, and those of the store.
 */
export async function createVault(options: VaultOptions): Promise<Vault> {
  return new StoreVault(options, options.identity ?? (await openIdentity(options.identityFile)));
}

class StoreVault implements Vault {
  readonly #store: Store;
  readonly #options: VaultOptions;
  readonly #identity: Identity;

  constructor(options: VaultOptions, identity: Identity) {
    this.#store = options.store;
    this.#options = options;
    this.#identity = identity;
  }

  get recipient(): string {
    return this.#identity.recipient;
  }

  async get(name: string, version?: number): Promise<VersionedSecret | undefined> {
    const doc = await this.#find(name);
    if (doc === undefined) return undefined;
    const record = version === undefined || version === doc.value.version ? doc.value : await this.#older(name, version);
    return record && { secret: await unseal(this.#identity, name, record), version: record.version };
  }

  async generate(name: string, policy: SecretPolicy): Promise<VersionedSecret> {
    const present = await this.get(name);
    if (present !== undefined) return present;
    const value = generateText(policy, randomInt);
    try {
      await this.#write(name, 1, value, 0, "generate");
      return { secret: new SecretValue(value), version: 1 };
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
    const winner = await this.get(name);
    if (winner === undefined) throw unreadable(name, "It was removed while it was made.");
    return winner;
  }

  async set(name: string, value: Secret, how: Made["how"]): Promise<number> {
    for (;;) {
      const doc = await this.#find(name);
      const version = (doc?.value.version ?? 0) + 1;
      if (doc !== undefined)
        await putOnce(this.#store, olderCollection, `${name}@${doc.value.version}`, {
          ...(doc.value as SealedVersion),
          name,
        } as unknown as Json);
      try {
        await this.#write(name, version, value.reveal(), doc?.rev ?? 0, how);
        return version;
      } catch (error) {
        if (!hasCode(error, "VERSION_CONFLICT")) throw error; // else somebody set it at the same moment: ours is the next version
      }
    }
  }

  async list(): Promise<readonly SecretRecord[]> {
    const older = new Map<string, number[]>();
    for (const { value } of await this.#olderDocs()) older.set(value.name, [...(older.get(value.name) ?? []), value.version]);
    return (await this.#currentDocs()).map(({ key, value: { version, made } }) => ({
      name: key,
      version,
      ...(made === undefined ? {} : { made }),
      older: (older.get(key) ?? []).filter((each) => each !== version).toSorted((a, b) => a - b),
    }));
  }

  async values(): Promise<readonly OpenedVersion[]> {
    const docs = [
      ...(await this.#currentDocs()).map(({ key, value }) => ({ name: key, newest: true, record: value })),
      ...(await this.#olderDocs()).map(({ value }) => ({ name: value.name, newest: false, record: value })),
    ];
    const opened = docs.map(async ({ name, newest, record }) => {
      // What this key does not open cannot have been used here.
      const secret = await unseal(this.#identity, name, record).catch(() => undefined);
      return secret === undefined ? [] : [{ name, version: record.version, secret, newest }];
    });
    return (await Promise.all(opened)).flat();
  }

  async retire(needed: (name: string, version: number) => boolean): Promise<number> {
    const current = new Map((await this.#currentDocs()).map(({ key, value }) => [key, value.version]));
    let removed = 0;
    for (const { key, rev, value } of await this.#olderDocs()) {
      // A copy of the newest version is one that is about to be replaced.
      if (needed(value.name, value.version) || value.version >= (current.get(value.name) ?? 0)) continue;
      await this.#store.delete(olderCollection, key, rev).catch((error: unknown) => {
        if (!hasCode(error, "VERSION_CONFLICT")) throw error;
      });
      removed += 1;
    }
    return removed;
  }

  async recipients(): Promise<readonly Recipient[]> {
    return (await readRecipients(this.#store)).map(({ id, recipient, kind, label, at, by }) => ({ id, recipient, kind, label, at, by }));
  }

  async admit(recipient: Recipient): Promise<number> {
    await this.#members();
    await this.#openAll();
    await keepRecipient(this.#store, recipient);
    return await this.#sealAnew();
  }

  async expel(idOrRecipient: string): Promise<number> {
    const all = await readRecipients(this.#store);
    const found = all.find((each) => each.id === idOrRecipient || each.recipient === idOrRecipient);
    if (found === undefined)
      throw fail("RECIPIENT_INVALID", { message: `${idOrRecipient.slice(0, 60)} is not in the list of recipients.` });
    if (found.recipient === this.#identity.recipient || all.length === 1)
      throw fail("RECIPIENT_NEEDED", { message: `${found.id} is the key by which the secrets are opened here.` });
    await this.#openAll();
    await dropRecipient(this.#store, found.id);
    return await this.#sealAnew();
  }

  async #write(name: string, version: number, value: string, rev: number, how: Made["how"]): Promise<void> {
    const { now, by } = this.#options;
    const sealed = await seal(await this.#members(), { name, version, value });
    await this.#store.put(currentCollection, name, { version, sealed, made: { at: now(), by, how } }, rev);
  }

  /** Whom to seal for. Somebody who is not on the list may not seal: the others could not tell whose value it is. */
  async #members(): Promise<readonly string[]> {
    const { recipient } = this.#identity;
    const members = (await readRecipients(this.#store)).map((each) => each.recipient);
    if (members.includes(recipient)) return members;
    const [first] = await this.#currentDocs();
    // Without a list nothing was sealed yet, or by a version that had none: then who can open it was the only recipient.
    const founder =
      members.length === 0 &&
      (first === undefined || (await unseal(this.#identity, first.key, first.value).catch(() => undefined)) !== undefined);
    if (!founder)
      throw fail("NOT_A_RECIPIENT", {
        message: `The secrets are not sealed for the key ${recipient}.`,
        hint: `Let somebody who can open them run \`halligan secrets recipients add ${recipient}\`, or run \`halligan secrets recipients add own --with FILE\` with a key that opens them.`,
      });
    const { now, by } = this.#options;
    await keepRecipient(this.#store, await recipientOf(recipient, { label: `${by}'s key`, at: now(), by }));
    return [recipient];
  }

  async #openAll(): Promise<void> {
    for (const { key, value } of await this.#currentDocs()) await unseal(this.#identity, key, value);
    for (const { value } of await this.#olderDocs()) await unseal(this.#identity, value.name, value);
  }

  /** Seals every record for the list as it is now. */
  async #sealAnew(): Promise<number> {
    const recipients = (await readRecipients(this.#store)).map((each) => each.recipient);
    let sealed = 0;
    for (const { key } of await this.#currentDocs()) sealed += await this.#resealOne(currentCollection, key, key, recipients);
    for (const { key, value } of await this.#olderDocs()) sealed += await this.#resealOne(olderCollection, key, value.name, recipients);
    return sealed;
  }

  async #resealOne(collection: string, key: string, name: string, recipients: readonly string[]): Promise<number> {
    for (;;) {
      const doc = await this.#store.get<SealedVersion & Json>(collection, key);
      if (doc === undefined) return 0;
      const secret = await unseal(this.#identity, name, doc.value);
      const sealed = await seal(recipients, { name, version: doc.value.version, value: secret.reveal() });
      try {
        await this.#store.put(collection, key, { ...(doc.value as SealedVersion), sealed } as unknown as Json, doc.rev);
        return 1;
      } catch (error) {
        if (!hasCode(error, "VERSION_CONFLICT")) throw error;
      }
    }
  }

  async #find(name: string): Promise<Doc<SealedVersion & Json> | undefined> {
    return await this.#store.get(currentCollection, name);
  }

  async #older(name: string, version: number): Promise<SealedVersion | undefined> {
    return (await this.#store.get<SealedVersion & Json>(olderCollection, `${name}@${version}`))?.value;
  }

  async #currentDocs(): Promise<readonly Doc<SealedVersion & Json>[]> {
    return await this.#store.list(currentCollection);
  }

  async #olderDocs(): Promise<readonly Doc<SealedVersion & { readonly name: string } & Json>[]> {
    return await this.#store.list(olderCollection);
  }
}
