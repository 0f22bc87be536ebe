import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { createSsh2Transport } from "../../../src/core/adapters/ssh/ssh2-transport.ts";
import { HalliganError } from "../../../src/core/errors.ts";
import { discoverNode } from "../../../src/core/inventory/discover.ts";
import type { Clock, Connection } from "../../../src/core/ports.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
};

let sshd: Sshd | undefined;
let connection: Connection | undefined;
afterEach(async () => {
  await connection?.close();
  await sshd?.stop();
  connection = sshd = undefined;
});

/** Connects to a new OpenSSH server. With `instead`, the server runs that in place of every command. */
async function connect(instead?: string): Promise<{ readonly connection: Connection; readonly sshd: Sshd }> {
  sshd = await startSshd(instead === undefined ? {} : { config: { ForceCommand: instead } });
  connection = await createSsh2Transport({ clock, random: Math.random }).connect({
    node: "web-1",
    address: sshd.address,
    port: sshd.port,
    user: sshd.user,
    transport: "ssh2",
    keys: [sshd.clientKey],
    jumps: [],
    hostKeys: "strict",
    knownHosts: { file: sshd.knownHosts, alsoRead: [] },
    connectTimeoutMs: 10_000,
  });
  return { connection, sshd };
}

async function refusal(node: Connection, options: { readonly deadlineMs?: number } = {}): Promise<string> {
  const error: unknown = await discoverNode({ connection: node, clock, packages: [], ...options }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HalliganError)) throw new Error(`no problem but ${String(error)}`);
  expect(error.code).toBe("PROBE_FAILED");
  return `${error.problems[0].message} ${error.problems[0].cause ?? ""}`;
}

describe("discoverNode", () => {
  it("brings facts over a real connection, several at once", async () => {
    const { connection: node } = await connect();
    const all = await Promise.all([1, 2, 3].map(() => discoverNode({ connection: node, clock, packages: ["openssh-server"] })));
    for (const facts of all) {
      expect(facts.hostname).toBe(hostname());
      expect(facts.packages).toHaveProperty("openssh-server");
      expect(Math.abs(facts.clock?.offsetMs ?? Number.NaN)).toBeLessThanOrEqual(facts.clock?.uncertaintyMs ?? 0);
    }
  });

  it("is not disturbed by a shell that prints before and after, also on stderr", async () => {
    const { connection: node } = await connect(`printf 'Welcome "to" \\377 {'; echo oops >&2; sh -c "$SSH_ORIGINAL_COMMAND"; echo '}' bye`);
    expect((await discoverNode({ connection: node, clock, packages: [] })).hostname).toBe(hostname());
  });

  it("is not disturbed by a profile that reads a line of stdin, nor by the exit code of the shell", async () => {
    const { connection: node } = await connect(`read -r line; sh -c "$SSH_ORIGINAL_COMMAND"; exit 3`);
    expect((await discoverNode({ connection: node, clock, packages: [] })).hostname).toBe(hostname());
  });

  it("tells what a node without a usable shell says", async () => {
    const { connection: node } = await connect("echo This account is not available.; echo locked >&2; exit 1");
    const text = await refusal(node);
    expect(text).toContain("The node did not start the probe.");
    expect(text).toContain("This account is not available.");
    expect(text).toContain("exit code 1");
    expect(text).toContain("locked");
  });

  it("ends a flood of output at 4 MiB", async () => {
    const { connection: node } = await connect("yes");
    expect(await refusal(node)).toContain("more than 4 MiB");
  });

  it("gives up at its deadline", async () => {
    const { connection: node } = await connect("exec sleep 600");
    expect(await refusal(node, { deadlineMs: 400 })).toContain("did not end within 0.4 s");
  });

  it("ends when the caller wants no more", async () => {
    const { connection: node } = await connect("exec sleep 600");
    const signal = AbortSignal.timeout(200);
    await expect(discoverNode({ connection: node, clock, packages: [], signal })).rejects.toThrow("aborted");
  });

  it("tells a connection that is lost while the probe runs", async () => {
    const { connection: node, sshd: server } = await connect("exec sleep 600");
    const answer = refusal(node);
    await sleep(300);
    server.dropConnections();
    expect(await answer).toContain("The connection was lost");
  });
});
