import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../../", import.meta.url).pathname;

/** The Node.js that the project brings along. */
export const node = join(root, "node_modules/node/bin/node");
/** True where programs are started from dist/ (HALLIGAN_TEST_BUNDLE=1), which whoever sets this has built. */
const isBundled = process.env["HALLIGAN_TEST_BUNDLE"] === "1";
/** The command line's entry. */
export const entry = join(root, isBundled ? "dist/cli/main.cjs" : "src/cli/main.ts");

/** How a command ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `halligan` with arguments, in a folder, without a terminal; `stdin` is what comes in, if anything does. */
export function halligan(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly stdin?: string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", LANG: "C.UTF-8", ...options.env };
    const child = spawn(node, [entry, ...args], {
      cwd: options.cwd ?? root,
      env,
      stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.stdin);
    let [stdout, stderr] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** A folder that is removed by `[Symbol.dispose]`. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "halligan-cli-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
