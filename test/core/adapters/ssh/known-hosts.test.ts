import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fingerprint, hostKeyFrom, hostName, knownHostsLine, parseKnownHosts } from "../../../../src/core/adapters/ssh/known-hosts.ts";

const base64 = "AAAAC3NzaC1lZDI1NTE5AAAAIFeAtvazjW4rYngkhfiH0V3M2becZKwOG6YXoKzoS7br";
const key = hostKeyFrom(Buffer.from(base64, "base64"));
const find = (text: string, name: string) => parseKnownHosts(text, "kh").find(name);
const line = (hosts: string): string => `${hosts} ssh-ed25519 ${base64}`;

describe("known_hosts", () => {
  it("prints fingerprints as OpenSSH does", () => {
    expect(key.type).toBe("ssh-ed25519");
    expect(fingerprint(key)).toBe("SHA256:HsoYqmQWfH6XLwHJKYGETRiuPiahfe+7HMQvTNA3wRY");
  });

  it("files port 22 under the bare name and other ports under [name]:port", () => {
    expect(hostName("Ctl-1.Example", 22)).toBe("ctl-1.example");
    expect(hostName("fe80::1", 2222)).toBe("[fe80::1]:2222");
    expect(find(knownHostsLine("10.0.0.1", 2222, key), "[10.0.0.1]:2222")).toHaveLength(1);
    expect(find(knownHostsLine("10.0.0.1", 2222, key), "10.0.0.1")).toHaveLength(0);
  });

  it.each([
    ["a,b,c", "b", true],
    ["A.Example", "a.example", true],
    ["*.example", "ctl.example", true],
    ["*.example", "example", false],
    ["10.0.0.?", "10.0.0.7", true],
    ["10.0.0.?", "10.0.0.77", false],
    ["*.example,!bad.example", "good.example", true],
    ["*.example,!bad.example", "bad.example", false],
    ["a.b", "axb", false],
    ["[*]:2222", "[h]:2222", true],
  ])("matches %s with %s: %s", (hosts, name, wanted) => {
    expect(find(line(hosts), name).length === 1).toBe(wanted);
  });

  it("matches hashed names", () => {
    const salt = Buffer.from("0123456789abcdefghij");
    const hash = createHmac("sha1", salt).update("[10.0.0.1]:2222").digest("base64");
    const text = line(`|1|${salt.toString("base64")}|${hash}`);
    expect(find(text, "[10.0.0.1]:2222")).toHaveLength(1);
    expect(find(text, "10.0.0.1")).toHaveLength(0);
  });

  it("keeps markers, line numbers and file order, and skips what it does not understand", () => {
    const text = [
      "# comment",
      line("*"),
      `@revoked ${line("h")}`,
      `@cert-authority ${line("h")}`,
      `@unknown ${line("h")}`,
      "h ssh-ed25519",
      "h ssh-rsa AAAA",
      `h ssh-rsa ${base64}`,
      line("h"),
    ].join("\r\n");
    expect(find(text, "h").map((each) => [each.kind, each.line])).toEqual([
      ["pinned", 2],
      ["revoked", 3],
      ["authority", 4],
      ["pinned", 9],
    ]);
  });
});
