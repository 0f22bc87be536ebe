import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { fail } from "../../../../src/core/errors.ts";
import { SecretValue } from "../../../../src/core/model/secret.ts";
import type { Clock, Connection, Exit, RemoteCommand } from "../../../../src/core/ports.ts";
import { type ExecuteDeps, type ExecuteOptions, execute } from "../../../../src/core/run/exec/execute.ts";

/** A clock on which a second lasts ten milliseconds. */
const clock: Clock = {
  now: () => performance.now() * 100,
  sleep: (ms, signal) => sleep(ms / 100, undefined, { signal }),
};

const begun = "\nHALLIGAN/1 exec 42\n";

async function* chunks(parts: readonly string[], until?: Promise<unknown>): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part, "latin1");
  await until;
}

/** A node on which every command says this; with `stuck` it goes on until it is abandoned. */
function connection(parts: readonly string[], stuck = false): Connection {
  return {
    async exec() {
      const abandoned = Promise.withResolvers<void>();
      const until = stuck ? abandoned.promise : undefined;
      const exit = (async (): Promise<Exit> => {
        await until;
        return stuck ? { kind: "lost", reason: "abandoned" } : { kind: "exited", code: 0 };
      })();
      return {
        stdout: chunks(parts, until),
        stderr: chunks([begun], until),
        exit,
        abandon: () => abandoned.resolve(),
      } satisfies RemoteCommand;
    },
    closed: new Promise(() => undefined),
    close: async () => undefined,
  };
}

const options = (parts: Partial<ExecuteOptions> = {}): ExecuteOptions => ({
  nodes: ["n1"],
  command: "x",
  whom: { kind: "login" },
  timeoutMs: 1000,
  parallel: 10,
  onEnd: () => undefined,
  signal: new AbortController().signal,
  ...parts,
});

function deps(link: (node: string) => Promise<Connection>, secrets: ExecuteDeps["secrets"] = []): ExecuteDeps {
  return { link: async (node) => ({ node, connection: await link(node), become: { kind: "none" }, user: "ops" }), secrets, clock };
}

describe("running a command on nodes", () => {
  test("secrets are taken out of the output, however it is cut", async () => {
    const secrets = [{ name: "db", value: new SecretValue("hunter2-long") }];
    const parts = [`${begun}a hun`, "ter2-lo", "ng b ", Buffer.from("hunter2-long").toString("base64")];
    const [result] = await execute(
      deps(async () => connection(parts), secrets),
      options(),
    );
    expect(Buffer.from(result?.stdout.head ?? []).toString()).toBe("a [secret db] b [secret db]");
  });

  test("no more nodes at once than allowed, results in the order given, and what is no node stops no other", async () => {
    let open = 0;
    let most = 0;
    const link = async (node: string): Promise<Connection> => {
      open += 1;
      most = Math.max(most, open);
      await sleep(2);
      open -= 1;
      if (node === "n3") throw fail("HOST_UNREACHABLE", { message: "n3 is away." });
      return connection([begun, node]);
    };
    const nodes = Array.from({ length: 20 }, (_, index) => `n${index}`);
    const ended: number[] = [];
    const results = await execute(deps(link), options({ nodes, parallel: 4, onEnd: (_, done) => ended.push(done) }));
    expect(most).toBe(4);
    expect(results.map((each) => each.node)).toEqual(nodes);
    expect(ended).toEqual(nodes.map((_, index) => index + 1));
    expect(results.filter((each) => each.outcome.kind !== "exited").map(({ node, outcome }) => [node, outcome.kind])).toEqual([
      ["n3", "unreachable"],
    ]);
  });

  test("a command that cannot be ended is let go of after its time, and that is told", async () => {
    const [result] = await execute(
      deps(async () => connection([begun, "half"], true)),
      options(),
    );
    expect(result?.outcome).toEqual({ kind: "timeout", gone: false });
    expect(Buffer.from(result?.stdout.head ?? []).toString()).toBe("half");
  });

  test("a node that never says that the command began counts as not reached", async () => {
    const [result] = await execute(
      deps(async () => connection(["Last login: today\n"], true)),
      options(),
    );
    expect(result?.outcome).toMatchObject({ kind: "unreachable", problem: { code: "NODE_SHELL" } });
  });

  test("when the person leaves, nothing new is begun", async () => {
    const leaving = new AbortController();
    let links = 0;
    const link = async (): Promise<Connection> => {
      links += 1;
      leaving.abort(new Error("interrupted"));
      return connection([begun], true);
    };
    const results = await execute(
      deps(link),
      options({ nodes: ["n1", "n2", "n3"], parallel: 1, timeoutMs: 1_000_000, signal: leaving.signal }),
    );
    expect(results.map((each) => each.outcome)).toEqual([
      { kind: "interrupted", gone: false },
      { kind: "not-started" },
      { kind: "not-started" },
    ]);
    expect(links).toBe(1);
  });

  test("a thousand nodes keep less of each", async () => {
    const nodes = Array.from({ length: 1024 }, (_, index) => `n${index}`);
    const results = await execute(
      deps(async () => connection([begun, "x".repeat(100_000)])),
      options({ nodes, parallel: 50 }),
    );
    expect(results[5]?.stdout).toMatchObject({ totalBytes: 100_000, omittedBytes: 100_000 - 2 * 16_384 });
  });
});
