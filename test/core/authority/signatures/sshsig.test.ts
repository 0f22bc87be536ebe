import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { signMessage } from "../../../../src/core/adapters/ssh/signing.ts";
import { readPublicKey } from "../../../../src/core/authority/signatures/public-key.ts";
import { verifySignature } from "../../../../src/core/authority/signatures/sshsig.ts";
import { SecretValue } from "../../../../src/core/model/secret.ts";
import { codesOf } from "../../../support/command-rig.ts";

const folder = mkdtempSync(join(tmpdir(), "halligan-sig-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const namespace = "halligan-test";
const message = Buffer.from("what is signed\n");
const kinds = ["ed25519", "ecdsa 256", "ecdsa 384", "ecdsa 521", "rsa 2048"];

function makeKey(kind: readonly string[], passphrase = ""): string {
  const file = join(folder, `${kind.join("")}${passphrase}-${Math.random().toString(36).slice(2)}`);
  const [type = "", bits] = kind;
  execFileSync("ssh-keygen", ["-q", "-t", type, ...(bits === undefined ? [] : ["-b", bits]), "-N", passphrase, "-f", file]);
  return file;
}

function signedByOpenssh(file: string, space = namespace, hash = "sha512"): string {
  const args = ["-Y", "sign", "-q", "-O", `hashalg=${hash}`, "-n", space, "-f", file];
  return execFileSync("ssh-keygen", args, { input: message, stdio: ["pipe", "pipe", "ignore"] }).toString();
}

const sign = (source: string, agent?: string, passphrase?: string): ReturnType<typeof signMessage> =>
  signMessage(
    { source, agent, fits: () => true, ask: async () => (passphrase === undefined ? undefined : new SecretValue(passphrase)) },
    message,
    namespace,
  );

describe.each(kinds)("%s", (kind) => {
  const file = makeKey(kind.split(" "));
  const read = readPublicKey(readFileSync(`${file}.pub`, "utf8"));
  const fingerprint = "key" in read ? read.key.fingerprint : "none";

  test("what ssh-keygen signs holds here, with the fingerprint that ssh-keygen tells", () => {
    expect(execFileSync("ssh-keygen", ["-lf", `${file}.pub`]).toString()).toContain(` ${fingerprint} `);
    for (const hash of ["sha256", "sha512"]) {
      const verdict = verifySignature(signedByOpenssh(file, namespace, hash), message, namespace);
      expect(verdict).toMatchObject({ ok: true, key: { fingerprint } });
    }
  });

  test("what is signed here holds for ssh-keygen", async () => {
    const { armored, key } = await sign(file);
    expect(key.fingerprint).toBe(fingerprint);
    writeFileSync(join(folder, "allowed"), `ann ${readFileSync(`${file}.pub`, "utf8")}`);
    writeFileSync(join(folder, "signature"), armored);
    const args = ["-Y", "verify", "-f", join(folder, "allowed"), "-I", "ann", "-n", namespace, "-s", join(folder, "signature")];
    expect(execFileSync("ssh-keygen", args, { input: message }).toString()).toContain(`Good "${namespace}" signature for ann`);
  });

  test("another message, another purpose, another key, a changed byte anywhere: none holds", () => {
    const armored = signedByOpenssh(file);
    expect(verifySignature(armored, Buffer.from("what is signed"), namespace).ok).toBe(false);
    expect(verifySignature(armored, message, "halligan-login").ok).toBe(false);
    expect(verifySignature(signedByOpenssh(file, "file"), message, namespace).ok).toBe(false);
    const bytes = Buffer.from(armored.replace(/-----.*-----/gu, ""), "base64");
    const wrong = [...bytes.keys()].filter((at) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      const text = `-----BEGIN SSH SIGNATURE-----\n${changed.toString("base64")}\n-----END SSH SIGNATURE-----\n`;
      const verdict = verifySignature(text, message, namespace);
      return verdict.ok && verdict.key.fingerprint === fingerprint;
    });
    expect(wrong).toEqual([]);
  });
});

test("what is no signature is refused without a stack trace", () => {
  const armored = signedByOpenssh(makeKey(["ed25519"]));
  const bytes = Buffer.from(armored.replace(/-----.*-----/gu, ""), "base64");
  const around = (content: Buffer | string): string =>
    `-----BEGIN SSH SIGNATURE-----\n${typeof content === "string" ? content : content.toString("base64")}\n-----END SSH SIGNATURE-----`;
  const hostile = [
    "",
    "x",
    around(""),
    around("!!"),
    around("AAAA"),
    around(Buffer.alloc(64, 0xff)),
    "a".repeat(100_000),
    around("A".repeat(100_000)),
  ];
  const cut = [...bytes.keys()].map((length) => around(bytes.subarray(0, length)));
  const long = around(Buffer.concat([bytes, Buffer.alloc(1)]));
  for (const text of [...hostile, ...cut, long]) expect(verifySignature(text, message, namespace).ok).toBe(false);
});

describe("keys that sign", () => {
  test("an encrypted key asks for its passphrase; a wrong one is refused", async () => {
    const file = makeKey(["ed25519"], "correct horse");
    expect((await sign(file, undefined, "correct horse")).armored).toContain("BEGIN SSH SIGNATURE");
    expect(await codesOf(sign(file, undefined, "wrong") as never)).toEqual(["PASSPHRASE_WRONG"]);
    expect(await codesOf(sign(file) as never)).toEqual(["PASSPHRASE_NEEDED"]);
  });

  test("the agent signs with the key that is meant, and with no other", async () => {
    const socket = join(folder, "agent");
    const started = execFileSync("ssh-agent", ["-a", socket]).toString();
    const pid = Number(/SSH_AGENT_PID=(\d+)/u.exec(started)?.[1]);
    try {
      const [held, other] = [makeKey(["rsa", "2048"]), makeKey(["ed25519"])];
      execFileSync("ssh-add", ["-q", held], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      const { armored } = await sign(`${held}.pub`, socket);
      expect(verifySignature(armored, message, namespace).ok).toBe(true);
      expect(await codesOf(sign(`${other}.pub`, socket) as never)).toEqual(["SIGNING_FAILED"]);
    } finally {
      process.kill(pid);
    }
  });

  test("no agent, a dead one, a missing file, a public key in place of a private one", async () => {
    const file = makeKey(["ed25519"]);
    expect(await codesOf(sign("agent") as never)).toEqual(["SIGNING_FAILED"]);
    expect(await codesOf(sign("agent", join(folder, "none")) as never)).toEqual(["SIGNING_FAILED"]);
    expect(await codesOf(sign(join(folder, "none")) as never)).toEqual(["KEY_UNREADABLE"]);
    expect(await codesOf(sign(join(folder, "none.pub"), join(folder, "none")) as never)).toEqual(["KEY_UNREADABLE"]);
    writeFileSync(join(folder, "renamed"), readFileSync(`${file}.pub`), { mode: 0o600 });
    expect(await codesOf(sign(join(folder, "renamed")) as never)).toEqual(["KEY_UNREADABLE"]);
  });
});
