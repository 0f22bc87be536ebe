import { type FSWatcher, existsSync, watch } from "node:fs";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TuiPorts } from "../../tui/ports.ts";
import { ownFolder } from "../own-folder.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const historyMost = 500;

/** Command lines typed before, in the person's state folder. A history that cannot be kept is no reason to complain. */
export function historyFile(env: Environment): TuiPorts["history"] {
  const file = join(ownFolder("state", env), "history");
  return {
    async read() {
      const text = await readFile(file, "utf8").catch(() => "");
      return [...new Set(text.split("\n").filter((line) => line !== ""))].slice(-historyMost);
    },
    add(line) {
      void mkdir(dirname(file), { recursive: true, mode: 0o700 })
        .then(() => appendFile(file, `${line.replaceAll("\n", " ")}\n`, { mode: 0o600 }))
        .catch(() => undefined);
    },
  };
}

/** Several changes in a row count once. */
const settleMs = 200;

/** Watches what a person edits in a cluster folder. */
export function watchFiles(folder: string, changed: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const noticed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, settleMs);
  };
  const watchers = ["", "barclamps", "policy"].flatMap((name): readonly FSWatcher[] => {
    const path = join(folder, name);
    if (!existsSync(path)) return [];
    try {
      const watcher = watch(path, { recursive: name === "barclamps" }, noticed);
      watcher.on("error", () => watcher.close());
      return [watcher];
    } catch {
      return []; // too many watches on this machine: ctrl+r reads again
    }
  });
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
