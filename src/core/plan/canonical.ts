import { createHash, hash } from "node:crypto";
import type { Blob } from "../jigs/resolved.ts";
import type { Digest } from "../model/ids.ts";
import type { PlanBody } from "../model/plan.ts";
import { inOneGo, type Portions } from "../portions.ts";
import { compareText } from "./catalogue.ts";

/** Collects pieces of JSON text. */
type Sink = (piece: string) => void;
/** Texts of lists that were met: `undefined` once, their text from the second time on. */
type Lists = Map<readonly unknown[], string | undefined>;

/**
 * JSON with keys in code-unit order, no white space, absent values left out: equal values give equal text on every machine.
 * Text is as `JSON.stringify` writes it.
 */
export function canonicalJson(value: unknown): string {
  const pieces: string[] = [];
  inOneGo(write(value, (piece) => pieces.push(piece), new Map()));
  return pieces.join("");
}

/** Digest of the canonical JSON of any value; the text is never held as a whole. */
export function digestOf(value: unknown): Digest {
  return inOneGo(digesting(value));
}

function* digesting(value: unknown): Portions<Digest> {
  const sum = createHash("sha256");
  let buffer = "";
  yield* write(
    value,
    (piece) => {
      buffer += piece;
      if (buffer.length < 65_536) return;
      sum.update(buffer, "utf8");
      buffer = "";
    },
    new Map(),
  );
  sum.update(buffer, "utf8");
  return `sha256:${sum.digest("hex")}`;
}

/** Canonical JSON of a small value, put together in one go. */
export function canonicalText(value: unknown): string {
  return textOf(value, undefined);
}

/** Digest of a text that is canonical JSON already. */
export function digestOfText(text: string): Digest {
  return `sha256:${hash("sha256", text)}`;
}

/** The digest that approvals bind to. */
export function planDigest(body: PlanBody): Digest {
  return inOneGo(planDigesting(body));
}

/** `planDigest` in portions: that of a large plan takes a while. */
export function planDigesting(body: PlanBody): Portions<Digest> {
  return digesting(body);
}

/** Bytes with their digest. */
export function blobOf(bytes: Uint8Array): Blob {
  return { digest: `sha256:${hash("sha256", bytes)}`, bytes };
}

/** From this depth on values are put together as text first: only what holds many of them can be too long for that. */
const textDepth = 2;

/** Parts of a long list that are written in one portion: some ms of computing for node-roles of a plan. */
const partsAtOnce = 500;

/** `lists` keeps the text of lists that many node-roles of a plan share: their steps, what they wait for. */
function* write(value: unknown, sink: Sink, lists: Lists, depth = 0): Portions<void> {
  if (depth >= textDepth || typeof value !== "object" || value === null) return sink(textOf(value, lists));
  if (Array.isArray(value)) {
    if (isLongList(value)) return sink(listText(value, lists));
    let written = 0;
    sink("[");
    for (const each of value as readonly unknown[]) {
      if (written > 0) sink(",");
      yield* write(each, sink, lists, depth + 1);
      written += 1;
      if (written % partsAtOnce === 0) yield;
    }
    return sink("]");
  }
  const record = value as Readonly<Record<string, unknown>>;
  let separator = "{";
  for (const key of sortedKeys(record)) {
    if (record[key] === undefined) continue;
    sink(`${separator}${JSON.stringify(key)}:`);
    yield* write(record[key], sink, lists, depth + 1);
    separator = ",";
  }
  return sink(separator === "{" ? "{}" : "}");
}

function textOf(value: unknown, lists: Lists | undefined): string {
  // undefined and what JSON does not have become null, as in lists of JSON.stringify.
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return lists === undefined ? shortListText(value, lists) : listText(value, lists);
  const record = value as Readonly<Record<string, unknown>>;
  let text = "";
  for (const key of sortedKeys(record)) {
    const each = record[key];
    if (each !== undefined) text += `${text === "" ? "{" : ","}${JSON.stringify(key)}:${textOf(each, lists)}`;
  }
  return text === "" ? "{}" : `${text}}`;
}

function shortListText(list: readonly unknown[], lists: Lists | undefined): string {
  let text = "[";
  for (let index = 0; index < list.length; index += 1) text += (index === 0 ? "" : ",") + textOf(list[index], lists);
  return `${text}]`;
}

function isLongList(list: readonly unknown[]): boolean {
  return list.length >= 8 && list.every((each) => typeof each === "string");
}

function listText(list: readonly unknown[], lists: Lists): string {
  if (list.length === 0) return "[]";
  const known = lists.get(list);
  if (known !== undefined) return known;
  const text = isLongList(list) ? JSON.stringify(list) : shortListText(list, lists);
  // Most lists are met once: their texts are not kept.
  lists.set(list, lists.has(list) || isLongList(list) ? text : undefined);
  return text;
}

/** Keys in code-unit order. Most objects were made with theirs in that order, or in one that is quickly seen not to be. */
function sortedKeys(record: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(record);
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] ?? "") > (keys[index] ?? "")) return keys.sort(compareText);
  }
  return keys;
}
