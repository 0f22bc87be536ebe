import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fail } from "../../../errors.ts";

const LIMIT = 16 * 1024 * 1024;

/** Runs a tool of the machine to its end and returns what it printed. @throws LAB_FAILED with the tool's last words */
export async function tool(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  try {
    const options = { env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive", ...env }, maxBuffer: LIMIT };
    return (await promisify(execFile)(program, [...args], options)).stdout;
  } catch (error) {
    const words = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
    const cause = words.trim().split("\n").slice(-3).join("; ");
    throw fail("LAB_FAILED", { message: `\`${program} ${args[0] ?? ""}\` failed while the lab was brought up.`, cause, error });
  }
}
