import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** What a person's folders hold: the variable that names their parent, and where that is without it, below the home folder (XDG Base Directory Specification). */
const parents = {
  config: ["XDG_CONFIG_HOME", ".config"],
  state: ["XDG_STATE_HOME", ".local/state"],
  cache: ["XDG_CACHE_HOME", ".cache"],
} as const;

/** The folder in which Halligan keeps something for one person. A relative path in the variable does not count, as the specification demands. */
export function ownFolder(
  kind: keyof typeof parents,
  env: Readonly<Record<string, string | undefined>>,
  home: () => string = homedir,
): string {
  const [name, standard] = parents[kind];
  const named = env[name] ?? "";
  return join(isAbsolute(named) ? named : join(home(), standard), "halligan");
}
