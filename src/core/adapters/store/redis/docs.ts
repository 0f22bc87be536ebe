import type { Doc, DocPart, Json } from "../../../ports.ts";
import { conflict } from "../conflict.ts";
import type { RedisClient } from "./client.ts";
import { answerOf, texts } from "./replies.ts";
import { deleteScript, listScript, putScript } from "./scripts.ts";

/** The documents of a store. */
export interface RedisDocs {
  get<T extends Json>(collection: string, key: string): Promise<Doc<T> | undefined>;
  list<T extends Json>(collection: string, prefix: string, part: DocPart | undefined): Promise<readonly Doc<T>[]>;
  keys(collection: string): Promise<readonly string[]>;
  put(collection: string, key: string, value: Json, rev: number): Promise<number>;
  delete(collection: string, key: string, rev: number): Promise<void>;
}

/** Documents over one connection: a hash for each collection, and a sorted set of the keys that are not removed. */
export function docsOn(client: RedisClient): RedisDocs {
  const places = (collection: string): readonly [string, string] => [client.key("docs", collection), client.key("names", collection)];

  return {
    async get<T extends Json>(collection: string, key: string) {
      const row = await client.ask("HGET", places(collection)[0], key);
      return typeof row === "string" ? docOf<T>(key, row) : undefined;
    },
    async list<T extends Json>(collection: string, prefix: string, part: DocPart | undefined) {
      const found = texts(await client.run(listScript, places(collection), [prefix]));
      const docs: Doc<T>[] = [];
      for (let index = 0; index < found.length; index += 2) {
        const doc = docOf<T>(found[index] ?? "", found[index + 1] ?? "");
        if (doc !== undefined) docs.push(part === undefined ? doc : { ...doc, value: partOf(doc.value, part) as T });
      }
      return docs;
    },
    keys: async (collection) => texts(await client.ask("ZRANGE", places(collection)[1], 0, -1)),
    async put(collection, key, value, rev) {
      const keys = [...places(collection), client.attempt(), client.key("collections")];
      const { word, value: found } = answerOf(await client.change(putScript, keys, [key, rev, JSON.stringify(value), collection]));
      if (word !== "done") throw conflict(`${collection}/${key}`, rev, Number(found));
      return Number(found);
    },
    async delete(collection, key, rev) {
      const keys = [...places(collection), client.attempt()];
      const { word, value: found } = answerOf(await client.change(deleteScript, keys, [key, rev]));
      if (word !== "done") throw conflict(`${collection}/${key}`, rev, Number(found));
    },
  };
}

/** A row as the scripts keep it: `REV:VALUE`, and `REV` alone where the document was removed. */
export function readRow(row: string): { readonly rev: number; readonly value?: Json } {
  const colon = row.indexOf(":");
  return colon < 0 ? { rev: Number(row) } : { rev: Number(row.slice(0, colon)), value: JSON.parse(row.slice(colon + 1)) as Json };
}

function partOf(value: Json, part: DocPart): Json {
  const fields = typeof value !== "object" || value === null || Array.isArray(value) ? undefined : Object.entries(value);
  if ("without" in part) return fields === undefined ? value : Object.fromEntries(fields.filter(([key]) => key !== part.without));
  return { [part.only]: fields?.find(([key]) => key === part.only)?.[1] ?? null };
}

function docOf<T extends Json>(key: string, row: string): Doc<T> | undefined {
  const { rev, value } = readRow(row);
  return value === undefined ? undefined : { key, rev, value: value as T };
}
