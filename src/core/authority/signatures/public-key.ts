import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { fixedNumber, readFields } from "./wire.ts";

/** A public key of SSH, taken apart. */
export interface PublicKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256` ... */
  readonly type: string;
  /** The key in SSH's wire format. */
  readonly blob: Buffer;
  /** `SHA256:...`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** Type and key in OpenSSH's one-line format, without a comment: equal for equal keys. */
  readonly line: string;
  readonly key: KeyObject;
}

/** A key, or in words why it is none; `secret` when it is a private key. The words never repeat the text. */
export type ReadKey = { readonly key: PublicKey } | { readonly fault: string; readonly secret?: true };

/** Kinds of keys whose signatures are verified. */
const curves: Readonly<Record<string, { readonly name: string; readonly jwk: string; readonly bytes: number }>> = {
  "ecdsa-sha2-nistp256": { name: "nistp256", jwk: "P-256", bytes: 32 },
  "ecdsa-sha2-nistp384": { name: "nistp384", jwk: "P-384", bytes: 48 },
  "ecdsa-sha2-nistp521": { name: "nistp521", jwk: "P-521", bytes: 66 },
};
const types: ReadonlySet<string> = new Set(["ssh-ed25519", "ssh-rsa", ...Object.keys(curves)]);
const leastRsaBits = 2048;
const mostRsaBits = 16_384;
const damaged = "is cut off or damaged";

/** Reads the one line of a .pub file. */
export function readPublicKey(text: string): ReadKey {
  const line = text.trim();
  if (/PRIVATE KEY/u.test(line)) return { fault: "is a private key; only the public one (the .pub file) belongs here", secret: true };
  if (/[\r\n]/u.test(line)) return { fault: "has more than one line" };
  const [type = "", base64 = ""] = line.split(/[ \t]+/u);
  if (!types.has(type)) return { fault: typeFault(type) };
  if (!/^[A-Za-z0-9+/]+={0,2}$/u.test(base64)) return { fault: "has no key in base64 behind its type" };
  const read = readKeyBlob(Buffer.from(base64, "base64"));
  return "key" in read && read.key.type !== type ? { fault: `says ${type} in front and something else inside` } : read;
}

/** Reads a key in wire format, as it stands in signatures and in an agent's answers. */
export function readKeyBlob(blob: Buffer): ReadKey {
  const fields = readFields(blob);
  const type = fields?.[0]?.toString("latin1") ?? "";
  if (fields === undefined) return { fault: damaged };
  if (!types.has(type)) return { fault: typeFault(type) };
  const made = type === "ssh-ed25519" ? ed25519(fields) : type === "ssh-rsa" ? rsa(fields) : ecdsa(type, fields);
  if (typeof made === "string") return { fault: made };
  try {
    const fingerprint = `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/u, "")}`;
    const key = createPublicKey({ key: made, format: "jwk" });
    return { key: { type, blob, fingerprint, line: `${type} ${blob.toString("base64")}`, key } };
  } catch {
    return { fault: damaged }; // such as a point that does not lie on its curve
  }
}

type Jwk = Readonly<Record<string, string>>;

function ed25519(fields: readonly Buffer[]): Jwk | string {
  const point = fields[1];
  return fields.length === 2 && point?.length === 32 ? { kty: "OKP", crv: "Ed25519", x: point.toString("base64url") } : damaged;
}

function ecdsa(type: string, fields: readonly Buffer[]): Jwk | string {
  const curve = curves[type];
  const [, name, point] = fields;
  if (curve === undefined || fields.length !== 3 || name?.toString("latin1") !== curve.name) return damaged;
  if (point?.length !== 1 + 2 * curve.bytes || point[0] !== 4) return damaged;
  const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)];
  return { kty: "EC", crv: curve.jwk, x: x.toString("base64url"), y: y.toString("base64url") };
}

function rsa(fields: readonly Buffer[]): Jwk | string {
  const [, exponent, modulus] = fields;
  if (fields.length !== 3 || exponent === undefined || modulus === undefined || modulus.length > mostRsaBits / 8 + 1) return damaged;
  const [e, n] = [fixedNumber(exponent, 8), fixedNumber(modulus, mostRsaBits / 8)];
  if (e === undefined || n === undefined) return damaged;
  const bits = BigInt(`0x${n.toString("hex")}`).toString(2).length;
  if (bits < leastRsaBits) return `is an RSA key of ${bits} bits; at least ${leastRsaBits} are needed`;
  return { kty: "RSA", e: withoutZeros(e).toString("base64url"), n: withoutZeros(n).toString("base64url") };
}

function withoutZeros(bytes: Buffer): Buffer {
  return bytes.subarray(
    Math.max(
      0,
      bytes.findIndex((byte) => byte !== 0),
    ),
  );
}

function typeFault(type: string): string {
  if (type.startsWith("sk-")) return "is a key of a hardware token, whose signatures are not verified; use an ed25519, ecdsa or rsa key";
  if (type.endsWith("-cert-v01@openssh.com")) return "is a certificate; write the key itself";
  if (type === "ssh-dss") return "is a DSA key, which is too weak";
  return "must begin with its type: ssh-ed25519, ecdsa-sha2-nistp256, -384, -521 or ssh-rsa";
}
