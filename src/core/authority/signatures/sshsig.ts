import { createHash, verify } from "node:crypto";
import { type PublicKey, readKeyBlob } from "./public-key.ts";
import { fixedNumber, readFields, writeField } from "./wire.ts";

/**
 * Signatures as `ssh-keygen -Y sign` makes them (OpenSSH, PROTOCOL.sshsig). The namespace keeps a signature for one purpose from being used
 * for another one.
 */

const preamble = "SSHSIG";
const version = 1;
const begin = "-----BEGIN SSH SIGNATURE-----";
const end = "-----END SSH SIGNATURE-----";
/** Larger than any signature of a key that is accepted. */
const mostBytes = 16 * 1024;

/** A signature that holds, with the key that made it; or in words why it does not. Whose key it is, is another question. */
export type VerifiedSignature = { readonly ok: true; readonly key: PublicKey } | { readonly ok: false; readonly fault: string };

/** The bytes that a key signs for a message. */
export function signedBytes(message: Uint8Array, namespace: string, hash: "sha256" | "sha512" = "sha512"): Buffer {
  const digest = createHash(hash).update(message).digest();
  return Buffer.concat([Buffer.from(preamble), writeField(namespace), writeField(""), writeField(hash), writeField(digest)]);
}

/** Puts a signature (format and value, as an agent answers it) over `signedBytes` into the form that `ssh-keygen -Y verify` reads. */
export function armorSignature(key: Uint8Array, namespace: string, signature: Uint8Array): string {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(version);
  const fields = [key, namespace, "", "sha512", signature].map((each) => writeField(each));
  const text = Buffer.concat([Buffer.from(preamble), head, ...fields]).toString("base64");
  return [begin, ...(text.match(/.{1,70}/gu) ?? []), end, ""].join("\n");
}

/** Verifies an armored signature over a message. Pure; never throws. */
export function verifySignature(armored: string, message: Uint8Array, namespace: string): VerifiedSignature {
  const bytes = disarm(armored);
  if (bytes === undefined) return no("it is not an SSH signature (-----BEGIN SSH SIGNATURE-----)");
  if (bytes.subarray(0, 6).toString("latin1") !== preamble || bytes.length < 10) return no("it is damaged");
  if (bytes.readUInt32BE(6) !== version) return no("it is of a version that is not known");
  const fields = readFields(bytes.subarray(10));
  const [blob, space, , hash, inner] = fields ?? [];
  if (fields?.length !== 5 || blob === undefined || space === undefined || hash === undefined || inner === undefined)
    return no("it is damaged");
  if (space.toString("utf8") !== namespace) return no(`it was made for another purpose than ${namespace}`);
  const reserved = fields[2];
  if (reserved === undefined || reserved.length > 0) return no("it holds something that is not known");
  const name = hash.toString("latin1");
  if (name !== "sha256" && name !== "sha512") return no("its hash is neither sha256 nor sha512");
  const read = readKeyBlob(blob);
  if (!("key" in read)) return no(`its key ${read.fault}`);
  const value = signatureValue(read.key, readFields(inner) ?? []);
  if (value === undefined) return no("its kind does not fit its key");
  const data = signedBytes(message, namespace, name);
  return holds(read.key, value, data) ? { ok: true, key: read.key } : no("it was made over something else, or by another key");
}

interface SignatureValue {
  readonly bytes: Buffer;
  readonly hash: "sha256" | "sha384" | "sha512" | null;
}

/** How a signature of each kind is checked: SHA-1 is never taken. */
function signatureValue({ type, key }: PublicKey, fields: readonly Buffer[]): SignatureValue | undefined {
  const [format, bytes] = fields;
  if (fields.length !== 2 || format === undefined || bytes === undefined) return undefined;
  const kind = format.toString("latin1");
  if (type === "ssh-rsa") {
    const size = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
    const hash = kind === "rsa-sha2-512" ? "sha512" : kind === "rsa-sha2-256" ? "sha256" : undefined;
    if (hash === undefined || bytes.length > size) return undefined;
    return { bytes: Buffer.concat([Buffer.alloc(size - bytes.length), bytes]), hash };
  }
  if (kind !== type) return undefined;
  if (type === "ssh-ed25519") return bytes.length === 64 ? { bytes, hash: null } : undefined;
  const [hash, size] = type.endsWith("256")
    ? (["sha256", 32] as const)
    : type.endsWith("384")
      ? (["sha384", 48] as const)
      : (["sha512", 66] as const);
  const numbers = readFields(bytes) ?? [];
  const [r, s] = numbers.map((each) => fixedNumber(each, size));
  return numbers.length !== 2 || r === undefined || s === undefined ? undefined : { bytes: Buffer.concat([r, s]), hash };
}

function holds({ key }: PublicKey, { bytes, hash }: SignatureValue, data: Buffer): boolean {
  try {
    return verify(hash, data, { key, dsaEncoding: "ieee-p1363" }, bytes);
  } catch {
    return false;
  }
}

function disarm(armored: string): Buffer | undefined {
  const text = armored.trim();
  if (text.length > mostBytes * 2 || !text.startsWith(begin) || !text.endsWith(end)) return undefined;
  const base64 = text.slice(begin.length, -end.length).replace(/\s+/gu, "");
  return /^[A-Za-z0-9+/]+={0,2}$/u.test(base64) ? Buffer.from(base64, "base64") : undefined;
}

function no(fault: string): VerifiedSignature {
  return { ok: false, fault };
}
