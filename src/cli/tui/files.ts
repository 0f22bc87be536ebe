import { type FSWatcher, existsSync, watch } from "node:fs";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import type { KeyOverrides } from "../../tui/keys/overrides.ts";
import type { TuiPorts } from "../../tui/ports.ts";
import { settingsFolder } from "./foreground.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const historyMost = 500;

/** Command lines typed before, in the person's state folder. A history that cannot be kept is no reason to complain. */
export function historyFile(env: Environment): TuiPorts["history"] {
  const file = join(settingsFolder(env, "state"), "history");
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

/** The person's own keys: `keys.yaml` in their configuration folder. */
export async function ownKeys(env: Environment): Promise<KeyOverrides> {
  const text = await readFile(join(settingsFolder(env, "config"), "keys.yaml"), "utf8").catch(() => "");
  try {
    const value: unknown = parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? readable(value) : {};
  } catch {
    return { "keys.yaml": "is not YAML" };
  }
}

function readable(value: object): KeyOverrides {
  return Object.fromEntries(
    Object.entries(value).map(([action, keys]: [string, unknown]) => [action, Array.isArray(keys) ? keys.map(String) : String(keys)]),
  );
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
