import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "../../../src/core/ports.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { problemOf, run, ssh2, targetOf, textOf, transports } from "./rig.ts";

describe.each(transports)("commands over $name", ({ name, transport }) => {
  let sshd: Sshd;
  let connection: Connection;
  beforeAll(async () => {
    sshd = await startSshd({ banner: "Authorised use only\n" });
    connection = await transport.connect(targetOf(sshd, name));
  });
  afterAll(async () => {
    await connection.close();
    await sshd.stop();
  });

  it("keeps the two outputs apart and gives the exit code", async () => {
    expect(await run(connection, "printf 'a\\n'; printf 'b\\n' >&2; exit 3")).toEqual({
      out: "a\n",
      err: "b\n",
      exit: { kind: "exited", code: 3 },
    });
  });

  it("tells a remote exit code 255 from a failure of its own", async () => {
    expect((await run(connection, "exit 255")).exit).toEqual({ kind: "exited", code: 255 });
  });

  it("says when a signal ended the command", async () => {
    const { exit } = await run(connection, "kill -KILL $$");
    expect(exit).toEqual({ kind: "signalled", signal: name === "ssh2" ? "SIGKILL" : "unknown" });
  });

  it("keeps the exit code of a command that closes its outputs long before it ends", async () => {
    expect((await run(connection, "exec >&- 2>&-; sleep 0.4; exit 4")).exit).toEqual({ kind: "exited", code: 4 });
  });

  it("closes stdin at once when none is given", async () => {
    expect((await run(connection, "wc -c")).out.trim()).toBe("0");
  });

  it("delivers 5 MB of stdin byte-exact", async () => {
    const bytes = randomBytes(5_000_000);
    const wanted = createHash("sha256").update(bytes).digest("hex");
    expect((await run(connection, "sha256sum", bytes)).out).toContain(wanted);
    const parts = async function* () {
      for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
    };
    expect((await run(connection, "sha256sum", parts())).out).toContain(wanted);
  });

  it("does not hang on a command that does not read its stdin", async () => {
    expect((await run(connection, "exit 6", randomBytes(5_000_000))).exit).toEqual({ kind: "exited", code: 6 });
  });

  it("gives 20 MB to a slow reader completely, and makes the command wait for it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "halligan-reader-"));
    const written = join(folder, "written");
    try {
      const running = await connection.exec(`head -c 20000000 /dev/zero; : >${written}`);
      await sleep(700);
      // the window is full long before 20 MB, so the command waits for us
      expect(existsSync(written)).toBe(false);
      let length = 0;
      for await (const chunk of running.stdout) length += chunk.length;
      await textOf(running.stderr);
      expect(length).toBe(20_000_000);
      expect(await running.exit).toEqual({ kind: "exited", code: 0 });
      expect(existsSync(written)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("lets the ninth command wait for a place", async () => {
    const all = await Promise.all(Array.from({ length: 12 }, (_, index) => run(connection, `sleep 0.2; echo ${index}`)));
    expect(all.map((each) => each.out.trim())).toEqual(Array.from({ length: 12 }, (_, index) => String(index)));
  });

  it("abandons a command without touching its neighbours", async () => {
    const running = await connection.exec("echo up; sleep 30");
    const neighbour = run(connection, "sleep 0.5; echo alive");
    running.abandon();
    expect(await running.exit).toEqual({ kind: "lost", reason: "abandoned" });
    expect((await neighbour).out).toBe("alive\n");
  });
});

describe.each(transports)("an unreliable server over $name", ({ name, transport }) => {
  it("calls the outcome lost when the server's side is killed in the middle of a command", async () => {
    const sshd = await startSshd();
    try {
      const connection = await transport.connect(targetOf(sshd, name));
      const running = await connection.exec("echo begun; sleep 20");
      const begun = Promise.withResolvers<void>();
      const watched = async function* () {
        for await (const chunk of running.stdout) {
          begun.resolve();
          yield chunk;
        }
      };
      const out = textOf(watched()).then(async (text) => text + (await textOf(running.stderr)));
      await begun.promise;
      sshd.dropConnections();
      expect((await running.exit).kind).toBe("lost");
      expect(await out).toBe("begun\n");
      await connection.closed;
      expect((await problemOf(connection.exec("true"))).code).toBe("CONNECTION_LOST");
      await connection.close();
    } finally {
      await sshd.stop();
    }
  });

  it("runs 10 commands at once on a server that allows 2 sessions", async () => {
    const sshd = await startSshd({ config: { MaxSessions: 2 } });
    try {
      const connection = await transport.connect(targetOf(sshd, name));
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, index) => run(connection, `sleep 0.1; echo ${index}`, Buffer.from("x"))),
      );
      expect(all.map((each) => each.out.trim())).toEqual(Array.from({ length: 10 }, (_, index) => String(index)));
      await connection.close();
    } finally {
      await sshd.stop();
    }
  });

  it("reports a server that allows no session at all", async () => {
    const sshd = await startSshd({ config: { MaxSessions: 0 } });
    try {
      const connection = await transport.connect(targetOf(sshd, name));
      expect((await problemOf(connection.exec("true"))).code).toBe("CHANNEL_REFUSED");
      await connection.close();
    } finally {
      await sshd.stop();
    }
  });
});

describe("a conversation, over ssh2", () => {
  const read = async (from: AsyncIterator<Uint8Array>, length: number): Promise<string> => {
    let text = "";
    while (text.length < length) {
      const next = await from.next();
      if (next.done === true) return text;
      text += Buffer.from(next.value).toString("utf8");
    }
    return text;
  };

  it("is asked one thing after another, and is over when its input ends", async () => {
    const sshd = await startSshd();
    try {
      const connection = await ssh2.connect(targetOf(sshd, "ssh2"));
      const conversation = await connection.converse?.("while read -r line; do echo got $line; done; exit 3", {
        stdin: [Buffer.from("o"), Buffer.from("ne\n")],
        onWanted: () => undefined,
      });
      const said = conversation?.stdout[Symbol.asyncIterator]();
      if (conversation === undefined || said === undefined) throw new Error("no conversation");
      const complaints = textOf(conversation.stderr);
      expect(await read(said, 8)).toBe("got one\n");
      conversation.say([Buffer.from("two\n")]);
      conversation.say([Buffer.from("three\n")]);
      conversation.end();
      expect(await read(said, 99)).toBe("got two\ngot three\n");
      expect(await conversation.exit).toEqual({ kind: "exited", code: 3 });
      expect(await complaints).toBe("");
      await connection.close();
    } finally {
      await sshd.stop();
    }
  });

  it("is told that others wait for its place, on a server that allows one session", async () => {
    const sshd = await startSshd({ config: { MaxSessions: 1 } });
    try {
      const connection = await ssh2.connect(targetOf(sshd, "ssh2"));
      const wanted = Promise.withResolvers<void>();
      const conversation = await connection.converse?.("cat", { stdin: [Buffer.from("x\n")], onWanted: wanted.resolve });
      const waiting = run(connection, "echo in its place");
      await wanted.promise;
      conversation?.end();
      if (conversation !== undefined) await Promise.all([textOf(conversation.stdout), textOf(conversation.stderr)]);
      expect((await waiting).out).toBe("in its place\n");
      await connection.close();
    } finally {
      await sshd.stop();
    }
  });
});
