import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { hostKeyFrom, parseKnownHosts } from "../../../../src/core/adapters/ssh/known-hosts.ts";
import { pinHostKey } from "../../../../src/core/adapters/ssh/pin.ts";
import { hasCode } from "../../../../src/core/errors.ts";

const dir = mkdtempSync(join(tmpdir(), "hg-pin-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A key in wire form with this number in it. */
function keyOf(number: number) {
  const type = Buffer.from("ssh-ed25519");
  const head = Buffer.alloc(4);
  head.writeUInt32BE(type.length);
  const body = Buffer.alloc(36, number);
  body.writeUInt32BE(32);
  return hostKeyFrom(Buffer.concat([head, type, body]));
}

describe("pinning", () => {
  it("keeps every pin of several processes that write at once, each once", async () => {
    const file = join(dir, "deep", "known_hosts");
    const module = join(import.meta.dirname, "../../../../src/core/adapters/ssh/pin.ts");
    const known = join(import.meta.dirname, "../../../../src/core/adapters/ssh/known-hosts.ts");
    const script = `
      const { pinHostKey } = await import(${JSON.stringify(module)});
      const { hostKeyFrom } = await import(${JSON.stringify(known)});
      const key = hostKeyFrom(Buffer.from(${JSON.stringify(Buffer.from(keyOf(7).blob).toString("base64"))}, "base64"));
      await Promise.all(Array.from({ length: 25 }, (_, n) => pinHostKey(${JSON.stringify(file)}, "h" + n, 22, key)));`;
    const run = promisify(execFile);
    await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, ["--input-type=module", "-e", script])));
    const text = readFileSync(file, "utf8");
    expect(text.split("\n").filter((line) => line !== "")).toHaveLength(25);
    const parsed = parseKnownHosts(text, file);
    for (let n = 0; n < 25; n++) expect(parsed.find(`h${n}`)).toHaveLength(1);
  });

  it("refuses to pin a second key beside another one", async () => {
    const file = join(dir, "second");
    await pinHostKey(file, "h", 22, keyOf(1));
    const error = await pinHostKey(file, "h", 22, keyOf(2)).catch((thrown: unknown) => thrown);
    expect(hasCode(error, "HOST_KEY_CHANGED")).toBe(true);
    expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(1);
  });

  it("ends a last line that has no line end", async () => {
    const file = join(dir, "unended");
    writeFileSync(file, "# mine");
    await pinHostKey(file, "h", 2222, keyOf(1));
    expect(readFileSync(file, "utf8")).toMatch(/^# mine\n\[h\]:2222 ssh-ed25519 \S+\n$/);
  });

  it("takes over the lock of a process that died long ago", async () => {
    const file = join(dir, "stale");
    writeFileSync(`${file}.lock`, "");
    utimesSync(`${file}.lock`, new Date(0), new Date(0));
    await pinHostKey(file, "h", 22, keyOf(1));
    expect(readFileSync(file, "utf8")).toContain("h ssh-ed25519");
  });

  it("says which file it cannot write", async () => {
    writeFileSync(join(dir, "plain"), "");
    const error = await pinHostKey(join(dir, "plain", "known_hosts"), "h", 22, keyOf(1)).catch((thrown: unknown) => thrown);
    expect(hasCode(error, "KNOWN_HOSTS_UNUSABLE")).toBe(true);
    expect(String(error)).toContain(join(dir, "plain", "known_hosts"));
  });
});
