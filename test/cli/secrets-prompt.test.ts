import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPty } from "../support/pty.ts";
import { halligan, temporaryFolder } from "./run-cli.ts";

/** A cluster folder with one secret that is asked for and one that comes from a file. */
function folderWithSecrets(path: string): void {
  mkdirSync(join(path, "barclamps/box"), { recursive: true });
  writeFileSync(
    join(path, "barclamps/box/barclamp.yaml"),
    "barclamp: box\nversion: 1.0.0\nattributes: { x: { type: secret }, y: { type: secret }, z: { type: secret } }\nroles: { box: { steps: [] } }\n",
  );
  writeFileSync(
    join(path, "cluster.yaml"),
    "halligan: 1\ncluster: t\nnodes: { a: { address: 127.0.0.1 } }\ndeployments:\n  d: { place: { box: all }, secrets: { box.x: { ask: true }, box.y: { file: y.txt }, box.z: { generate: 16 } } }\n",
  );
}

/** Everything below `.halligan`, as one text. */
function kept(path: string): string {
  const files = readdirSync(join(path, ".halligan"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1")).join("\n");
}

test("a value is typed twice and never shown; two that differ are refused", { timeout: 60_000 }, async () => {
  using folder = temporaryFolder();
  folderWithSecrets(folder.path);
  for (const again of ["typedCanary-8431", "typedCanary-8432"]) {
    await using terminal = openPty(["secrets", "set", "box.x"], { cwd: folder.path });
    await terminal.see("value of [secret box.x]: ", 20_000);
    terminal.press("typedCanary-8431", "\r");
    await terminal.see("value of [secret box.x], again: ", 20_000);
    terminal.press(again, "\r");
    const right = again.endsWith("1");
    await terminal.see(right ? "d/box.x: version 1" : "SECRET_UNFIT", 20_000);
    expect((await terminal.exit).code).toBe(right ? 0 : 2);
    expect(terminal.raw()).not.toContain("typedCanary");
  }
  expect(kept(folder.path)).not.toContain("typedCanary");
});

test("a passphrase lets a machine in that has lost its key", { timeout: 90_000 }, async () => {
  using folder = temporaryFolder();
  folderWithSecrets(folder.path);
  const run = (...args: readonly string[]) => halligan(["secrets", ...args, "--json"], { cwd: folder.path, env: { HOME: folder.path } });
  expect((await run("generate", "box.z")).code).toBe(0);
  {
    await using terminal = openPty(["secrets", "recipients", "add", "passphrase"], { cwd: folder.path });
    await terminal.see("passphrase: ", 20_000);
    terminal.press("correct horse battery", "\r");
    await terminal.see("passphrase, again: ", 20_000);
    terminal.press("correct horse battery", "\r");
    expect((await terminal.exit).code).toBe(0);
    expect(terminal.raw()).not.toContain("correct horse");
  }
  rmSync(join(folder.path, ".halligan/identity"));
  const refused = await run("rotate", "box.z");
  expect([refused.code, refused.stdout]).toEqual([2, expect.stringMatching(/NOT_A_RECIPIENT|SECRET_UNREADABLE/u)]);
  {
    await using terminal = openPty(["secrets", "recipients", "add", "own", "--with", "passphrase"], { cwd: folder.path });
    await terminal.see("passphrase of the secrets: ", 20_000);
    terminal.press("correct horse battery", "\r");
    expect((await terminal.exit).code).toBe(0);
  }
  expect((await run("rotate", "box.z")).stdout).toContain('"before":1,"version":2');
  expect(kept(folder.path)).not.toContain("correct horse");
});

test("a value that was typed as an argument is refused and not repeated", async () => {
  using folder = temporaryFolder();
  folderWithSecrets(folder.path);
  const ran = await halligan(["secrets", "set", "box.x", "argumentCanary"], { cwd: folder.path, env: { HOME: folder.path } });
  expect([ran.code, ran.stdout]).toEqual([2, ""]);
  expect(ran.stderr).toContain("a value is never one");
  expect(ran.stderr).not.toContain("argumentCanary");
});

test("what comes from elsewhere is not set here, and names that nobody has are told with those that are near", async () => {
  using folder = temporaryFolder();
  folderWithSecrets(folder.path);
  const run = (...args: readonly string[]) => halligan(["secrets", ...args], { cwd: folder.path, env: { HOME: folder.path } });
  expect((await run("set", "box.y")).stderr).toContain("SECRET_ELSEWHERE");
  const unknown = await run("rotate", "box.q", "box.w");
  expect([unknown.code, [...unknown.stderr.matchAll(/SECRET_UNKNOWN/gu)].length]).toEqual([2, 2]);
  expect((await run("set", "box.x")).stderr).toContain("SECRET_MISSING");
});
