import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../core/adapters/files/package.ts";

/** The version of this installation, as in its package.json. @throws `FILE_NOT_FOUND`. */
export function programVersion(): string {
  const text = readFileSync(join(packageFolder(), "package.json"), "utf8");
  return String((JSON.parse(text) as { version?: string }).version ?? "unknown");
}
