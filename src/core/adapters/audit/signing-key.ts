import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { appendFile, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CheckpointSigner } from "../../authority/audit/checkpoint.ts";
import { publicKeyLine, readPublicKeys } from "../../authority/audit/public-key.ts";
import { fail } from "../../errors.ts";
import { errnoOf, fileFault } from "../store/file-faults.ts";
import { placeOnce } from "../store/place-once.ts";

/**
 * Reads the key that signs checkpoints of the audit (Ed25519, PKCS #8 PEM), making a new one (0600) if there is none; its public half is put
 * beside it, in `.pub`. When several processes do so at once, all get the same one. Problems: `AUDIT_KEY_UNUSABLE`, `STORE_FULL`, `STORE_UNAVAILABLE`.
 */
export async function openSigningKey(file: string, owner: string): Promise<CheckpointSigner> {
  const key = (await readKey(file)) ?? (await makeKey(file));
  const text = publicKeyOf(key);
  await publish(file.replace(/\.key$/u, ".pub"), text, owner);
  return { key: text, sign: (bytes) => sign(null, bytes, key).toString("base64") };
}

/** The public keys that were put in a folder, by whomever. Problems: `AUDIT_KEY_UNUSABLE`, `STORE_UNAVAILABLE`. */
export async function readPublicKeysIn(folder: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /^audit-.*\.pub$/u.test(name)).toSorted();
    const found = await Promise.all(
      names.map(async (name) => readPublicKeys(await readFile(join(folder, name), "utf8"), join(folder, name))),
    );
    return found.flat();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw fileFault(error, folder);
  }
}

/** Adds a public key to its file unless it is there. Keys of before stay: what they signed is still theirs. */
async function publish(file: string, key: string, owner: string): Promise<void> {
  const line = publicKeyLine(key, owner);
  try {
    const text = await readFile(file, "utf8").catch((error: unknown) => {
      if (errnoOf(error) !== "ENOENT") throw error;
      return "";
    });
    if (text.split("\n").includes(line)) return;
    await appendFile(file, `${line}\n`, { mode: 0o644 });
  } catch (error) {
    throw fileFault(error, file);
  }
}

async function readKey(file: string): Promise<KeyObject | undefined> {
  let text: string;
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0) {
      throw fail("AUDIT_KEY_UNUSABLE", {
        message: `The audit's key file ${file} can be read by other users (mode ${(mode & 0o777).toString(8).padStart(4, "0")}).`,
        hint: `Run \`chmod 600 ${file}\`. If others may have read it, move it away: a new key is made at the next checkpoint.`,
      });
    }
    text = await readFile(file, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw fileFault(error, file);
  }
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // told below; the library's words are about formats
  }
  throw fail("AUDIT_KEY_UNUSABLE", { message: `The audit's key file ${file} holds no Ed25519 private key.` });
}

/** Makes the key, unless another process does so first; gives the one that lies there. */
async function makeKey(file: string): Promise<KeyObject> {
  await placeOnce(file, generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
  const made = await readKey(file);
  if (made === undefined) throw fail("AUDIT_KEY_UNUSABLE", { message: `The audit's key file ${file} vanished while it was made.` });
  return made;
}

function publicKeyOf(key: KeyObject): string {
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return Buffer.from(x ?? "", "base64url").toString("base64");
}
