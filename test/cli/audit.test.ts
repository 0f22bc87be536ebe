import { copyFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { AuditDocument } from "../../src/core/commands/authority/audit.ts";
import type { AuditVerifiedDocument } from "../../src/core/commands/authority/audit-verify.ts";
import { entryHash, genesis, type KeptEntry } from "../../src/core/authority/audit/chain.ts";
import { halligan, type Ran, temporaryFolder } from "./run-cli.ts";

const cluster =
  "halligan: 1\ncluster: t\nssh: { user: root, port: 1, hostKeys: strict }\nnodes: { a: { address: 127.0.0.1 }, b: { address: 127.0.0.2 } }\ndeployments: { web: { place: {} } }\n";

function inFolder(folder: string): (...args: readonly string[]) => Promise<Ran> {
  return (...args) => halligan(args, { cwd: folder, env: { HOME: folder } });
}

test("a history that was rewritten is found, in the store and in a copy, with keys and a checkpoint kept elsewhere", async () => {
  using folder = temporaryFolder();
  const run = inFolder(folder.path);
  writeFileSync(join(folder.path, "cluster.yaml"), cluster);
  await run("nodes");
  await run("apply", "--yes");
  expect((await run("audit", "key")).stdout).toMatch(/^ssh-ed25519 AAAA\S{64} halligan-audit\n$/u);
  writeFileSync(join(folder.path, "keys.pub"), (await run("audit", "key")).stdout);
  const whole = await run("audit", "verify", "--json");
  const { newest, entries } = JSON.parse(whole.stdout) as AuditVerifiedDocument;
  expect([whole.code, newest?.n]).toEqual([0, 4]); // nodes, apply, its run's start and end
  expect(entries).toBeGreaterThan(4);

  const exported = (await run("audit", "export")).stdout.trimEnd().split("\n");
  let prev: string = genesis;
  for (const line of exported) {
    const { type, hash, ...open } = JSON.parse(line) as KeptEntry & { type: string };
    if (type !== "audit.recorded") continue;
    expect([open.prev, entryHash(open)]).toEqual([prev, hash]);
    prev = hash;
  }

  const db = new DatabaseSync(join(folder.path, ".halligan/state.db"));
  db.exec(`UPDATE events SET data = replace(data, '"action":"apply"', '"action":"status"') WHERE stream = 'audit' AND version = 2`);
  db.close();
  const edited = await run("audit", "verify");
  expect(edited.code).toBe(1);
  expect(edited.stdout).toMatch(/^The audit is not as it was written .*\n {2}edited {2}Entry 2 is not as it was written\.\n/u);

  const copy = join(folder.path, "copy.db");
  copyFileSync(join(folder.path, ".halligan/state.db"), copy);
  const cut = new DatabaseSync(copy);
  cut.exec("DELETE FROM events WHERE stream LIKE 'audit%' AND (version > 1 OR stream <> 'audit')");
  cut.close();
  const elsewhere = temporaryFolder();
  using _ = elsewhere;
  const outside = inFolder(elsewhere.path);
  const keys = join(folder.path, "keys.pub");
  expect((await outside("audit", "verify-copy", copy, "--key", keys)).code).toBe(0);
  const marked = await outside("audit", "verify-copy", copy, "--key", keys, "--checkpoint", newest?.mark ?? "", "--json");
  expect(marked.code).toBe(1);
  expect((JSON.parse(marked.stdout) as AuditVerifiedDocument).findings.map(({ what, n }) => [what, n])).toEqual([["tail-cut", 4]]);
});

test("exec wants an operator of the whole cluster; who is refused is on record with the command", async () => {
  using folder = temporaryFolder();
  const run = inFolder(folder.path);
  writeFileSync(join(folder.path, "cluster.yaml"), cluster);
  const people = (roles: string): void =>
    writeFileSync(
      join(folder.path, "people.yaml"),
      `halligan: 1\npeople: { pat: { local: [${userInfo().username}] }, root2: { local: [somebody-else] } }\nroles: { observer: [pat], admin: [root2] ${roles}`,
    );
  people("}\ndeployments: { web: { roles: { operator: [pat] } } }\n");
  const refused = await run("exec", "all", "--yes", "--", "rm", "-rf", "/important");
  expect(refused.code).toBe(3);
  expect(refused.stderr).toMatch(/^NOT_ALLOWED /u);
  const { entries } = JSON.parse((await run("audit", "--refused", "--json")).stdout) as AuditDocument;
  expect(entries).toEqual([
    expect.objectContaining({
      by: "pat",
      action: "exec",
      decision: "refused",
      code: "NOT_ALLOWED",
      principal: `local:${userInfo().username}`,
    }),
  ]);
  expect(JSON.stringify(entries)).toContain("/important");
  expect((await run("audit", "--action", "exec run", "--json")).stdout).toContain('"entries":[]');

  people(", operator: [pat] }\n");
  expect((await run("exec", "all", "--yes", "--", "true")).code).toBe(5); // allowed; nobody listens on that port
});
