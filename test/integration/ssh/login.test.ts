import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import ssh2Library from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeKey, type Sshd, startSshd } from "../../support/sshd.ts";
import { problemOf, openssh, problemsOf, run, secret, ssh2, targetOf, tempDir, transports } from "./rig.ts";

const dir = tempDir();
let sshd: Sshd;
let agent: { readonly socket: string; readonly pid: number };
const file = (name: string): string => join(dir.path, name);

beforeAll(async () => {
  const encrypted = makeKey(file("encrypted"), "ed25519", "open sesame");
  execFileSync("ssh-keygen", ["-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "old words", "-f", file("pem")]);
  const pem = readFileSync(`${file("pem")}.pub`, "utf8").trim();
  const held = makeKey(file("held"));
  makeKey(file("stranger"));
  sshd = await startSshd({ authorizedKeys: [encrypted, pem, held] });
  const said = execFileSync("ssh-agent", ["-s", "-a", file("agent")], { encoding: "utf8" });
  agent = { socket: file("agent"), pid: Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]) };
  execFileSync("ssh-add", ["-q", file("held")], { env: { ...process.env, SSH_AUTH_SOCK: agent.socket }, stdio: "ignore" });
});
afterAll(async () => {
  process.kill(agent.pid);
  await sshd.stop();
  dir.remove();
});

describe.each(transports)("logging in over $name", ({ name, transport }) => {
  const enters = async (changes: Parameters<typeof targetOf>[2]): Promise<void> => {
    const connection = await transport.connect(targetOf(sshd, name, changes));
    expect((await run(connection, "echo in")).out).toBe("in\n");
    await connection.close();
  };

  it("uses the agent", () => enters({ keys: [], agent: agent.socket }));

  it("goes on to the next key when one is refused", () => enters({ keys: [file("stranger"), file("held")] }));

  it("says what was offered and what the server takes when nothing fits", async () => {
    const problem = await problemOf(transport.connect(targetOf(sshd, name, { keys: [file("stranger")] })));
    expect(problem.code).toBe("AUTH_FAILED");
    expect(problem.message).toContain(`key ${file("stranger")}`);
    expect(problem.message).toContain("The server accepts: publickey");
  });

  it("says so when there is nothing to offer", async () => {
    const problem = await problemOf(transport.connect(targetOf(sshd, name, { keys: [] })));
    expect(problem.code).toBe("AUTH_FAILED");
    expect(problem.message).toMatch(/Offered: (nothing|no credentials)/);
  });

  it("does not use a key file that others may read", async () => {
    makeKey(file(`open-${name}`));
    chmodSync(file(`open-${name}`), 0o644);
    const problem = await problemOf(transport.connect(targetOf(sshd, name, { keys: [file(`open-${name}`)] })));
    expect(problem).toMatchObject({ code: "KEY_UNREADABLE", hint: `Run \`chmod 600 ${file(`open-${name}`)}\`.` });
  });

  it("reports a missing key file", async () => {
    expect((await problemOf(transport.connect(targetOf(sshd, name, { keys: [file("none")] })))).code).toBe("KEY_UNREADABLE");
  });

  it("asks for the passphrase of an encrypted key", async () => {
    const problem = await problemOf(transport.connect(targetOf(sshd, name, { keys: [file("encrypted")] })));
    expect(problem.code).toBe("PASSPHRASE_NEEDED");
    expect(problem.hint).toContain("ssh-add");
  });

  it("goes through jump hosts, each with its own pinned key", async () => {
    const first = await startSshd({ address: "127.0.0.2" });
    const second = await startSshd({ address: "127.0.0.3" });
    try {
      const jumps = [targetOf(first, name, { node: "j1" }), targetOf(second, name, { node: "j2" })];
      await enters({ jumps });
      expect(second.log()).toContain(name === "ssh2" ? "Connection from 127.0.0.1" : "Connection from");
      const wrong = { ...targetOf(second, name, { node: "j2" }), knownHosts: { file: first.knownHosts, alsoRead: [] } };
      const problem = await problemOf(transport.connect(targetOf(sshd, name, { jumps: [jumps[0] ?? wrong, wrong] })));
      expect(problem.code).toBe("HOST_KEY_UNKNOWN");
      expect(problem.at).toEqual({ node: "j2" });
      const nowhere = await problemOf(transport.connect(targetOf(sshd, name, { jumps: jumps.slice(0, 1), port: 1 })));
      expect(nowhere.code).toBe("HOST_UNREACHABLE");
    } finally {
      await first.stop();
      await second.stop();
    }
  });
});

describe("a jump host in this process", () => {
  it("is logged in to once for all who go through it, and left when the last one goes", async () => {
    const jump = await startSshd({ address: "127.0.0.2" });
    try {
      const target = targetOf(sshd, "ssh2", { jumps: [targetOf(jump, "ssh2", { node: "j1" })] });
      const early = new AbortController();
      const first = ssh2.connect(target, early.signal);
      const others = [1, 2, 3, 4].map((index) => ssh2.connect({ ...target, node: `n${index}` }));
      const refused = first.catch((error: unknown) => error);
      // by then all have joined the one login that is under way
      await expect.poll(() => jump.log(), { interval: 1, timeout: 5_000 }).toContain("Connection from");
      early.abort(new Error("changed my mind"));
      expect(String(await refused)).toContain("changed my mind");
      const connections = await Promise.all(others);
      expect(jump.log().match(/Accepted publickey/g)).toHaveLength(1);
      expect(jump.log()).not.toContain("Disconnected");
      await Promise.all(connections.map((each) => each.close()));
      await expect.poll(() => jump.log(), { timeout: 5_000 }).toContain("Disconnected");
    } finally {
      await jump.stop();
    }
  });
});

describe("keys in this process", () => {
  it.each([
    ["ed25519", 0],
    ["ecdsa", 0],
    ["rsa", 1],
  ] as const)("offers a key of %s with its signature, or asks first whether it is taken (%i times)", async (kind, asked) => {
    const own = await startSshd({ authorizedKeys: [makeKey(file(`quick-${kind}`), kind)], address: "127.0.0.4" });
    try {
      const enter = async (keys: readonly string[]): Promise<void> => {
        const connection = await ssh2.connect(targetOf(own, "ssh2", { keys }));
        expect((await run(connection, "echo in")).out).toBe("in\n");
        await connection.close();
      };
      await enter([file(`quick-${kind}`)]);
      await expect.poll(() => own.log(), { timeout: 5_000 }).toContain("Accepted publickey");
      expect(own.log().match(/Postponed publickey/gu) ?? []).toHaveLength(asked);
      // A refused key counts as one attempt, as it did.
      await enter([file("stranger"), file(`quick-${kind}`)]);
      await expect.poll(() => own.log().match(/Failed publickey/gu) ?? [], { timeout: 5_000 }).toHaveLength(1);
    } finally {
      await own.stop();
    }
  });

  it("opens encrypted keys of both formats", async () => {
    for (const [key, words] of [
      ["encrypted", "open sesame"],
      ["pem", "old words"],
    ] as const) {
      const connection = await ssh2.connect(targetOf(sshd, "ssh2", { keys: [file(key)], passphrase: secret(words) }));
      await connection.close();
    }
  });

  it("tells a wrong passphrase from a wrong key, without showing it", async () => {
    for (const key of ["encrypted", "pem"]) {
      const problem = await problemOf(ssh2.connect(targetOf(sshd, "ssh2", { keys: [file(key)], passphrase: secret("hush hush") })));
      expect(problem.code).toBe("PASSPHRASE_WRONG");
      expect(JSON.stringify(problem)).not.toContain("hush");
    }
  });

  it("explains files that are no usable private key", async () => {
    writeFileSync(file("junk"), "hello\n", { mode: 0o600 });
    execFileSync("sh", ["-c", `umask 077; openssl genpkey -algorithm ed25519 -out ${file("pkcs8")} 2>/dev/null`]);
    chmodSync(file("held.pub"), 0o600);
    const problems = await problemsOf(ssh2.connect(targetOf(sshd, "ssh2", { keys: [file("junk"), file("pkcs8"), file("held.pub")] })));
    expect(problems.map((each) => each.code)).toEqual(["KEY_UNREADABLE", "KEY_UNREADABLE", "KEY_UNREADABLE"]);
    expect(problems[1]?.hint).toContain("ssh-keygen -p");
    expect(problems[2]?.message).toContain("public key");
  });

  it("reports an agent that does not answer", async () => {
    const problem = await problemOf(ssh2.connect(targetOf(sshd, "ssh2", { keys: [], agent: file("no-agent") })));
    expect(problem).toMatchObject({ code: "AUTH_FAILED" });
    expect(problem.cause).toContain("failed to connect to agent");
  });
});

describe("passwords", () => {
  it.each(["password", "keyboard-interactive"] as const)("logs in by %s, and never says the password", async (way) => {
    const server = new ssh2Library.Server({ hostKeys: [readFileSync(sshd.hostKeys[0]?.file ?? "")] }, (client) => {
      client.on("error", () => undefined);
      client.on("authentication", (context) => {
        if (context.method === "password" && way === "password" && context.password === "right") context.accept();
        else if (context.method === "keyboard-interactive" && way === "keyboard-interactive") {
          context.prompt([{ prompt: "Password: ", echo: false }], (answers) =>
            answers[0] === "right" ? context.accept() : context.reject([way]),
          );
        } else context.reject([way]);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      const knownHosts = { file: file(`kh-${way}`), alsoRead: [] };
      const target = targetOf(sshd, "ssh2", { port, keys: [], password: secret("right"), hostKeys: "accept-new", knownHosts });
      await (await ssh2.connect(target)).close();
      const problem = await problemOf(ssh2.connect({ ...target, password: secret("wr0ng") }));
      expect(problem.code).toBe("AUTH_FAILED");
      expect(problem.message).toContain(`The server accepts: ${way}`);
      expect(JSON.stringify(problem)).not.toContain("wr0ng");
    } finally {
      server.close();
    }
  });

  it("are refused by the openssh transport before it connects", async () => {
    const problem = await problemOf(openssh.connect(targetOf(sshd, "openssh", { password: secret("right") })));
    expect(problem.code).toBe("OPENSSH_NO_PASSWORD");
  });
});

describe("certificates", () => {
  it("log in over the system's ssh, and the in-process transport names the way out", async () => {
    makeKey(file("ca"));
    makeKey(file("certified"));
    execFileSync("ssh-keygen", ["-q", "-s", file("ca"), "-I", "test", "-n", sshd.user, `${file("certified")}.pub`]);
    const strict = await startSshd({ config: { TrustedUserCAKeys: `${file("ca")}.pub` } });
    try {
      const connection = await openssh.connect(targetOf(strict, "openssh", { keys: [file("certified")] }));
      expect((await run(connection, "echo in")).out).toBe("in\n");
      await connection.close();
      const problem = await problemOf(ssh2.connect(targetOf(strict, "ssh2", { keys: [file("certified")] })));
      expect(problem.code).toBe("AUTH_FAILED");
      expect(problem.hint).toContain("transport: openssh");
    } finally {
      await strict.stop();
    }
  });
});
