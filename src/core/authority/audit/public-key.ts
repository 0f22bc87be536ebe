import { createHash } from "node:crypto";
import { fail } from "../../errors.ts";

const type = "ssh-ed25519";

/** The line of a public key in OpenSSH's format, so that `ssh-keygen -lf` reads it. `key` is 32 bytes, base64. */
export function publicKeyLine(key: string, comment: string): string {
  return `${type} ${blobOf(key).toString("base64")} ${comment}`;
}

/** A public key's fingerprint as OpenSSH prints it. `key` is 32 bytes, base64. */
export function fingerprintOf(key: string): string {
  return `SHA256:${createHash("sha256").update(blobOf(key)).digest("base64").replace(/=+$/u, "")}`;
}

/** The keys of a file with one public key per line; `#` begins a comment; there may be none. Problems: `AUDIT_KEY_UNUSABLE`. */
export function readPublicKeys(text: string, file: string): readonly string[] {
  const keys: string[] = [];
  for (const [index, line] of text.split(/\r?\n/u).entries()) {
    if (line.trim() === "" || line.trim().startsWith("#")) continue;
    const [kind, blob = ""] = line.trim().split(/\s+/u);
    const bytes = Buffer.from(blob, "base64");
    const key = bytes.subarray(-32).toString("base64");
    if (kind !== type || !bytes.equals(blobOf(key))) {
      throw fail("AUDIT_KEY_UNUSABLE", {
        message: `Line ${index + 1} of ${file} is not an Ed25519 public key.`,
        hint: "Give the lines that `halligan audit key` printed: `ssh-ed25519 AAAA...`.",
      });
    }
    keys.push(key);
  }
  return keys;
}

/** The wire format: each part with its length in front (RFC 8709, section 4). */
function blobOf(key: string): Buffer {
  const part = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return Buffer.concat([part(Buffer.from(type)), part(Buffer.from(key, "base64"))]);
}
