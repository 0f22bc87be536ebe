import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root folder. */
export const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");

/** Where npm puts the commands of the dependencies. */
export const binFolder = join(root, "node_modules", ".bin");

/** The environment with the dependencies' commands first on PATH, so that `node` means the project's own. */
function projectEnvironment() {
  const others = pathWithout(binFolder);
  return { ...process.env, PATH: [binFolder, ...others].join(delimiter) };
}

/** The folders of PATH without one of them. */
export function pathWithout(folder) {
  return (process.env.PATH || "").split(delimiter).filter((each) => each !== folder);
}

/**
 * Runs a command and resolves with its exit code (128 + n after signal n), what it printed when `quiet`, and `interrupted`: 128 + n when signal n reached
 * this process meanwhile, else 0. `onStart` is told the process id.
 * Signals that reach this process are passed on to it. On a terminal Ctrl+C and Ctrl+\ already reach the whole foreground group: passing them
 * on once more would look like the user pressed twice. Rejects only when the command cannot be started.
 */
export function run(command, args, { env = projectEnvironment(), quiet = false, onStart = () => {} } = {}) {
  const child = spawn(command, args, { cwd: root, env, stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit" });
  const signals = passSignals(child);
  if (child.pid !== undefined) onStart(child.pid);
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) if (stream) stream.on("data", (chunk) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) =>
      resolve({ code: code ?? exitCodeOf(signal), output: Buffer.concat(chunks).toString(), interrupted: signals.received() }),
    );
  }).finally(signals.stop);
}

function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}

function passSignals(child) {
  const fromTerminal = process.stdin.isTTY ? ["SIGINT", "SIGQUIT"] : [];
  let received = 0;
  const handlers = ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"].map((signal) => {
    const handler = () => {
      received = exitCodeOf(signal);
      if (!fromTerminal.includes(signal)) child.kill(signal);
    };
    process.on(signal, handler);
    return [signal, handler];
  });
  return {
    received: () => received,
    stop: () => {
      for (const [signal, handler] of handlers) process.removeListener(signal, handler);
    },
  };
}
