import { writeFileSync } from "node:fs";
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
