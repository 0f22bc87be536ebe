import { readFileSync } from "node:fs";
import { Script } from "node:vm";

/** Compiles a file that is a module in CommonJS to a script, which gives the function whose body that is. */
export type Compile = (file: string) => Script;

/** Compiles a file; `cachedData` is code that V8 made of the same text. */
export function compile(filename: string, cachedData?: NodeJS.ArrayBufferView): Script {
  // The parameters are those of Node.js ("The module wrapper"); everything stays on its line.
  const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, "utf8")}\n})`;
  return new Script(text, cachedData === undefined ? { filename } : { filename, cachedData });
}
