/** Set by the terminal UI for the commands that it starts. */
export const frontVariable = "HALLIGAN_FRONT";

/**
 * What the audit calls the front end of a command line: the terminal UI runs its commands as command lines and says so. Nothing depends on it, and
 * any word but `tui` counts for nothing, so nobody can pass a command line off as Slack or as an engine; at most as one that the same person
 * typed elsewhere on the same machine.
 */
export function frontOf(env: Readonly<Record<string, string | undefined>>): "cli" | "tui" {
  return env[frontVariable] === "tui" ? "tui" : "cli";
}
