import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail } from "../../core/errors.ts";

const mostOutputBytes = 8 * 1024 * 1024;

/** Runs a script under /bin/sh in a private empty folder, which is also its HOME and TMPDIR. @throws `STEP_TIMEOUT`, `CHECK_FAILED`. */
export async function runShell(
  script: Uint8Array,
  timeoutMs: number,
): Promise<{ readonly stdout: Uint8Array; readonly stderr: string; readonly code: number }> {
  const folder = await mkdtemp(join(tmpdir(), "halligan-fixture-"));
  try {
    const file = join(folder, "script");
    await writeFile(file, script, { mode: 0o600 });
    return await runFile(file, folder, timeoutMs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runFile(
  file: string,
  folder: string,
  timeoutMs: number,
): Promise<{ readonly stdout: Uint8Array; readonly stderr: string; readonly code: number }> {
  return new Promise((resolve, reject) => {
    const environment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: folder, TMPDIR: folder, XDG_RUNTIME_DIR: folder, LC_ALL: "C" };
    const child = spawn("/bin/sh", [file], { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const kill = (): void => {
      try {
        process.kill(-(child.pid ?? 0), "SIGKILL");
      } catch {
        // it has just ended
      }
    };
    const timer = setTimeout(() => {
      kill();
      reject(fail("STEP_TIMEOUT", { message: `The check of a fixture did not end within ${timeoutMs / 1000} s.` }));
    }, timeoutMs);
    const out: Buffer[] = [];
    let [bytes, err] = [0, ""];
    child.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= mostOutputBytes) out.push(chunk);
      else kill();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (err.length < 10_000) err += chunk.toString("utf8");
    });
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(fail("CHECK_FAILED", { message: "/bin/sh could not be started.", cause: error.message, error }));
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ stdout: new Uint8Array(Buffer.concat(out)), stderr: err, code: code ?? 1 });
    });
  });
}
