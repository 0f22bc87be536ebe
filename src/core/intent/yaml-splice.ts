import { isMap, isScalar, type Node, type Pair, type YAMLMap } from "yaml";
import { showRanges } from "../files/yaml-ranges.ts";
import type { Json } from "../ports.ts";
import { flowText, keyText, type QuoteStyle } from "./yaml-flow.ts";

/** A piece of a text and what comes in its place; offsets count from the beginning of the text. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

type YamlPair = Pair<Node, Node | null>;

/** Writes a value in place of a pair's. What is written over several lines becomes one line; a comment behind the key stays. */
export function putValue(text: string, pair: YamlPair, value: Json): Splice {
  const { value: node } = pair;
  const [start, end] = rangeOf(node);
  if (node === null || start === end) return putAfterKey(text, pair, value);
  if (isBlock(node)) {
    const keyEnd = afterColon(text, pair);
    const gap = text.slice(keyEnd, lineStart(text, start));
    const to = pairEnd(text, pair);
    const isLast = to === text.length && !text.endsWith("\n");
    return { from: keyEnd, to, text: ` ${flowText(value)}${isLast ? gap.trimEnd() : gap}` };
  }
  const written = flowText(value, styleOf(node));
  const isBlockText = isScalar(node) && (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED");
  return { from: start, to: end, text: isBlockText && text[end - 1] === "\n" ? `${written}${eolOf(text)}` : written };
}

/** Adds a pair behind the last one of a map, or (`under` = the pair that holds the map) in front of the first one, in the way in which the map is written. */
export function insertPair(text: string, map: YAMLMap, path: readonly string[], value: Json, under?: YamlPair): Splice {
  const items = map.items as YamlPair[];
  if (map.flow === true || items.length === 0) return insertFlow(map, items, path, value, under !== undefined);
  const [first] = items;
  const indent = columnOf(text, rangeOf(first?.key ?? null)[0]);
  const eol = eolOf(text);
  const lines = blockLines(path, value, indent).join(eol);
  if (under !== undefined) {
    const at = nextLine(text, afterColon(text, under));
    return { from: at, to: at, text: `${lines}${eol}` };
  }
  const at = pairEnd(text, items.at(-1));
  const needsEol = at > 0 && text[at - 1] !== "\n";
  return { from: at, to: at, text: needsEol ? `${eol}${lines}` : `${lines}${eol}` };
}

/** Takes a pair out of a map that has others. */
export function removePair(text: string, map: YAMLMap, key: string): Splice {
  const items = map.items as YamlPair[];
  const at = items.findIndex((each) => isScalar(each.key) && showRanges(String(each.key.value)) === key);
  const pair = items[at];
  if (pair === undefined) return { from: 0, to: 0, text: "" };
  const start = rangeOf(pair.key)[0];
  if (map.flow !== true) return { from: lineStart(text, start), to: pairEnd(text, pair), text: "" };
  const next = items[at + 1];
  if (next !== undefined) return { from: start, to: rangeOf(next.key)[0], text: "" };
  const before = items[at - 1];
  return { from: before === undefined ? start : flowEnd(before), to: flowEnd(pair), text: "" };
}

/** `a: { b: 1 }` as lines: maps on the way down are written in blocks. */
function blockLines(path: readonly string[], value: Json, indent: number): readonly string[] {
  const last = path.length - 1;
  return path.map((key, depth) => {
    const begin = `${" ".repeat(indent + 2 * depth)}${keyText(key)}:`;
    return depth === last ? `${begin} ${flowText(value)}` : begin;
  });
}

function insertFlow(map: YAMLMap, items: readonly YamlPair[], path: readonly string[], value: Json, inFront: boolean): Splice {
  const [key = "", ...rest] = path;
  const inner = rest.reduceRight<Json>((nested, each) => ({ [each]: nested }), value);
  const written = `${keyText(key)}: ${flowText(inner)}`;
  const last = items.at(-1);
  const [start, end] = rangeOf(map);
  if (last === undefined) return { from: start, to: end, text: `{ ${written} }` };
  const at = inFront ? rangeOf(items[0]?.key ?? null)[0] : flowEnd(last);
  return { from: at, to: at, text: inFront ? `${written}, ` : `, ${written}` };
}

function putAfterKey(text: string, pair: YamlPair, value: Json): Splice {
  const keyEnd = rangeOf(pair.key)[1];
  const hasColon = /^\s*:/u.test(text.slice(keyEnd, keyEnd + 200));
  const at = hasColon ? afterColon(text, pair) : keyEnd;
  return { from: at, to: at, text: `${hasColon ? "" : ":"} ${flowText(value)}` };
}

/** A list or map that is written over lines without braces. */
function isBlock(node: Node): boolean {
  return (isMap(node) || "items" in node) && (node as { readonly flow?: boolean }).flow !== true;
}

function styleOf(node: Node): QuoteStyle {
  if (!isScalar(node)) return "plain";
  return node.type === "QUOTE_DOUBLE" ? "double" : node.type === "QUOTE_SINGLE" ? "single" : "plain";
}

function rangeOf(node: Node | null): readonly [number, number] {
  const range = node?.range;
  return range === null || range === undefined ? [0, 0] : [range[0], range[1]];
}

function afterColon(text: string, pair: YamlPair): number {
  return text.indexOf(":", rangeOf(pair.key)[1]) + 1;
}

/** Where a pair between braces ends. */
function flowEnd(pair: YamlPair): number {
  const [start, end] = rangeOf(pair.value);
  return pair.value === null || start === end ? Math.max(end, rangeOf(pair.key)[1]) : end;
}

/** The beginning of the line behind a pair and its comment; the end of the text where it has no more lines. */
function pairEnd(text: string, pair: YamlPair | undefined): number {
  const end = pair === undefined ? 0 : leafEnd(pair);
  return end > 0 && text[end - 1] === "\n" ? end : nextLine(text, end);
}

/** Where the last value below a pair ends: the ranges of blocks may reach into the lines behind them. */
function leafEnd(pair: YamlPair): number {
  const { value } = pair;
  if (value === null || !isBlock(value)) return flowEnd(pair);
  const last = (value as YAMLMap).items.at(-1) as YamlPair | Node | undefined;
  if (last === undefined) return flowEnd(pair);
  return "key" in last ? leafEnd(last) : leafEnd({ key: pair.key, value: last } as YamlPair);
}

function nextLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}

function eolOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}
