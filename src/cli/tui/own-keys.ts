import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LineCounter, type Node, type Pair, isMap, isScalar, isSeq, parseDocument } from "yaml";
import { type Problem, problem } from "../../core/errors.ts";
import { type OwnKey, type OwnKeys, noOwnKeys } from "../../tui/keys/overrides.ts";
import { ownFolder } from "../own-folder.ts";

/** The person's own keys: `keys.yaml` in their configuration folder. What is wrong with it is told, never thrown. */
export async function ownKeys(env: Readonly<Record<string, string | undefined>>): Promise<OwnKeys> {
  const file = join(ownFolder("config", env), "keys.yaml");
  try {
    return readKeys(file, await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return noOwnKeys;
    const cause = error instanceof Error ? error.message : String(error);
    return { file, keys: [], problems: [problem("KEYMAP_INVALID", { message: `${file} cannot be read.`, cause })] };
  }
}

/** Reads a keymap file's text. */
export function readKeys(file: string, text: string): OwnKeys {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const place = (offset: number): { readonly file: string; readonly line: number; readonly column: number } => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const wrong = (offset: number, message: string): Problem => problem("KEYMAP_INVALID", { message, at: place(offset) });
  if (document.errors.length > 0) {
    return {
      file,
      keys: [],
      problems: document.errors.map(({ pos, message }) => wrong(pos[0], `This is not YAML: ${message.split("\n")[0] ?? ""}`)),
    };
  }
  const { contents } = document;
  if (contents === null) return { file, keys: [], problems: [] };
  if (!isMap(contents)) return { file, keys: [], problems: [wrong(0, "A keymap is lines such as `nodes.sort: S`.")] };
  const problems: Problem[] = [];
  const keys = contents.items.flatMap((pair): readonly OwnKey[] => {
    const name = isScalar(pair.key) ? String(pair.key.value) : "";
    const offset = offsetOf(pair);
    const given = keysOf(pair);
    if (given === undefined) {
      problems.push(wrong(offset, `${name === "" ? "This" : name} takes a key or a list of keys, such as \`S\` or \`[j, down]\`.`));
      return [];
    }
    const { line, column } = place(offset);
    return [{ name, keys: given, line, column }];
  });
  return { file, keys, problems };
}

function offsetOf(pair: Pair): number {
  return (pair.key as Node | null)?.range?.[0] ?? 0;
}

/** `undefined` where something else stands. A digit is a key too. */
function keysOf({ value }: Pair): readonly string[] | undefined {
  const texts = (isSeq(value) ? value.items : [value]).map((item) =>
    isScalar(item) && isText(item.value) ? String(item.value) : undefined,
  );
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

function isText(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || typeof value === "number";
}
