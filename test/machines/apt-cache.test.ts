import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { appendFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ClusterFolder } from "../integration/barclamps/halligan.ts";
import { startNspawn, type TestLab } from "../support/lab.ts";
import { onNode } from "../support/lab-ssh.ts";

/** The cache for packages on n1, its user n2. Needs root. */
describe("apt-cache", { timeout: 600_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  /** A repository on this machine, and who asked it for what. */
  let mirror: Server;
  const asked: string[] = [];
  /** A name server that knows no name: answers are all the cache needs, also for a source given by address. */
  let names: Socket;
  const on = async (index: number, command: string): Promise<string> => (await onNode(lab.status, index, command)).stdout;
  const address = (index: number): string => lab.status.nodes[index - 1]?.address ?? "";
  const bridge = (): string => address(1).replace(/\d+$/u, "1");

  beforeAll(async () => {
    lab = await startNspawn(2);
    cluster = new ClusterFolder(lab.folder).withPatience();
    // Machines of the lab have no way out but the lab's own proxy, which is an upstream like any other.
    appendFileSync(
      cluster.file,
      `deployments:
  ground:
    place: { apt-cache: { on: n1 }, base: { on: n2 } }
    set: { apt-cache: { upstream: "http://${bridge()}:3142" } }
`,
    );
    mirror = createServer((request, response) => {
      asked.push(`${request.socket.remoteAddress} ${request.url}`);
      if (request.url === "/flat/Packages")
        response.setHeader("Content-Type", "application/octet-stream").end("Package: hg-cached\nVersion: 1\n");
      else response.writeHead(404).end();
    });
    // Not a port of the system's choice: apt-cacher-ng 3.7 answers 503 for sources at ports above 32767.
    await new Promise<void>((resolve) => mirror.listen(8099, bridge(), resolve));
    names = createSocket("udp4", (query, { address: from, port }) => {
      const answer = Buffer.from(query);
      answer.writeUInt16BE(0x8183, 2); // RFC 1035, 4.1.1: a response, recursion wished and there, no such name
      names.send(answer, port, from);
    });
    await new Promise<void>((resolve) => names.bind(53, bridge(), resolve));
    await cluster.discover();
    // The cache asks a name server before each source; the lab has none, and that is said before anything is changed.
    await on(1, "umount /etc/resolv.conf 2>/dev/null; rm -f /etc/resolv.conf; echo 'nameserver 192.0.2.1' >/etc/resolv.conf");
  }, 600_000);
  afterAll(async () => {
    mirror.close();
    names.close();
    await lab.dispose();
  }, 120_000);

  test("a node's package lists and packages come through it, over an upstream proxy", async () => {
    expect((await cluster.run("plan", "--json")).stdout).toContain("APTCACHE-104");
    await on(1, "echo 'nameserver 127.0.0.1' >/etc/resolv.conf");
    await cluster.apply();
    expect(await on(2, "apt-config dump Acquire::http::Proxy")).toBe(`Acquire::http::Proxy "http://${address(1)}:3142";\n`);
    const update = await onNode(lab.status, 2, "rm -rf /var/lib/apt/lists/* && apt-get -q update 2>&1");
    expect(`${update.code} ${update.code === 0 ? "" : update.stdout}`).toBe("0 ");
    expect(await on(2, "apt-get -q -y install --no-install-recommends hello >/dev/null 2>&1; hello -t 2>&1 | head -c 5")).toBe("hello");
    expect(await on(1, "find /var/cache/apt-cacher-ng -type f | sed 's#.*/##' | grep -E '^(InRelease|hello_.*deb)$' | sort -u")).toMatch(
      /^InRelease\nhello_.*\.deb\n$/u,
    );
    expect(await cluster.plan()).toEqual({});
  });

  test("without an upstream it asks the repository itself", async () => {
    cluster.edit((text) => text.replace(/ {4}set: \{ apt-cache: .*\n/u, ""));
    expect((await cluster.run("plan", "--json")).stdout).toContain("APTCACHE-104"); // refused at 127.0.0.1: enough with an upstream alone
    await on(1, `echo 'nameserver ${bridge()}' >/etc/resolv.conf`);
    await cluster.apply();
    const { port } = mirror.address() as AddressInfo;
    const update = await onNode(
      lab.status,
      2,
      `echo 'deb [trusted=yes] http://${bridge()}:${port}/ flat/' >/root/flat.list && apt-get -q update -o Dir::Etc::sourcelist=/root/flat.list -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 2>&1; apt-cache -o Dir::Etc::sourcelist=/root/flat.list show hg-cached | head -1; rm /root/flat.list`,
    );
    expect(update.stdout).toContain("Package: hg-cached\n");
    expect(asked).toContain(`${address(1)} /flat/Packages`);
    expect(asked.filter((line) => !line.startsWith(`${address(1)} `))).toEqual([]);
  });

  test("when it goes, nodes fetch by themselves again", async () => {
    cluster.edit((text) => text.replace("apt-cache: { on: n1 }, ", ""));
    await cluster.apply();
    expect(await on(2, "apt-config dump Acquire::http::Proxy")).toBe(`Acquire::http::Proxy "http://${bridge()}:3142";\n`);
    expect(await on(1, "ls -d /etc/apt-cacher-ng /var/cache/apt-cacher-ng 2>/dev/null; getent passwd apt-cacher-ng")).toBe("");
    expect(await cluster.plan()).toEqual({});
  });
});
