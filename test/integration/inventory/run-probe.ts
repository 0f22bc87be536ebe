import { spawn } from "node:child_process";
import type { Facts } from "../../../src/core/model/facts.ts";
import { parseProbe } from "../../../src/core/inventory/parse.ts";
import { probeScript } from "../../../src/core/inventory/probe/script.ts";

/** What a run of the probe printed. */
export interface Ran {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** Feeds `input` to a command and collects what it prints. */
export async function runWith(command: readonly string[], input: Uint8Array | string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const [file = "", ...args] = command;
  const sentAt = Date.now();
  const child = spawn(file, args, { env: { ...env }, stdio: ["pipe", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const closed = new Promise<void>((resolve, reject) => child.once("error", reject).once("close", () => resolve()));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  await closed;
  return { stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString(), sentAt, receivedAt: Date.now() };
}

/** Runs the probe through a shell as the engine does: taken from stdin whole, run with stdin closed. Fails on anything on stderr. */
export async function probeWith(
  shell: readonly string[],
  env: Readonly<Record<string, string>>,
  packages: readonly string[] = [],
): Promise<Facts> {
  const ran = await runWith([...shell, "-c", 's=$(cat); eval "$s" </dev/null'], probeScript({ packages }), env);
  const facts = parseProbe(ran.stdout, ran);
  if (facts instanceof Error) throw new Error(`${facts.message}\n${facts.problems[0].cause}\nstderr: ${ran.stderr}`);
  if (ran.stderr !== "") throw new Error(`the probe wrote to stderr: ${ran.stderr}`);
  return facts;
}
