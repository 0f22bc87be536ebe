import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import type { Compile } from "./compile.ts";

interface Module {
  exports: unknown;
}

/**
 * Loads the files of the bundle, and the CommonJS of packages beside it, as Node.js would (each once, in cycles what is there so far), but compiled by `compile`.
 * @throws what the files throw, and what Node.js throws for what cannot be found.
 */
export function createLoader(compile: Compile): (file: string) => unknown {
  const loaded = new Map<string, Module>();
  const load = (file: string): unknown => {
    const known = loaded.get(file);
    if (known !== undefined) return known.exports;
    const module: Module = { exports: {} };
    loaded.set(file, module);
    try {
      const run = compile(file).runInThisContext() as (...values: unknown[]) => void;
      run.call(module.exports, module.exports, requireFrom(file), module, file, dirname(file));
    } catch (error) {
      loaded.delete(file);
      throw error;
    }
    return module.exports;
  };
  const requireFrom = (file: string): NodeJS.Require => {
    const plain = createRequire(file);
    const own = (id: string): unknown => {
      if (isBuiltin(id)) return plain(id);
      const found = isChunk(id) ? join(dirname(file), id) : plain.resolve(id);
      return /\.c?js$/u.test(found) ? load(found) : plain(found);
    };
    return Object.assign(own, plain);
  };
  return load;
}

/** The bundle's own files name each other in full, so that nothing needs to be looked for. */
function isChunk(id: string): boolean {
  return id.startsWith(".") && id.endsWith(".cjs");
}
