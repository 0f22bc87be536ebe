import { spawn } from "node:child_process";

/** How long a program may take, ms; then it is killed with all that it started. */
const patienceMs = 20_000;

/** Starts a program, gives it a JSON text on standard input, and says how it failed. It sees PATH, HOME and LANG of this process, no tokens. */
export async function runAlertCommand(words: readonly string[], folder: string, body: string): Promise<string | undefined> {
  const [program = "", ...args] = words;
  const { PATH, HOME, LANG } = process.env;
  const child = spawn(program, args, { cwd: folder, env: { PATH, HOME, LANG }, stdio: ["pipe", "ignore", "ignore"], detached: true });
  child.stdin.on("error", () => undefined); // it did not read; how it ended tells
  child.stdin.end(body);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      child.kill("SIGKILL");
    }
  }, patienceMs);
  try {
    return await new Promise<string | undefined>((resolve) => {
      child.once("error", (error: NodeJS.ErrnoException) => resolve(`${program} cannot be started (${error.code ?? "?"})`));
      child.once("exit", (code, signal) => {
        if (late) resolve(`${program} did not end within ${patienceMs / 1000} s`);
        else resolve(code === 0 ? undefined : `${program} ended with ${code ?? signal ?? "?"}`);
      });
    });
  } finally {
    clearTimeout(timer);
  }
}
