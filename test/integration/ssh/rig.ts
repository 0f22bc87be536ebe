import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createOpensshTransport } from "../../../src/core/adapters/ssh/openssh-transport.ts";
import type { SshDeps } from "../../../src/core/adapters/ssh/retry.ts";
import { createSsh2Transport } from "../../../src/core/adapters/ssh/ssh2-transport.ts";
import { type Problem, HalliganError } from "../../../src/core/errors.ts";
import type { Connection, Exit, Input, Secret, SshTarget, Transport } from "../../../src/core/ports.ts";
import type { Sshd } from "../../support/sshd.ts";

/** Real time and chance. */
export const deps = {
  clock: {
    now: () => Date.now(),
    sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
  },
  random: () => Math.random(),
} satisfies SshDeps;

/** The in-process transport with real time. */
export const ssh2 = createSsh2Transport(deps);

/** The transport over the system's ssh. */
export const openssh = createOpensshTransport(deps);

/** Both transports, for `describe.each`. */
export const transports: readonly { readonly name: "ssh2" | "openssh"; readonly transport: Transport }[] = [
  { name: "ssh2", transport: ssh2 },
  { name: "openssh", transport: openssh },
];

/** A target that gets in. */
export function targetOf(sshd: Sshd, name: SshTarget["transport"], changes: Partial<SshTarget> = {}): SshTarget {
  return {
    node: "n1",
    address: sshd.address,
    port: sshd.port,
    user: sshd.user,
    transport: name,
    keys: [sshd.clientKey],
    jumps: [],
    hostKeys: "strict",
    knownHosts: { file: sshd.knownHosts, alsoRead: [] },
    connectTimeoutMs: 20_000,
    ...changes,
  };
}

/** A secret for tests. */
export function secret(text: string): Secret {
  return { reveal: () => text };
}

/** Everything that a command said and how it ended. */
export interface Done {
  readonly out: string;
  readonly err: string;
  readonly exit: Exit;
}

/** Runs a command to its end. */
export async function run(connection: Connection, command: string, stdin?: Input): Promise<Done> {
  const running = await connection.exec(command, stdin === undefined ? {} : { stdin });
  const [out, err] = await Promise.all([textOf(running.stdout), textOf(running.stderr)]);
  return { out, err, exit: await running.exit };
}

/** All bytes as text. */
export async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The problems with which a promise rejects. */
export async function problemsOf(work: Promise<unknown>): Promise<readonly Problem[]> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HalliganError)) throw new Error(`not a coded problem: ${String(error)}`, { cause: error });
  return error.problems;
}

/** The first of them. */
export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const [first] = await problemsOf(work);
  if (first === undefined) throw new Error("no problem");
  return first;
}

/** A temporary directory and how to remove it. */
export function tempDir(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "hg-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
