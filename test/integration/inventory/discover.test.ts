import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSsh2Transport } from "../../../src/core/adapters/ssh/ssh2-transport.ts";
import { HalliganError } from "../../../src/core/errors.ts";
import { discoverNode } from "../../../src/core/inventory/discover.ts";
import type { Clock, Connection } from "../../../src/core/ports.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
};

const opened: { readonly sshd: Sshd; connection?: Connection }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) {
    await each.connection?.close();
    await each.sshd.stop();
  }
});

/** Connects to a new OpenSSH server. With `instead`, the server runs that in place of every command. */
async function connect(instead?: string): Promise<{ readonly connection: Connection; readonly sshd: Sshd }> {
  const sshd = await startSshd(instead === undefined ? {} : { config: { ForceCommand: instead } });
  const here: (typeof opened)[number] = { sshd };
  opened.push(here);
  const connection = await createSsh2Transport({ clock, random: Math.random }).connect({
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
  here.connection = connection;
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

  it("does not care how the shell ends", async () => {
    const { connection: node } = await connect('sh -c "$SSH_ORIGINAL_COMMAND"; exit 3');
    expect((await discoverNode({ connection: node, clock, packages: [] })).hostname).toBe(hostname());
  });

  it("names the node in its problems", async () => {
    const { connection: node } = await connect("true");
    const problems = await discoverNode({ connection: node, clock, packages: [], node: "web-1" }).catch(
      (error: HalliganError) => error.problems,
    );
    expect(problems).toEqual([expect.objectContaining({ code: "PROBE_FAILED", at: { node: "web-1" } })]);
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

describe("discoverNode through sudo", () => {
  const password = { reveal: () => "s3cret with 'quotes'" };
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "hg-sudo-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  /** A sudo of ours first on the PATH of every command; the text is what it does before it runs the command. */
  const withSudo = async (text: string): Promise<Connection> => {
    writeFileSync(join(dir, "sudo"), `#!/bin/sh\n${text}\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n`, { mode: 0o755 });
    return (await connect(`PATH=${dir}:$PATH; export PATH; sh -c "$SSH_ORIGINAL_COMMAND"`)).connection;
  };
  const asks = `IFS= read -r line; [ "$line" = "s3cret with 'quotes'" ] || { echo 'sudo: 1 incorrect password attempt' >&2; exit 1; }`;

  it("gives the password to a sudo that asks", async () => {
    const node = await withSudo(asks);
    expect((await discoverNode({ connection: node, clock, packages: [], become: { kind: "sudo", password } })).hostname).toBe(hostname());
  });

  it("does not run the password as a command when sudo does not ask", async () => {
    const node = await withSudo("echo $$ >&2");
    expect((await discoverNode({ connection: node, clock, packages: [], become: { kind: "sudo", password } })).hostname).toBe(hostname());
  });

  it("tells a wrong password, and one that is missing", async () => {
    const node = await withSudo(asks);
    const wrong = { kind: "sudo", password: { reveal: () => "other" } } as const;
    await expect(discoverNode({ connection: node, clock, packages: [], become: wrong })).rejects.toThrow("BECOME_PASSWORD_WRONG");
    const silent = await withSudo("echo 'sudo: a password is required' >&2; exit 1");
    await expect(discoverNode({ connection: silent, clock, packages: [], become: { kind: "sudo" } })).rejects.toThrow(
      "BECOME_PASSWORD_NEEDED",
    );
  });
});
