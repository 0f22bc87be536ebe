import { createHash } from "node:crypto";
import type { Digest } from "../model/ids.ts";

/** Digest of a text, byte by byte as it is written to a file. */
export function textDigest(text: string): Digest {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
