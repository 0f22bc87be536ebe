import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, test } from "vitest";
import { decryptText, encryptText } from "../../../../src/core/adapters/secrets/whole.ts";

async function pair(): Promise<{ readonly encrypter: Encrypter; readonly decrypter: Decrypter }> {
  const [encrypter, decrypter] = [new Encrypter(), new Decrypter()];
  const key = await generateX25519Identity();
  encrypter.addRecipient(await identityToRecipient(key));
  decrypter.addIdentity(key);
  return { encrypter, decrypter };
}

test.each([
  ["nothing", ""],
  ["letters of others", "pässwörd ✓\n"],
  ["more than one piece of age's", "long ".repeat(40_000)],
])("a text comes back as it was, also to age's own reading: %s", async (_, text) => {
  const { encrypter, decrypter } = await pair();
  const file = await encryptText(encrypter, text);
  expect(await decryptText(decrypter, file)).toBe(text);
  expect(await decrypter.decrypt(file, "text")).toBe(text);
  expect(await decryptText(decrypter, await encrypter.encrypt(text))).toBe(text);
});

test("a damaged file, or one for somebody else, is refused", async () => {
  const [one, other] = [await pair(), await pair()];
  const file = await encryptText(one.encrypter, "secret");
  await expect(decryptText(other.decrypter, file)).rejects.toThrow(/no identity/u);
  await expect(decryptText(one.decrypter, file.subarray(0, -1))).rejects.toThrow("invalid tag");
  const damaged = Uint8Array.from(file, (byte, at) => (at === file.length - 1 ? byte ^ 1 : byte));
  await expect(decryptText(one.decrypter, damaged)).rejects.toThrow("invalid tag");
});

test("no HTTP client is loaded for it", () => {
  const folder = join(import.meta.dirname, "../../../../src/core/adapters/secrets");
  const program = `
    const { seal, unseal } = await import(${JSON.stringify(join(folder, "sealing.ts"))});
    const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
    const key = await generateX25519Identity();
    const identity = { key: { reveal: () => key }, recipient: await identityToRecipient(key) };
    const sealed = await seal([identity.recipient], { name: "a", version: 1, value: "v" });
    const opened = await unseal(identity, "a", { version: 1, sealed });
    console.log(JSON.stringify([opened.reveal(), process.moduleLoadList.filter((each) => each.includes("undici"))]));
  `;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname, encoding: "utf8" });
  expect(JSON.parse(said)).toEqual(["v", []]);
});
