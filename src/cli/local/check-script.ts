import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail } from "../../core/errors.ts";

/** What a script logged, and the last of what it complained about. */
export interface CheckLog {
  readonly log: Uint8Array;
  readonly stderr: string;
}

/** Runs a check script under /bin/sh in a private folder that is removed afterwards. @throws `STEP_TIMEOUT`, `CHECK_FAILED`. */
export async function runCheckScript(script: Uint8Array, timeoutMs: number): Promise<CheckLog> {
  const folder = await mkdtemp(join(tmpdir(), "halligan-fixture-"));
  try {
    for (const name of ["job", "volatile", "state"]) await mkdir(join(folder, name), { mode: 0o700 });
    await writeFile(join(folder, "volatile", "script"), script, { mode: 0o600 });
    const stderr = await runFile(folder, timeoutMs);
    return { log: await readFile(join(folder, "job", "log")).catch(() => new Uint8Array()), stderr };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runFile(folder: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const environment = {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: folder,
      TMPDIR: folder,
      LC_ALL: "C",
      HG_JOB: join(folder, "job"),
      HG_VOLATILE: join(folder, "volatile"),
      HG_STATE: join(folder, "state"),
      HG_CHANNEL: "0",
    };
    const file = join(folder, "volatile", "script");
    const child = spawn("/bin/sh", [file], { cwd: folder, env: environment, stdio: ["ignore", "ignore", "pipe"], detached: true });
    const timer = setTimeout(() => {
      if (child.pid !== undefined) killGroup(child.pid);
      reject(fail("STEP_TIMEOUT", { message: `The check of a fixture did not end within ${timeoutMs / 1000} s.` }));
    }, timeoutMs);
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString("utf8")).slice(-4000);
    });
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(fail("CHECK_FAILED", { message: "/bin/sh could not be started.", cause: error.message, error }));
    });
    child.on("close", () => {
      clearTimeout(timer);
      resolve(complaint);
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // it has just ended
  }
}
