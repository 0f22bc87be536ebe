import { createHash } from "node:crypto";

/** A public key in OpenSSH's one-line format, taken apart. */
export interface PublicKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256` ... */
  readonly type: string;
  /** The key in SSH's wire format. */
  readonly blob: Buffer;
  /** `SHA256:...`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** Type and key without the comment: equal for equal keys. */
  readonly line: string;
}

const types: ReadonlySet<string> = new Set(["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"]);
const leastRsaBits = 2048;

/** The fingerprint of a key in wire format, as OpenSSH prints it. */
export function keyFingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/u, "")}`;
}

/** Reads a public key line; `fault` says in words why it is none, without repeating it. */
export function readPublicKey(text: string): { readonly key: PublicKey } | { readonly fault: string; readonly secret?: true } {
  const line = text.trim();
  if (/PRIVATE KEY/u.test(line)) return { fault: "is a private key; only the public one (the .pub file) belongs here", secret: true };
  if (/[\r\n]/u.test(line)) return { fault: "has more than one line" };
  const [type = "", base64 = ""] = line.split(/[ \t]+/u);
  if (!types.has(type)) return { fault: typeFault(type) };
  if (!/^[A-Za-z0-9+/]+={0,2}$/u.test(base64)) return { fault: "has no key in base64 behind its type" };
  const blob = Buffer.from(base64, "base64");
  const fields = wireFields(blob);
  if (fields === undefined || fields.length < 2) return { fault: "is cut off or damaged" };
  if (fields[0]?.toString("latin1") !== type) return { fault: `says ${type} in front and something else inside` };
  const shape = shapeFault(type, fields);
  if (shape !== undefined) return { fault: shape };
  return { key: { type, blob, fingerprint: keyFingerprint(blob), line: `${type} ${blob.toString("base64")}` } };
}

function typeFault(type: string): string {
  if (type.startsWith("sk-"))
    return "is a key of a hardware token, whose signatures are not verified yet; use an ed25519, ecdsa or rsa key";
  if (type.endsWith("-cert-v01@openssh.com")) return "is a certificate; write the key itself";
  if (type === "ssh-dss") return "is a DSA key, which is too weak";
  return "must begin with its type: ssh-ed25519, ecdsa-sha2-nistp256, -384, -521 or ssh-rsa";
}

/** The length-prefixed fields of a key; `undefined` when they do not fill it exactly. */
function wireFields(blob: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function shapeFault(type: string, fields: readonly Buffer[]): string | undefined {
  if (type === "ssh-ed25519") return fields.length === 2 && fields[1]?.length === 32 ? undefined : "is cut off or damaged";
  if (type !== "ssh-rsa")
    return fields.length === 3 && type.endsWith(fields[1]?.toString("latin1") ?? "-") ? undefined : "is cut off or damaged";
  const modulus = fields[2];
  if (fields.length !== 3 || modulus === undefined) return "is cut off or damaged";
  const bits = BigInt(`0x0${modulus.toString("hex")}`).toString(2).length;
  return bits < leastRsaBits ? `is an RSA key of ${bits} bits; at least ${leastRsaBits} are needed` : undefined;
}
