import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freePort, startSshd } from "../../support/sshd.ts";
import { createConnector } from "../../../src/core/adapters/ssh/connector.ts";
import { createOpensshTransport } from "../../../src/core/adapters/ssh/openssh-transport.ts";
import { deps, problemOf, run, ssh2, targetOf, tempDir, transports } from "./rig.ts";

/** A TCP server that treats every client in the same way. */
async function peer(treat: (socket: Socket) => void): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    treat(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const nobody = {
  address: "127.0.0.1",
  port: 0,
  user: "nobody",
  dir: "",
  clientKey: "",
  hostKeys: [],
  knownHosts: "/dev/null",
  pid: 0,
  log: () => "",
  dropConnections() {},
  stop: () => Promise.resolve(),
};
const strangerAt = (name: "ssh2" | "openssh", port: number) => targetOf(nobody, name, { port, keys: [], connectTimeoutMs: 1_500 });

it("leaves no connection open where known_hosts cannot be read", async () => {
  const ended = Promise.withResolvers<string>();
  const server = await peer((socket) => socket.on("data", () => undefined).once("close", () => ended.resolve("closed")));
  try {
    const knownHosts = { file: tmpdir(), alsoRead: [] };
    const problem = await problemOf(ssh2.connect(targetOf(nobody, "ssh2", { port: server.port, keys: [], knownHosts })));
    expect(problem.code).toBe("KNOWN_HOSTS_UNUSABLE");
    expect(await Promise.race([ended.promise, deps.clock.sleep(5_000).then(() => "open")])).toBe("closed");
  } finally {
    server.close();
  }
});

it("outlives a server that resets the connection while known_hosts is read", async () => {
  const dir = tempDir();
  const knownHosts = join(dir.path, "known_hosts");
  execFileSync("mkfifo", [knownHosts]);
  // Whoever reads the pipe waits until this opens it.
  const slowly = spawn("sh", ["-c", 'while sleep 0.2; do : >"$1"; done', "sh", knownHosts], { stdio: "ignore" });
  const resetter = await peer(
    (socket) =>
      void setTimeout(() => {
        socket.resetAndDestroy();
        resetter.close();
      }, 30),
  );
  try {
    const target = { ...strangerAt("ssh2", resetter.port), connectTimeoutMs: 20_000, knownHosts: { file: knownHosts, alsoRead: [] } };
    const problem = await problemOf(ssh2.connect(target));
    // Who was dropped tries again, and finds nobody.
    expect(problem.code).toBe("HOST_UNREACHABLE");
    expect(problem.cause).toMatch(/refused/);
  } finally {
    resetter.close();
    slowly.kill();
    dir.remove();
  }
});

describe.each(transports)("servers that are not well, over $name", ({ name, transport }) => {
  it("reports a port on which nobody listens", async () => {
    const problem = await problemOf(transport.connect(strangerAt(name, await freePort())));
    expect(problem.code).toBe("HOST_UNREACHABLE");
    expect(problem.cause).toMatch(/refused/);
  });

  it("reports a name that does not resolve", async () => {
    const problem = await problemOf(transport.connect({ ...strangerAt(name, 22), address: "no-such-host.invalid" }));
    expect(problem.code).toBe("HOST_UNREACHABLE");
    expect(problem.cause).toMatch(/resolve/);
  });

  it("gives up in time on a server that accepts and says nothing", async () => {
    const hole = await peer(() => undefined);
    try {
      const problem = await problemOf(transport.connect(strangerAt(name, hole.port)));
      expect(problem.code).toBe("SSH_PROTOCOL");
      expect(problem.message).toContain("1.5 s");
    } finally {
      hole.close();
    }
  });

  it("stops waiting when the caller does", async () => {
    const hole = await peer(() => undefined);
    try {
      const controller = new AbortController();
      const connecting = transport.connect({ ...strangerAt(name, hole.port), connectTimeoutMs: 30_000 }, controller.signal);
      setTimeout(() => controller.abort(new Error("enough")), 100);
      await expect(connecting).rejects.toThrow("enough");
    } finally {
      hole.close();
    }
  });

  it("recognises a server that speaks no SSH", async () => {
    const web = await peer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
    try {
      expect((await problemOf(transport.connect(strangerAt(name, web.port)))).code).toBe("SSH_PROTOCOL");
    } finally {
      web.close();
    }
  });

  it("stops a server that talks without end", async () => {
    const flood = await peer((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write("welcome to the flood\r\n".repeat(100)));
      };
      socket.on("drain", more);
      more();
    });
    try {
      expect((await problemOf(transport.connect(strangerAt(name, flood.port)))).code).toBe("SSH_PROTOCOL");
    } finally {
      flood.close();
    }
  });
});

describe("many connections at once", () => {
  it("gets all of 40 through a server that turns most of them away", async () => {
    const sshd = await startSshd({ config: { MaxStartups: "5:50:8" } });
    try {
      const all = await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const connection = await ssh2.connect(targetOf(sshd, "ssh2", { node: `n${index}` }));
          await connection.close();
          return index;
        }),
      );
      expect(all).toHaveLength(40);
      expect(sshd.log()).toMatch(/MaxStartups|drop connection/);
    } finally {
      await sshd.stop();
    }
  });

  it("shares one connection per node, reconnects on demand and closes all at the end", async () => {
    const sshd = await startSshd();
    const dir = tempDir();
    try {
      const connector = createConnector({ transport: ssh2, maxHandshakes: 2 });
      const target = targetOf(sshd, "ssh2");
      const [one, two] = await Promise.all([connector.connection(target), connector.connection(target)]);
      expect(one).toBe(two);
      const others = await Promise.all(Array.from({ length: 6 }, (_, index) => connector.connection({ ...target, node: `other${index}` })));
      expect(new Set(others).size).toBe(6);
      sshd.dropConnections();
      await one.closed;
      const again = await connector.connection(target);
      expect(again).not.toBe(one);
      expect((await run(again, "echo back")).out).toBe("back\n");
      await connector.end();
      await again.closed;
      await expect(connector.connection(target)).rejects.toThrow("ended");
    } finally {
      await sshd.stop();
      dir.remove();
    }
  });
});

describe("an engine that is killed", () => {
  it.each(["ssh2", "openssh"] as const)("leaves no connection behind (%s)", async (name) => {
    const sshd = await startSshd();
    try {
      const script = `
        const { transports, targetOf } = await import(${JSON.stringify(join(import.meta.dirname, "rig.ts"))});
        const chosen = transports.find((each) => each.name === "${name}");
        await chosen.transport.connect(${JSON.stringify(targetOf(sshd, name))});
        console.log("connected");
        setInterval(() => undefined, 1000);`;
      const engine = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, TMPDIR: sshd.dir },
      });
      await once(engine.stdout, "data");
      expect(sshd.log()).not.toMatch(/Disconnected|Connection closed/);
      engine.kill("SIGKILL");
      await expect.poll(() => sshd.log(), { timeout: 10_000 }).toMatch(/Disconnected|Connection closed|Connection reset|Broken pipe/);
    } finally {
      await sshd.stop();
    }
  });

  it("says what to install when there is no ssh", async () => {
    const missing = createOpensshTransport(deps, { program: "no-such-ssh" });
    expect((await problemOf(missing.connect(strangerAt("openssh", 22)))).code).toBe("OPENSSH_MISSING");
  });
});
