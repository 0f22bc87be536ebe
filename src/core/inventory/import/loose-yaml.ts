import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import { SourceText } from "../../files/yaml-text.ts";

/** YAML of others, with lines: tags, merge keys and YAML 1.1 are allowed, scalars stay as they are written. */
export type LooseYaml =
  | { readonly kind: "map"; readonly entries: readonly LooseEntry[]; readonly line: number }
  | { readonly kind: "list"; readonly items: readonly LooseYaml[]; readonly line: number }
  | { readonly kind: "text"; readonly text: string; readonly line: number }
  | { readonly kind: "vault"; readonly line: number }
  | { readonly kind: "nothing"; readonly line: number };

/** One key of a map. */
export interface LooseEntry {
  readonly key: string;
  readonly value: LooseYaml;
  readonly line: number;
}

/** What could be read, and the lines of what could not. */
export interface LooseDocument {
  readonly root: LooseYaml;
  readonly faults: readonly { readonly line: number; readonly message: string }[];
}

const maxDepth = 64;
const maxNodes = 300_000;

/** Reads the first document of a text. Never throws. */
export function readLooseYaml(text: string): LooseDocument {
  const source = new SourceText("", text.replace(/^\uFEFF/u, ""));
  try {
    const document = parseDocument(source.text, {
      version: "1.1",
      strict: false,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
      keepSourceTokens: false,
    });
    const faults = document.errors.slice(0, 20).map((error) => ({
      line: source.place(error.pos[0]).line,
      message: error.code === "MULTIPLE_DOCS" ? "only the first document is read" : `no valid YAML (${error.code})`,
    }));
    const reader = new LooseReader(source, document);
    const root = reader.read(document.contents, 0);
    return { root, faults: reader.overflow ? [...faults, { line: 1, message: "too large or nested too deeply" }] : faults };
  } catch {
    return { root: { kind: "nothing", line: 1 }, faults: [{ line: 1, message: "nested too deeply, or no YAML" }] };
  }
}

class LooseReader {
  overflow = false;
  readonly #source: SourceText;
  readonly #document: Document.Parsed;
  readonly #targets = new Map<Node, Node | null>();
  #nodes = 0;

  constructor(source: SourceText, document: Document.Parsed) {
    this.#source = source;
    this.#document = document;
  }

  read(node: Node | null, depth: number): LooseYaml {
    const line = this.#line(node);
    this.#nodes += 1;
    if (this.#nodes > maxNodes || depth > maxDepth) {
      this.overflow = true;
      return { kind: "nothing", line };
    }
    if (isAlias(node)) {
      // looking an anchor up walks the document, so it is done once per alias
      if (!this.#targets.has(node)) this.#targets.set(node, node.resolve(this.#document) ?? null);
      return this.read(this.#targets.get(node) ?? null, depth + 1);
    }
    if (isMap(node)) return { kind: "map", entries: this.#entries(node.items as readonly Item[], depth), line };
    if (isSeq(node)) return { kind: "list", items: node.items.map((item) => this.read(item as Node, depth + 1)), line };
    if (!isScalar(node)) return { kind: "nothing", line };
    if (node.tag?.startsWith("!vault") === true) return { kind: "vault", line };
    return node.value === null ? { kind: "nothing", line } : { kind: "text", text: scalarText(node), line };
  }

  /** Keys of merged maps come after the map's own, which win. */
  #entries(items: readonly Item[], depth: number): readonly LooseEntry[] {
    const entries = new Map<string, LooseEntry>();
    const merged: LooseYaml[] = [];
    for (const item of items) {
      const key = isScalar(item.key) ? scalarText(item.key) : undefined;
      if (key === undefined) continue;
      const value = this.read(item.value, depth + 1);
      if (key === "<<") merged.push(...(value.kind === "list" ? value.items : [value]));
      else entries.set(key, { key, value, line: this.#line(item.key) });
    }
    for (const map of merged)
      for (const entry of map.kind === "map" ? map.entries : []) if (!entries.has(entry.key)) entries.set(entry.key, entry);
    return [...entries.values()];
  }

  #line(node: Node | null): number {
    return this.#source.place(node?.range?.[0] ?? 0).line;
  }
}

interface Item {
  readonly key: Node;
  readonly value: Node | null;
}

/** `yes`, `0644` and `1e3` stay as they are written. */
function scalarText(scalar: { readonly value: unknown; readonly source?: string }): string {
  return typeof scalar.value === "string" ? scalar.value : (scalar.source ?? String(scalar.value));
}
