import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openLogs } from "../../../../src/core/adapters/logs.ts";
import { ensureKnownHosts } from "../../../../src/core/adapters/ssh/pin.ts";
import { openStore } from "../../../../src/core/adapters/store/open.ts";

let folder: string;
let umask: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "halligan-shared-"));
  umask = process.umask(0o007); // as the command line sets it where `.halligan` is shared
});
afterEach(() => {
  process.umask(umask);
  rmSync(folder, { recursive: true });
});

const mode = (...path: readonly string[]): string => (statSync(join(folder, ...path)).mode & 0o7777).toString(8);

async function use(home: string): Promise<void> {
  const store = await openStore(join(home, "state.db"));
  await store.append("x", [{ type: "x", data: {} }]);
  await store.close();
  await openLogs(join(home, "logs")).append({ run: "R-1", node: "n", role: "r" }, Buffer.from("x"));
  await ensureKnownHosts(join(home, "known_hosts"));
}

const untracked = (): string => execFileSync("git", ["-C", folder, "status", "--porcelain", "-uall"], { encoding: "utf8" });

describe("what is made in .halligan", () => {
  test.each([
    ["by the store", use],
    ["by the first accepted host key", (home: string) => ensureKnownHosts(join(home, "known_hosts"))],
    ["before it was kept out of git", (home: string) => (mkdirSync(home), writeFileSync(join(home, "identity"), "x"), use(home))],
  ])("is not offered to git: %s", async (_what, make) => {
    execFileSync("git", ["init", "-q", folder]);
    writeFileSync(join(folder, "cluster.yaml"), "halligan: 1\n");
    await make(join(folder, ".halligan"));
    expect(untracked()).toBe("?? cluster.yaml\n");
  });

  test("keeps a .gitignore that somebody wrote", async () => {
    mkdirSync(join(folder, ".halligan"));
    writeFileSync(join(folder, ".halligan", ".gitignore"), "mine\n");
    await use(join(folder, ".halligan"));
    expect(readFileSync(join(folder, ".halligan", ".gitignore"), "utf8")).toBe("mine\n");
  });

  test("is its owner's alone", async () => {
    await use(join(folder, ".halligan"));
    expect([mode(".halligan"), mode(".halligan", "state.db"), mode(".halligan", "known_hosts")]).toEqual(["700", "600", "600"]);
    expect([mode(".halligan", "logs", "R-1"), mode(".halligan", "logs", "R-1", "n", "r.log")]).toEqual(["700", "600"]);
  });

  test("is the group's as well where somebody has made the folder a shared one", async () => {
    mkdirSync(join(folder, ".halligan"));
    chmodSync(join(folder, ".halligan"), 0o2770);
    await use(join(folder, ".halligan"));
    expect([mode(".halligan"), mode(".halligan", "state.db"), mode(".halligan", "known_hosts")]).toEqual(["2770", "660", "660"]);
    expect([mode(".halligan", "logs", "R-1"), mode(".halligan", "logs", "R-1", "n", "r.log")]).toEqual(["2770", "660"]);
  });

  test("is nobody else's only because the group may write, without the setgid bit", async () => {
    mkdirSync(join(folder, ".halligan"));
    chmodSync(join(folder, ".halligan"), 0o777);
    await use(join(folder, ".halligan"));
    expect([mode(".halligan"), mode(".halligan", "state.db")]).toEqual(["700", "600"]);
  });

  test("is its owner's alone in a cluster folder that is shared", async () => {
    chmodSync(folder, 0o2775);
    await use(join(folder, ".halligan"));
    expect([mode(".halligan").slice(-3), mode(".halligan", "state.db")]).toEqual(["700", "600"]);
  });

  test("a store that was open to others is closed to them, in a shared folder up to the group", async () => {
    mkdirSync(join(folder, ".halligan"));
    chmodSync(join(folder, ".halligan"), 0o2770);
    writeFileSync(join(folder, ".halligan", "state.db"), "");
    chmodSync(join(folder, ".halligan", "state.db"), 0o666);
    await use(join(folder, ".halligan"));
    expect(mode(".halligan", "state.db")).toBe("660");
  });
});

test("elsewhere the modes of folders mean nothing: a store named with --state is its owner's alone", async () => {
  mkdirSync(join(folder, "project"));
  chmodSync(join(folder, "project"), 0o2775);
  await use(join(folder, "project"));
  expect([mode("project"), mode("project", "state.db")]).toEqual(["2775", "600"]);
});
