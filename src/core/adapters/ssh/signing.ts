import { sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type PublicKey, readKeyBlob, readPublicKey } from "../../authority/signatures/public-key.ts";
import { armorSignature, signedBytes } from "../../authority/signatures/sshsig.ts";
import { writeField, writeNumber } from "../../authority/signatures/wire.ts";
import { fail, HalliganError } from "../../errors.ts";
import type { Secret } from "../../ports.ts";
import { agentKeys, agentSign } from "./agent-client.ts";
import { messageOf } from "./known-hosts.ts";
import { createKeyRing, isEncrypted, readKey } from "./private-keys.ts";

/** With which key to sign. */
export interface SigningKey {
  /** `agent`, a private key file, or a .pub file whose private half is in the agent. Absolute path. */
  readonly source: string;
  /** The agent's socket, if there is one. */
  readonly agent: string | undefined;
  /** Which keys of the agent are meant; the first that fits is taken. Nothing is signed with others. */
  readonly fits: (key: PublicKey) => boolean;
  /** Asks for the passphrase of an encrypted file; `undefined` where nobody can be asked. */
  readonly ask: (what: string) => Promise<Secret | undefined>;
}

/** A signature as `ssh-keygen -Y verify` reads it, and the key that made it. */
export interface MadeSignature {
  readonly key: PublicKey;
  readonly armored: string;
}

/**
 * Signs a message for one purpose, as `ssh-keygen -Y sign -n NAMESPACE` does.
 * @throws `SIGNING_FAILED`, `KEY_UNREADABLE`, `PASSPHRASE_NEEDED`, `PASSPHRASE_WRONG`.
 */
export async function signMessage(with_: SigningKey, message: Uint8Array, namespace: string): Promise<MadeSignature> {
  const data = signedBytes(message, namespace);
  const { key, signature } = await signData(with_, data);
  return { key, armored: armorSignature(key.blob, namespace, signature) };
}

interface Signed {
  readonly key: PublicKey;
  readonly signature: Buffer;
}

async function signData(with_: SigningKey, data: Buffer): Promise<Signed> {
  const { source, fits } = with_;
  if (source === "agent") return await signByAgent(with_, data, fits, "that is known here");
  if (!source.endsWith(".pub")) return await signByFile(with_, data);
  const read = readPublicKey(await readFile(source, "utf8").catch((error: unknown) => unreadable(source, error)));
  if (!("key" in read)) throw fail("SIGNING_FAILED", { message: `${source} ${read.fault}.` });
  const { fingerprint } = read.key;
  return await signByAgent(with_, data, (key) => key.fingerprint === fingerprint, `of ${source}`);
}

async function signByAgent({ agent }: SigningKey, data: Buffer, fits: (key: PublicKey) => boolean, which: string): Promise<Signed> {
  if (agent === undefined) {
    const hint = "Start one (`eval $(ssh-agent)`, `ssh-add`), or name a private key file.";
    throw fail("SIGNING_FAILED", { message: "There is no SSH agent: SSH_AUTH_SOCK is not set.", hint });
  }
  for (const { blob } of await agentKeys(agent)) {
    const read = readKeyBlob(blob);
    if ("key" in read && fits(read.key)) return { key: read.key, signature: await agentSign(agent, blob, data) };
  }
  throw fail("SIGNING_FAILED", {
    message: `The SSH agent holds no key ${which}.`,
    hint: "`ssh-add -l` lists its keys; `ssh-add FILE` adds one.",
  });
}

async function signByFile({ source, ask }: SigningKey, data: Buffer): Promise<Signed> {
  const found = await readKey(source);
  if ("problem" in found) throw new HalliganError([found.problem]);
  const passphrase = isEncrypted(found.text) ? await ask(`passphrase of ${source}`) : undefined;
  const [loaded] = await createKeyRing().load([source], passphrase);
  if (loaded === undefined || loaded.kind === "unusable")
    throw loaded === undefined ? fail("SIGNING_FAILED", { message: `${source} holds no key.` }) : new HalliganError([loaded.problem]);
  const read = readKeyBlob(loaded.key.getPublicSSH());
  if (!("key" in read)) throw fail("SIGNING_FAILED", { message: `${source} ${read.fault}.` });
  return { key: read.key, signature: signWithPem(read.key.type, loaded.key.getPrivatePEM(), data) };
}

/** A signature in wire format, with its format in front. */
function signWithPem(type: string, pem: string, data: Buffer): Buffer {
  if (type === "ssh-rsa") return Buffer.concat([writeField("rsa-sha2-512"), writeField(sign("sha512", data, pem))]);
  if (type === "ssh-ed25519") return Buffer.concat([writeField(type), writeField(sign(null, data, pem))]);
  const hash = type.endsWith("256") ? "sha256" : type.endsWith("384") ? "sha384" : "sha512";
  const both = sign(hash, data, { key: pem, dsaEncoding: "ieee-p1363" });
  const half = both.length / 2;
  const numbers = [both.subarray(0, half), both.subarray(half)].map((each) => writeNumber(each));
  return Buffer.concat([writeField(type), writeField(Buffer.concat(numbers))]);
}

function unreadable(source: string, error: unknown): never {
  throw fail("KEY_UNREADABLE", { message: `The public key ${source} cannot be read.`, cause: messageOf(error), error });
}
