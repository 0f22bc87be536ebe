import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../src/core/adapters/store/sqlite/open.ts";
import { describeStoreContract } from "./store-contract.ts";

describeStoreContract("sqlite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "halligan-store-"));
  const file = join(folder, "state.db");
  return {
    url: `sqlite:${file}`,
    open: ({ clock, room } = {}) => openSqliteStore(file, { ...(clock && { clock }), ...(room && { maxBytes: room }) }),
    dispose: () => rm(folder, { recursive: true }),
  };
});
