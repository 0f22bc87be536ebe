import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keepFiles, readFiles, readKept } from "../../src/cli/house/files.ts";
import { openStore } from "../../src/core/adapters/store/open.ts";
import { temporaryFolder } from "./run-cli.ts";

test("what a plan was made from can be read again, settings of barclamps that are not placed included", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "cluster.yaml");
  const deployment = "  web: { place: { nginx: all }, set: { app: { port: 81 } }, secrets: { redis.password: { generate: 32 } } }\n";
  const nodes = "nodes:\n  n1: { address: 192.0.2.1, set: { base: { motd: hello } } }\n";
  writeFileSync(
    file,
    `halligan: 1\ncluster: a\nset: { haproxy: { port: 8080 } }\n${nodes}groups:\n  g: { on: all, set: { hello-web: { port: 82 } } }\ndeployments:\n${deployment}`,
  );
  const read = await readFiles(file, { user: "root" });
  const store = await openStore(join(folder.path, "state.db"));
  try {
    await keepFiles(store, read, { by: "ann", at: 1, head: true });
    const kept = await readKept(store, read.loaded.revision, file, { user: "root" });
    expect([...kept.barclamps.keys()].toSorted()).toEqual(["app", "base", "haproxy", "hello-web", "nginx", "redis"]);
  } finally {
    await store.close();
  }
});

test("files that are the same are judged once; an edit of any of them, byte by byte, counts at once", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "cluster.yaml");
  const own = join(folder.path, "barclamps/own");
  mkdirSync(own, { recursive: true });
  const barclamp = (path: string) =>
    writeFileSync(join(own, "barclamp.yaml"), `barclamp: own\nversion: 1.0.0\nroles:\n  r: { steps: [directory: ${path}] }\n`);
  const cluster = (address: string) =>
    writeFileSync(file, `halligan: 1\ncluster: a\nnodes: { n1: { address: ${address} } }\ndeployments: { d: { place: { r: all } } }\n`);
  const read = async (user = "root") => (await readFiles(file, { user })).loaded;
  cluster("192.0.2.1");
  barclamp("/srv/a");
  const first = await read();
  expect((await read()).cluster).toBe(first.cluster);
  expect((await read("ann")).cluster.nodes[0]?.ssh.user).toBe("ann");

  barclamp("/srv/b");
  const second = await read();
  expect(second.revision).not.toBe(first.revision);
  expect(JSON.stringify(second.barclamps.get("own")?.roles["r"])).toContain("/srv/b");
  cluster("192.0.2.2");
  expect((await read()).cluster.nodes[0]?.address).toBe("192.0.2.2");
  barclamp("relative");
  await expect(read()).rejects.toMatchObject({ problems: [{ code: expect.any(String) as string }] });
  await expect(read()).rejects.toMatchObject({ problems: [{ code: expect.any(String) as string }] });
  barclamp("/srv/a");
  cluster("192.0.2.1");
  expect((await read()).revision).toBe(first.revision);
});

test("roles of people's own may be called as descriptions of other barclamps have it, and none of those is read for it", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "cluster.yaml");
  const own = join(folder.path, "barclamps/own");
  mkdirSync(own, { recursive: true });
  const roles = ["a", "node", "cache", "web"];
  const lines = roles.map((role) => `  ${role}: { steps: [directory: /srv/${role}] }\n`).join("");
  writeFileSync(join(own, "barclamp.yaml"), `barclamp: own\nversion: 1.0.0\nroles:\n${lines}`);
  const place = roles.map((role) => `${role}: all`).join(", ");
  const cluster = (more = "") =>
    writeFileSync(
      file,
      `halligan: 1\ncluster: c\nnodes: { n1: { address: 192.0.2.1 } }\ndeployments: { d: { place: { ${place}${more} } } }\n`,
    );
  const read = async () => [...(await readFiles(file, { user: "root" })).loaded.barclamps.keys()].toSorted();
  cluster();
  expect(await read()).toEqual(["own"]);
  cluster(", hello-web: all, memcached: all");
  expect(await read()).toEqual(["hello-web", "memcached", "own"]);
});
