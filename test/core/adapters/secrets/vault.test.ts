import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openIdentity } from "../../../../src/core/adapters/secrets/identity.ts";
import { createVault, type Vault } from "../../../../src/core/adapters/secrets/vault.ts";
import { openSqliteStore } from "../../../../src/core/adapters/store/sqlite/open.ts";
import { SecretValue } from "../../../../src/core/model/secret.ts";
import type { Store } from "../../../../src/core/ports.ts";
import { codeOf } from "../../../contract/store-contract.ts";

let dir: string;
let store: Store;
let vault: Vault;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "halligan-vault-"));
  store = await openSqliteStore(join(dir, "state.db"));
  vault = await createVault({ store, identityFile: join(dir, ".halligan/identity") });
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

const other = (file = "other"): Promise<Vault> => createVault({ store, identityFile: join(dir, file) });

test("a generated secret has the length asked for, stays the same, and is version 1", async () => {
  const made = await vault.generate("keystone.adminPassword", 32);
  expect(made.version).toBe(1);
  expect(made.secret.reveal()).toMatch(/^[A-Za-z0-9]{32}$/);
  const again = await vault.generate("keystone.adminPassword", 64);
  expect([again.version, again.secret.reveal()]).toEqual([1, made.secret.reveal()]);
  expect((await vault.generate("other", 32)).secret.reveal()).not.toBe(made.secret.reveal());
  expect(await codeOf(vault.generate("bad", 0))).toBe("VALUE_INVALID");
});

test("many who generate the same secret at once get one value", async () => {
  const second = await createVault({ store, identityFile: join(dir, ".halligan/identity") });
  const all = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? vault : second).generate("pw", 24)));
  expect(new Set(all.map((each) => each.secret.reveal())).size).toBe(1);
  expect(await vault.list()).toEqual([{ name: "pw", version: 1 }]);
});

test("setting a value counts versions up, also when done at once; the newest is what get gives", async () => {
  expect(await vault.get("pw")).toBeUndefined();
  const value = "geheim\n😀 '\"";
  expect(await vault.set("pw", new SecretValue("first"))).toBe(1);
  const versions = await Promise.all([1, 2, 3].map((n) => vault.set("pw", new SecretValue(`value ${n}`))));
  expect(versions.toSorted((a, b) => a - b)).toEqual([2, 3, 4]);
  expect(await vault.set("pw", new SecretValue(value))).toBe(5);
  const got = await vault.get("pw");
  expect([got?.secret.reveal(), got?.version]).toEqual([value, 5]);
});

test("the store and its files never hold the clear value; list shows names and versions only", async () => {
  const { secret } = await vault.generate("pw", 40);
  expect(await vault.list()).toEqual([{ name: "pw", version: 1 }]);
  expect(JSON.stringify(await store.list("secrets"))).toContain("BEGIN AGE ENCRYPTED FILE");
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) expect((await readFile(join(file.parentPath, file.name))).includes(secret.reveal())).toBe(false);
});

test("another key opens a secret only if it is a recipient", async () => {
  await vault.set("pw", new SecretValue("for one"));
  const stranger = await other();
  expect(await codeOf(stranger.get("pw"))).toBe("SECRET_UNREADABLE");
  const { recipient } = await openIdentity(join(dir, "other"));
  const generous = await createVault({ store, identityFile: join(dir, ".halligan/identity"), recipients: [recipient] });
  await generous.set("pw", new SecretValue("for both"));
  expect((await stranger.get("pw"))?.secret.reveal()).toBe("for both");
  expect((await vault.get("pw"))?.secret.reveal()).toBe("for both");
});

test("a record that was changed, moved to another name or put back is refused", async () => {
  await vault.set("a", new SecretValue("value a"));
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
