import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fail } from "../../errors.ts";

/**
 * The folder of this package, which holds `bin/`, `barclamps/` and `examples/`, found upward from this program, whether it runs from `src/`
 * or from the bundle in `dist/`. @throws FILE_NOT_FOUND
 */
export function packageFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
  }
  throw fail("FILE_NOT_FOUND", { message: "The installation of Halligan is not complete: there is no package.json above it." });
}

/** The file to start for one of this package's programs, as sources or as bundled: as this program itself runs. @throws FILE_NOT_FOUND */
export function programFile(name: "cli/main" | "core/adapters/lab/daemon" | "core/adapters/policy/worker"): string {
  const folder = packageFolder();
  return import.meta.filename.endsWith(".ts") ? join(folder, "src", `${name}.ts`) : join(folder, "dist", `${name}.cjs`);
}
