import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type YAMLError } from "yaml";
import { type FilePlace, type Problem, problem } from "../errors.ts";
import type { Json } from "../ports.ts";
import { hideRanges, showRanges } from "./yaml-ranges.ts";
import { maxYamlBytes, SourceText } from "./yaml-text.ts";

/** A path into a YAML document: keys and list indexes. */
export type YamlPath = readonly (string | number)[];

/** A parsed YAML file: plain values, and where each of them stands. */
export interface YamlTree {
  readonly source: SourceText;
  /** Undefined when nothing could be read. Maps have no prototype surprises: `__proto__` keys are refused. */
  readonly value: Json | undefined;
  readonly problems: readonly Problem[];
  /** Line of the first error that may have hidden part of the file; later lines cannot be judged for completeness. */
  readonly brokenFrom: number | undefined;
  /** Place of a key (of a list element: of the element). Falls back to the nearest parent that exists. */
  keyPlace(path: YamlPath): FilePlace;
  /** Place of a value. Falls back like `keyPlace`. */
  valuePlace(path: YamlPath): FilePlace;
  /** Place of a character inside a text value, as near as the way in which it is written allows. */
  insidePlace(path: YamlPath, offset: number): FilePlace;
  has(path: YamlPath): boolean;
  /** Every path with its key and value offsets, in the order of the file. */
  readonly spots: ReadonlyMap<string, Spot>;
}

/** Where a value is written: offsets into the text. */
export interface Spot {
  readonly path: YamlPath;
  readonly key: number;
  readonly value: number;
  readonly end: number;
  /** Its text when it is a string. */
  readonly scalar?: { readonly value: string; readonly block: boolean };
}

const maxDepth = 64;
/** Nodes after aliases are followed: a file of a few bytes must not grow into gigabytes. */
const maxNodes = 200_000;
const recoverable: ReadonlySet<string> = new Set([
  "TAB_AS_INDENT",
  "NON_STRING_KEY",
  "TAG_RESOLVE_FAILED",
  "DUPLICATE_KEY",
  "BAD_DQ_ESCAPE",
]);

/** The key under which a path is kept. */
function pathKey(path: YamlPath): string {
  return path.join("\u0000");
}

/**
 * Reads YAML 1.2 with places. Never throws. Problems: `FILE_TOO_LARGE`, `FILE_NOT_TEXT`, `YAML_INVALID`.
 * Anchors and aliases are followed within limits; tags and merge keys are refused.
 */
export function readYaml(file: string, text: string): YamlTree {
  const source = new SourceText(file, text.startsWith("\uFEFF") ? text.slice(1) : text);
  const start = source.place(0);
  const at = { ...start, text: start.text.slice(0, 120) };
  if (source.text.length > maxYamlBytes)
    return emptyTree(source, problem("FILE_TOO_LARGE", { message: `The file has more than ${maxYamlBytes / 1024 / 1024} MiB.`, at }));
  const binary = source.text.search(/[\u0000-\u0008\u000E-\u001F\uFFFD]/u);
  if (binary !== -1)
    return emptyTree(
      source,
      problem("FILE_NOT_TEXT", { message: "The file holds bytes that are not UTF-8 text.", at: source.place(binary) }),
    );
  try {
    const document = parseDocument(hideRanges(source.text), {
      version: "1.2",
      uniqueKeys: false,
      prettyErrors: false,
      strict: true,
      stringKeys: true,
      merge: false,
      logLevel: "error",
    });
    return buildTree(source, document);
  } catch {
    return emptyTree(source, problem("YAML_INVALID", { message: "The file is nested too deeply or is not YAML.", at }));
  }
}

function emptyTree(source: SourceText, fault: Problem): YamlTree {
  return new Tree(source, undefined, [fault], 1, new Map());
}

function buildTree(source: SourceText, document: Document.Parsed): YamlTree {
  const problems: Problem[] = [];
  let brokenFrom: number | undefined;
  const lines = new Set<number>();
  for (const error of [...document.errors, ...document.warnings]) {
    const at = source.place(error.pos[0]);
    if (lines.size > 0 && /in YAML stream/u.test(error.message)) continue;
    // What follows the first error on a line follows from it.
    if (lines.has(at.line) || lines.size >= 50) continue;
    lines.add(at.line);
    problems.push(problem("YAML_INVALID", { message: showRanges(yamlMessage(error, source.text)), at }));
    if (!recoverable.has(error.code)) brokenFrom = Math.min(brokenFrom ?? at.line, at.line);
  }
  const reader = new Reader(source, document, problems);
  const value = document.contents === null ? undefined : reader.read(document.contents, [], 0, 0);
  return new Tree(source, value, problems, brokenFrom, reader.spots);
}

function yamlMessage(error: YAMLError, text: string): string {
  if (/call stack|stack overflow/iu.test(error.message)) return `Nested more than ${maxDepth} levels deep.`;
  switch (error.code) {
    case "TAB_AS_INDENT":
      return "A tab stands where spaces must indent.";
    case "MULTIPLE_DOCS":
      return "There is a second document after `---`; a file holds one.";
    case "NON_STRING_KEY":
      return text.startsWith("{", error.pos[0]) ? 'A template must stand in quotes: "{{ set.port }}".' : "A key must be a plain text.";
    case "TAG_RESOLVE_FAILED":
      return `${error.message.replace("tag:yaml.org,2002:", "!!")}; tags are not used here.`;
    default:
      return error.message.endsWith(".") ? error.message : `${error.message}.`;
  }
}

/** Turns nodes into plain values and notes their places. */
class Reader {
  readonly spots = new Map<string, Spot>();
  readonly #source: SourceText;
  readonly #document: Document.Parsed;
  readonly #problems: Problem[];
  #nodes = 0;
  #overflow = false;

  constructor(source: SourceText, document: Document.Parsed, problems: Problem[]) {
    this.#source = source;
    this.#document = document;
    this.#problems = problems;
  }

  read(node: Node | null, path: YamlPath, key: number, depth: number): Json {
    this.#nodes += 1;
    const start = node?.range?.[0] ?? key;
    if (this.#nodes > maxNodes || depth > maxDepth) return this.#tooMuch(start, depth);
    if (isAlias(node)) return this.#alias(node.resolve(this.#document), node.source, path, key, start, depth);
    const scalar =
      isScalar(node) && typeof node.value === "string"
        ? { value: showRanges(node.value), block: node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED" }
        : undefined;
    this.spots.set(pathKey(path), { path, key, value: start, end: node?.range?.[1] ?? start, ...(scalar === undefined ? {} : { scalar }) });
    if (isMap(node)) return this.#map(node.items as readonly Pair<Node, Node | null>[], path, depth);
    if (isSeq(node))
      return node.items.map((item, index) => this.read(item as Node, [...path, index], (item as Node).range?.[0] ?? start, depth + 1));
    return scalar?.value ?? (isScalar(node) ? scalarValue(node.value) : null);
  }

  #map(items: readonly Pair<Node, Node | null>[], path: YamlPath, depth: number): Json {
    const entries = new Map<string, Json>();
    for (const pair of items) {
      const name = isScalar(pair.key) ? showRanges(keyText(pair.key.value)) : undefined;
      if (name === undefined) continue;
      const key = pair.key.range?.[0] ?? 0;
      const refused = refusal(name, entries.has(name));
      if (refused !== undefined) this.#problems.push(problem("YAML_INVALID", { message: refused, at: this.#source.place(key) }));
      if (refused === undefined) entries.set(name, this.read(pair.value, [...path, name], key, depth + 1));
    }
    return Object.fromEntries(entries);
  }

  #alias(target: Node | undefined, name: string, path: YamlPath, key: number, start: number, depth: number): Json {
    const at = this.#source.place(start);
    if (target === undefined) {
      this.#problems.push(problem("YAML_INVALID", { message: `The alias \`*${name}\` has no anchor \`&${name}\` before it.`, at }));
      return null;
    }
    return this.read(target, path, key, depth + 1);
  }

  #tooMuch(offset: number, depth: number): null {
    if (!this.#overflow) {
      const message =
        depth > maxDepth ? `Nested more than ${maxDepth} levels deep.` : `More than ${maxNodes} values once aliases are followed.`;
      this.#problems.push(problem("YAML_INVALID", { message, at: this.#source.place(offset) }));
    }
    this.#overflow = true;
    return null;
  }
}

function refusal(name: string, twice: boolean): string | undefined {
  if (twice) return `The key \`${name.slice(0, 80)}\` is written twice.`;
  if (name === "<<") return "Merge keys (`<<`) are not part of YAML 1.2; write the keys out.";
  return name === "__proto__" ? "The key `__proto__` is not allowed." : undefined;
}

/** Keys are texts already (`stringKeys`), but for an empty one. */
function keyText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function scalarValue(value: unknown): Json {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  return typeof value === "number" && Number.isFinite(value) ? value : `${value as number}`;
}

class Tree implements YamlTree {
  readonly source: SourceText;
  readonly value: Json | undefined;
  readonly problems: readonly Problem[];
  readonly brokenFrom: number | undefined;
  readonly spots: ReadonlyMap<string, Spot>;

  constructor(
    source: SourceText,
    value: Json | undefined,
    problems: readonly Problem[],
    brokenFrom: number | undefined,
    spots: ReadonlyMap<string, Spot>,
  ) {
    this.source = source;
    this.value = value;
    this.problems = problems;
    this.brokenFrom = brokenFrom;
    this.spots = spots;
  }

  keyPlace(path: YamlPath): FilePlace {
    return this.source.place(this.#spot(path)?.key ?? 0);
  }

  valuePlace(path: YamlPath): FilePlace {
    return this.source.place(this.#spot(path)?.value ?? 0);
  }

  insidePlace(path: YamlPath, offset: number): FilePlace {
    const spot = this.#spot(path);
    if (spot?.scalar === undefined) return this.valuePlace(path);
    if (spot.scalar.block) return this.#insideBlock(spot, spot.scalar.value, offset);
    const written = this.source.text.slice(spot.value, spot.end);
    const found = written.indexOf(spot.scalar.value);
    return this.source.place(spot.value + (found === -1 ? 0 : found + offset));
  }

  has(path: YamlPath): boolean {
    return this.spots.has(pathKey(path));
  }

  /** Block texts start on the line after their header; their lines are found again by content because indents are removed. */
  #insideBlock(spot: Spot, value: string, offset: number): FilePlace {
    const before = value.slice(0, offset).split("\n");
    const wanted = value.split("\n")[before.length - 1] ?? "";
    const line = this.source.place(spot.value).line + before.length;
    const indent = Math.max(0, this.source.line(line).indexOf(wanted));
    return this.source.place(this.source.startOf(line) + indent + (before.at(-1)?.length ?? 0));
  }

  #spot(path: YamlPath): Spot | undefined {
    for (let length = path.length; length >= 0; length -= 1) {
      const spot = this.spots.get(pathKey(path.slice(0, length)));
      if (spot !== undefined) return spot;
    }
    return undefined;
  }
}
