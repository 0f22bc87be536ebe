import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pinHostKey } from "../../../src/core/adapters/ssh/pin.ts";
import { makeKey, type Sshd, startSshd } from "../../support/sshd.ts";
import { problemOf, run, ssh2, targetOf, tempDir, transports } from "./rig.ts";

describe.each(transports)("host keys over $name", ({ name, transport }) => {
  let sshd: Sshd;
  const dir = tempDir();
  let count = 0;
  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ["ed25519", "ecdsa"] });
  });
  afterAll(async () => {
    await sshd.stop();
    dir.remove();
  });
  const known = (text: string): string => {
    const file = join(dir.path, `known_hosts${count++}`);
    writeFileSync(file, text);
    return file;
  };
  const at = (): string => `[${sshd.address}]:${sshd.port}`;
  const using = (text: string, changes = {}) => targetOf(sshd, name, { knownHosts: { file: known(text), alsoRead: [] }, ...changes });
  const works = async (target: ReturnType<typeof using>): Promise<void> => {
    const connection = await transport.connect(target);
    expect((await run(connection, "echo in")).out).toBe("in\n");
    await connection.close();
  };
  const key = (index: number) => sshd.hostKeys[index] ?? expect.fail("no host key");

  it("refuses an unknown key and names the command that accepts it", async () => {
    const problem = await problemOf(transport.connect(using("")));
    expect(problem.code).toBe("HOST_KEY_UNKNOWN");
    const shown = sshd.hostKeys.find((each) => problem.message.includes(each.fingerprint));
    expect(problem.hint).toContain(`halligan discover n1 --accept-host-key ${shown?.fingerprint}`);
    expect(problem.at).toEqual({ node: "n1" });
  });

  it("refuses a changed key, with both fingerprints and the line of the old one, in both modes", async () => {
    const other = makeKey(join(dir.path, `other${count++}`))
      .split(" ")
      .slice(0, 2)
      .join(" ");
    for (const hostKeys of ["strict", "accept-new"] as const) {
      const target = using(`# a comment\n${at()} ${other}\n`, { hostKeys });
      const problem = await problemOf(transport.connect(target));
      expect(problem.code).toBe("HOST_KEY_CHANGED");
      expect(problem.message).toContain(`${target.knownHosts.file}:2`);
      expect(problem.message).toContain(key(0).fingerprint);
      expect(problem.message.match(/SHA256:/g)).toHaveLength(2);
      expect(problem.hint).toContain("ssh-keygen -f");
    }
  });

  it("asks for the pinned type first, so that a host with several keys does not look changed", async () => {
    await works(using(`${at()} ${key(1).publicKey}\n`));
    await works(using(`${at()} ${key(0).publicKey}\n`));
  });

  it("does not take a key of another type in place of a pinned one", async () => {
    const other = makeKey(join(dir.path, `rsa${count++}`), "rsa")
      .split(" ")
      .slice(0, 2)
      .join(" ");
    const target = using(`${at()} ${other}\n`, { hostKeys: "accept-new" });
    expect((await problemOf(transport.connect(target))).code).toBe("HOST_KEY_CHANGED");
  });

  it("reads hashed names", async () => {
    const file = known(`${at()} ${key(0).publicKey}\n`);
    execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
    expect(readFileSync(file, "utf8")).toMatch(/^\|1\|/);
    await works(targetOf(sshd, name, { knownHosts: { file, alsoRead: [] } }));
  });

  it("reads the extra files and leaves them alone", async () => {
    const extra = known(`${at()} ${key(0).publicKey}\n`);
    chmodSync(extra, 0o444);
    const file = join(dir.path, `own${count++}`);
    await works(targetOf(sshd, name, { hostKeys: "accept-new", knownHosts: { file, alsoRead: [extra] } }));
    expect(existsSync(file)).toBe(false);
  });

  it("refuses a revoked key although it is pinned as well", async () => {
    const text = `${at()} ${key(0).publicKey}\n@revoked * ${key(0).publicKey}\n`;
    expect((await problemOf(transport.connect(using(text, { hostKeys: "accept-new" })))).code).toBe("HOST_KEY_REVOKED");
  });

  it("pins a new key at first sight when asked to, readable by OpenSSH, and is strict from then on", async () => {
    const file = join(dir.path, `fresh${count++}`);
    await works(targetOf(sshd, name, { hostKeys: "accept-new", knownHosts: { file, alsoRead: [] } }));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(execFileSync("ssh-keygen", ["-F", at(), "-f", file], { encoding: "utf8" })).toContain(at());
    await works(targetOf(sshd, name, { knownHosts: { file, alsoRead: [] } }));
  });
});

describe("looking at a host key without logging in", () => {
  it("gives what is needed to accept it", async () => {
    const sshd = await startSshd();
    const dir = tempDir();
    try {
      const file = join(dir.path, "known_hosts");
      const target = targetOf(sshd, "ssh2", { keys: [], knownHosts: { file, alsoRead: [] } });
      const scanned = await ssh2.scanHostKey(target);
      expect(scanned).toMatchObject({ type: "ssh-ed25519", fingerprint: sshd.hostKeys[0]?.fingerprint });
      await pinHostKey(file, target.address, target.port, scanned.key);
      await pinHostKey(file, target.address, target.port, scanned.key);
      expect(readFileSync(file, "utf8")).toBe(`${scanned.line}\n`);
      expect(readFileSync(sshd.knownHosts, "utf8")).toBe(`${scanned.line}\n`);
    } finally {
      await sshd.stop();
      dir.remove();
    }
  });
});
