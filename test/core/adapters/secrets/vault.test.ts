import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { generateHybridIdentity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openIdentity } from "../../../../src/core/adapters/secrets/identity.ts";
import {
  identityInFile,
  passphraseRecipient,
  recipientId,
  recipientOf,
  unlockWithPassphrase,
} from "../../../../src/core/adapters/secrets/recipients.ts";
import { createVault, type Vault } from "../../../../src/core/adapters/secrets/vault.ts";
import { openSqliteStore } from "../../../../src/core/adapters/store/sqlite/open.ts";
import { SecretValue } from "../../../../src/core/model/secret.ts";
import type { Store } from "../../../../src/core/ports.ts";
import { codeOf } from "../../../contract/store-contract.ts";

const about = { label: "x", at: 2000, by: "ann" };

let dir: string;
let store: Store;
let vault: Vault;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "halligan-vault-"));
  store = await openSqliteStore(join(dir, "state.db"));
  vault = await at(".halligan/identity");
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

const at = (file: string): Promise<Vault> => createVault({ store, identityFile: join(dir, file), now: () => 1000, by: "ann" });
const other = (file = "other"): Promise<Vault> => at(file);
const policy = (length: number) => ({ length, alphabet: "alnum", minClasses: 1 }) as const;

test("a generated secret has the length asked for, stays the same, and is version 1", async () => {
  const made = await vault.generate("keystone.adminPassword", policy(32));
  expect(made.version).toBe(1);
  expect(made.secret.reveal()).toMatch(/^[A-Za-z0-9]{32}$/);
  const again = await vault.generate("keystone.adminPassword", policy(64));
  expect([again.version, again.secret.reveal()]).toEqual([1, made.secret.reveal()]);
  expect((await vault.generate("other", policy(32))).secret.reveal()).not.toBe(made.secret.reveal());
});

test("many who generate the same secret at once get one value", async () => {
  const second = await at(".halligan/identity");
  const all = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? vault : second).generate("pw", policy(24))));
  expect(new Set(all.map((each) => each.secret.reveal())).size).toBe(1);
  expect(await vault.list()).toEqual([{ name: "pw", version: 1, made: { at: 1000, by: "ann", how: "generate" }, older: [] }]);
});

test("setting a value counts versions up, also when done at once; the newest is what get gives", async () => {
  expect(await vault.get("pw")).toBeUndefined();
  const value = "geheim\n😀 '\"";
  expect(await vault.set("pw", new SecretValue("first"), "set")).toBe(1);
  const versions = await Promise.all([1, 2, 3].map((n) => vault.set("pw", new SecretValue(`value ${n}`), "set")));
  expect(versions.toSorted((a, b) => a - b)).toEqual([2, 3, 4]);
  expect(await vault.set("pw", new SecretValue(value), "set")).toBe(5);
  const got = await vault.get("pw");
  expect([got?.secret.reveal(), got?.version]).toEqual([value, 5]);
});

test("the store and its files never hold the clear value; list shows names and versions only", async () => {
  const { secret } = await vault.generate("pw", policy(40));
  expect(await vault.list()).toEqual([{ name: "pw", version: 1, made: { at: 1000, by: "ann", how: "generate" }, older: [] }]);
  expect(JSON.stringify(await store.list("secrets"))).toContain("BEGIN AGE ENCRYPTED FILE");
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) expect((await readFile(join(file.parentPath, file.name))).includes(secret.reveal())).toBe(false);
});

test("another key opens a secret only when it is a recipient, and seals nothing before", async () => {
  await vault.set("pw", new SecretValue("for one"), "set");
  await vault.set("pw", new SecretValue("for one, later"), "set");
  const stranger = await other();
  expect(await codeOf(stranger.get("pw"))).toBe("SECRET_UNREADABLE");
  expect(await codeOf(stranger.set("mine", new SecretValue("planted"), "set"))).toBe("NOT_A_RECIPIENT");
  expect(await codeOf(stranger.admit(await recipientOf(stranger.recipient, about)))).toBe("NOT_A_RECIPIENT");
  expect(await vault.admit(await recipientOf(stranger.recipient, about))).toBe(2);
  expect((await stranger.get("pw"))?.secret.reveal()).toBe("for one, later");
  expect((await stranger.get("pw", 1))?.secret.reveal()).toBe("for one");
  await stranger.set("mine", new SecretValue("for both"), "set");
  expect((await vault.get("mine"))?.secret.reveal()).toBe("for both");
  expect(await vault.expel(recipientId(stranger.recipient))).toBe(3);
  expect(await codeOf(stranger.get("pw"))).toBe("SECRET_UNREADABLE");
  expect(await codeOf(stranger.get("pw", 1))).toBe("SECRET_UNREADABLE");
  expect((await vault.get("pw"))?.secret.reveal()).toBe("for one, later");
  expect(await codeOf(vault.expel(vault.recipient))).toBe("RECIPIENT_NEEDED");
  expect(await codeOf(vault.expel("nobody"))).toBe("RECIPIENT_INVALID");
});

test("a post-quantum recipient and a passphrase open what was sealed before they came and after", async () => {
  await vault.set("pw", new SecretValue("older"), "set");
  const key = await generateHybridIdentity();
  await writeFile(join(dir, "pq"), `# key\n${key}\n`, { mode: 0o600 });
  await vault.admit(await recipientOf(await identityToRecipient(key), about));
  await vault.admit(await passphraseRecipient(new SecretValue("twelve or more"), false, about));
  await vault.set("new", new SecretValue("newer"), "set");
  expect((await vault.recipients()).map((each) => [each.kind, each.label]).toSorted()).toEqual([
    ["native", "ann's key"],
    ["passphrase", "x"],
    ["post-quantum", "x"],
  ]);
  for (const identity of [await identityInFile(join(dir, "pq")), await unlockWithPassphrase(store, new SecretValue("twelve or more"))]) {
    const opened = await createVault({ store, identityFile: join(dir, "unused"), identity, now: () => 1, by: "bob" });
    expect([(await opened.get("pw"))?.secret.reveal(), (await opened.get("new"))?.secret.reveal()]).toEqual(["older", "newer"]);
  }
  // The key file of a machine may be a post-quantum one.
  expect((await (await other("pq")).get("pw"))?.secret.reveal()).toBe("older");
  expect(await codeOf(unlockWithPassphrase(store, new SecretValue("twelve or less")))).toBe("SECRET_UNREADABLE");
  expect(await codeOf(passphraseRecipient(new SecretValue("short"), false, about))).toBe("SECRET_UNFIT");
  const kept = JSON.stringify([await store.list("secret-recipients"), await store.list("secrets")]);
  for (const leaked of ["twelve or more", "AGE-SECRET", key]) expect(kept).not.toContain(leaked);
});

test.each(["age1nonsense", "ssh-ed25519 AAAA", "", "age1pq1abc"])("what is no recipient is refused: %s", async (text) => {
  expect(await codeOf(recipientOf(text, about))).toBe("RECIPIENT_INVALID");
});

test("a secret key that is given for a recipient is not repeated", async () => {
  const { key } = await openIdentity(join(dir, "typed"));
  const error: unknown = await recipientOf(key.reveal(), about).catch((caught: unknown) => caught);
  expect(inspect(error)).not.toContain(key.reveal().slice(20, 50));
});

test("older versions stay until nobody needs them", async () => {
  for (const value of ["one!", "two!", "three!"]) await vault.set("pw", new SecretValue(value), "set");
  expect((await vault.list())[0]?.older).toEqual([1, 2]);
  expect((await vault.get("pw", 2))?.secret.reveal()).toBe("two!");
  expect(await vault.retire((_, version) => version === 2)).toBe(1);
  expect([await vault.get("pw", 1), (await vault.get("pw", 2))?.version, (await vault.get("pw"))?.version]).toEqual([undefined, 2, 3]);
  expect((await vault.values()).map(({ name, version, newest, secret }) => [name, version, newest, secret.reveal()])).toEqual([
    ["pw", 3, true, "three!"],
    ["pw", 2, false, "two!"],
  ]);
});

test("a record that was changed, moved to another name or put back is refused", async () => {
  await vault.set("a", new SecretValue("value a"), "set");
  const old = await store.get<{ version: number; sealed: string }>("secrets", "a");
  if (old === undefined) throw new Error("no record");
  await store.put("secrets", "b", old.value, 0);
  expect(await codeOf(vault.get("b"))).toBe("SECRET_UNREADABLE");
  await store.put("secrets", "a", { version: 2, sealed: old.value.sealed }, 1);
  expect(await codeOf(vault.get("a"))).toBe("SECRET_UNREADABLE");
  await store.put("secrets", "c", { version: 1, sealed: old.value.sealed.replace(/[A-Za-z](?=[^A-Za-z]*\n-----END)/, "!") }, 0);
  expect(await codeOf(vault.get("c"))).toBe("SECRET_UNREADABLE");
  await store.put("secrets", "d", "nonsense", 0);
  expect(await codeOf(vault.get("d"))).toBe("SECRET_UNREADABLE");
});

test("the key file is private, made once even when many ask at the same time, and leaves no drafts", async () => {
  const file = join(dir, "keys/identity");
  const all = await Promise.all(Array.from({ length: 20 }, () => openIdentity(file)));
  expect(new Set(all.map((each) => each.key.reveal())).size).toBe(1);
  expect(new Set(all.map((each) => each.recipient)).size).toBe(1);
  expect(await readdir(join(dir, "keys"))).toEqual(["identity"]);
  expect([(await stat(file)).mode & 0o777, (await stat(join(dir, "keys"))).mode & 0o777]).toEqual([0o600, 0o700]);
});

test("a key file that others can read, or that is no key, is refused without showing its content", async () => {
  await chmod(join(dir, ".halligan/identity"), 0o644);
  expect(await codeOf(other(".halligan/identity"))).toBe("IDENTITY_UNUSABLE");
  await writeFile(join(dir, "nonsense"), "AGE-SECRET-KEY-1SECRETTEXT\n", { mode: 0o600 });
  const error = await other("nonsense").catch((caught: unknown) => caught);
  expect(await codeOf(Promise.reject(error))).toBe("IDENTITY_UNUSABLE");
  expect(inspect(error)).not.toContain("SECRETTEXT");
});

test("a secret value does not show itself", () => {
  const value = new SecretValue("hunter22");
  const shown = [
    value.toString(),
    String(value),
    JSON.stringify({ value }),
    inspect(value),
    inspect({ deep: [value] }),
    inspect(value, { showHidden: true }),
  ];
  for (const text of [...shown, JSON.stringify(structuredClone({ value }))]) expect(text).not.toContain("hunter22");
  expect(shown[0]).toBe("[redacted]");
  expect(shown[3]).toBe("[redacted]");
});
