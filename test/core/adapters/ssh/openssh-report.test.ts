import { expect, test } from "vitest";
import { explainOpenssh } from "../../../../src/core/adapters/ssh/openssh-report.ts";
import type { SshTarget } from "../../../../src/core/ports.ts";

const common = { user: "root", transport: "openssh" as const, keys: [], jumps: [], hostKeys: "strict" as const, connectTimeoutMs: 1_000 };
const knownHosts = { file: "/nowhere", alsoRead: [] };
const jump: SshTarget = { ...common, node: "j1", address: "192.0.2.1", port: 22, knownHosts };
const target: SshTarget = { ...jump, node: "n1", address: "192.0.2.2", port: 1, jumps: [jump] };

test.each(["kex_exchange_identification: Connection closed by remote host", "kex_exchange_identification: write: Broken pipe"])(
  "a way that ends at the last jump host is told with its reason, whatever ssh says of the cut: %s",
  async (cut) => {
    const beyond = "channel 0: open failed: connect failed: Connection refused\r\nstdio forwarding failed";
    for (const text of [`${beyond}\r\n${cut}\r\n`, `${cut}\r\n${beyond}\r\n`]) {
      expect((await explainOpenssh(target, text)).problems).toMatchObject([{ code: "HOST_UNREACHABLE", cause: "Connection refused" }]);
    }
  },
);

test("a server that breaks off before its greeting dropped us, however ssh heard of it", async () => {
  for (const cut of ["read: Connection reset by peer", "write: Broken pipe", "Connection closed by remote host"]) {
    const [problem] = (await explainOpenssh(jump, `kex_exchange_identification: ${cut}\r\n`)).problems;
    expect(problem).toMatchObject({ code: "HOST_UNREACHABLE" });
    expect(problem.cause).toContain("MaxStartups");
  }
});
