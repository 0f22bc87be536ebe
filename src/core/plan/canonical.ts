import { createHash } from "node:crypto";
import type { Blob } from "../jigs/resolved.ts";
import type { Digest } from "../model/ids.ts";
import type { PlanBody } from "../model/plan.ts";
import { compareText } from "./catalogue.ts";

/** Collects pieces of JSON text. */
type Sink = (piece: string) => void;

/**
 * JSON with keys in code-unit order, no white space, absent values left out: equal values give equal text on every machine.
 * Text is as `JSON.stringify` writes it.
 */
export function canonicalJson(value: unknown): string {
  const pieces: string[] = [];
  write(value, (piece) => pieces.push(piece), new Map());
  return pieces.join("");
}

/** Digest of the canonical JSON of any value; the text is never held as a whole. */
export function digestOf(value: unknown): Digest {
  const hash = createHash("sha256");
  let buffer = "";
  write(
    value,
    (piece) => {
      buffer += piece;
      if (buffer.length < 65_536) return;
      hash.update(buffer, "utf8");
      buffer = "";
    },
    new Map(),
  );
  hash.update(buffer, "utf8");
  return `sha256:${hash.digest("hex")}`;
}

/** The digest that approvals bind to. */
export function planDigest(body: PlanBody): Digest {
  return digestOf(body);
}

/** Bytes with their digest. */
export function blobOf(bytes: Uint8Array): Blob {
  return { digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`, bytes };
}

/** `lists` keeps the text of long lists of strings, which many node-roles of a plan share. */
function write(value: unknown, sink: Sink, lists: Map<readonly unknown[], string>): void {
  if (Array.isArray(value)) {
    writeList(value, sink, lists);
    return;
  }
  if (typeof value === "object" && value !== null) {
    const record = value as Readonly<Record<string, unknown>>;
    let separator = "{";
    for (const key of Object.keys(record).toSorted(compareText)) {
      if (record[key] === undefined) continue;
      sink(`${separator}${JSON.stringify(key)}:`);
      write(record[key], sink, lists);
      separator = ",";
    }
    sink(separator === "{" ? "{}" : "}");
    return;
  }
  // undefined and what JSON does not have become null, as in lists of JSON.stringify.
  sink(JSON.stringify(value) ?? "null");
}

function writeList(list: readonly unknown[], sink: Sink, lists: Map<readonly unknown[], string>): void {
  const known = lists.get(list);
  if (known !== undefined) {
    sink(known);
    return;
  }
  if (list.length >= 8 && list.every((each) => typeof each === "string")) {
    const text = JSON.stringify(list);
    lists.set(list, text);
    sink(text);
    return;
  }
  sink("[");
  list.forEach((each, index) => {
    if (index > 0) sink(",");
    write(each, sink, lists);
  });
  sink("]");
}
