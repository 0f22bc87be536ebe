import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startAptProxy } from "../../../../src/core/adapters/lab/nspawn/apt-proxy.ts";
import { archiveSources, parseAptSources } from "../../../../src/core/adapters/lab/nspawn/apt-sources.ts";

const STANZAS = `# comment
Types: deb deb-src
URIs: http://deb.debian.org/debian
Suites: bookworm-updates bookworm
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: https://example.org/node
Suites: nodistro
Components: main

Enabled: no
Types: deb
URIs: http://off.example
Suites: bookworm
Components: main
`;

test("finds the distribution's archive among apt sources of both formats", () => {
  const list =
    "deb [arch=amd64 signed-by=/x] http://archive.ubuntu.com/ubuntu noble main universe # note\n# deb http://no noble main\ndeb-src http://s noble main\n";
  expect(parseAptSources(list, "list")).toEqual([
    { uri: "http://archive.ubuntu.com/ubuntu", suite: "noble", components: ["main", "universe"] },
  ]);
  expect(archiveSources(parseAptSources(STANZAS, "sources"), "bookworm")).toEqual([
    { uri: "http://deb.debian.org/debian", suite: "bookworm", components: ["main", "contrib"] },
    { uri: "http://deb.debian.org/debian", suite: "bookworm-updates", components: ["main", "contrib"] },
  ]);
});

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

async function get(proxyPort: number, url: string): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port: proxyPort, path: url, headers: { host: new URL(url).host } }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode, body }));
      response.on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}

test("the proxy keeps packages, always asks for indexes, and keeps nothing that was cut or refused", async () => {
  const asked: string[] = [];
  const mirror = createServer((incoming, response) => {
    asked.push(incoming.url ?? "");
    if (incoming.url === "/cut.deb") {
      response.writeHead(200, { "content-length": 100 });
      response.write("only a part", () => response.destroy());
    } else if (incoming.url === "/missing.deb") response.writeHead(404).end("no");
    else response.writeHead(200, { "content-length": 7 }).end("content");
  });
  await new Promise<void>((resolve) => mirror.listen(0, "127.0.0.1", () => resolve()));
  const cache = mkdtempSync(join(tmpdir(), "halligan-apt-"));
  const proxy = await startAptProxy("127.0.0.1", 0, cache);
  const at = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
  try {
    for (const path of ["/a.deb", "/a.deb", "/Release", "/Release", "/missing.deb"])
      expect((await get(proxy.port, at + path)).status).toBe(path === "/missing.deb" ? 404 : 200);
    await expect(get(proxy.port, `${at}/cut.deb`)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(asked).toEqual(["/a.deb", "/Release", "/Release", "/missing.deb", "/cut.deb"]);
    expect((await get(proxy.port, `${at}/a.deb`)).body).toBe("content");
    await expect.poll(() => readdirSync(cache).length).toBe(1);
    mirror.closeAllConnections();
    await new Promise<void>((resolve) => mirror.close(() => resolve()));
    expect((await get(proxy.port, `${at}/a.deb`)).body).toBe("content");
    expect((await get(proxy.port, `${at}/b.deb`)).status).toBe(504);
  } finally {
    await proxy.close();
    mirror.close();
    rmSync(cache, { recursive: true, force: true });
  }
});
