import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Process ids of the engine processes of a cluster folder. */
export function enginesOf(folder: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return words.includes("engine") && words.includes(join(folder, "cluster.yaml"));
      } catch {
        return false; // it has just ended
      }
    })
    .map(Number);
}
