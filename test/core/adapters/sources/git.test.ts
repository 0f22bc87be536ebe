import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBarclampFolder } from "../../../../src/core/adapters/files/read-barclamp.ts";
import { cachedFolder, keepCached, readCached } from "../../../../src/core/adapters/sources/cache.ts";
import { runGit } from "../../../../src/core/adapters/sources/git-command.ts";
import { fetchGit } from "../../../../src/core/adapters/sources/git-source.ts";
import { filesBelow, type TreeEntry } from "../../../../src/core/adapters/sources/git-tree.ts";
import { HalliganError } from "../../../../src/core/errors.ts";
import { bundleDigest } from "../../../../src/core/files/bundle-digest.ts";

const signal = new AbortController().signal;
let folder: string;
let repository: string;

function git(...args: readonly string[]): string {
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "protocol.file.allow=always", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...who, ...args], { cwd: repository, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

function write(path: string, text: string): void {
  mkdirSync(join(repository, path, ".."), { recursive: true });
  writeFileSync(join(repository, path), text);
}

async function codesOf(work: Promise<unknown>): Promise<readonly string[]> {
  try {
    await work;
    return [];
  } catch (error) {
    if (error instanceof HalliganError) return error.problems.map((each) => each.code);
    throw error;
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "halligan-sources-"));
  repository = join(folder, "repository");
  mkdirSync(repository);
  git("init", "--quiet", "--initial-branch=main");
  write("motd/barclamp.yaml", "barclamp: motd\nversion: 1.0.0\nroles: {}\n");
  write("motd/files/a", "one\n");
  git("add", "-A");
  git("commit", "--quiet", "-m", "one");
  git("tag", "v1");
  write("motd/files/a", "two\n");
  write("motd/files/deep/b", "b\n");
  symlinkSync("deep", join(repository, "motd/files/linked"));
  symlinkSync("../files/a", join(repository, "motd/files/same"));
  git("add", "-A");
  git("commit", "--quiet", "-m", "two");
  git("branch", "feature/x");
  symlinkSync("../../../../etc/passwd", join(repository, "motd/files/out"));
  git("add", "-A");
  git("commit", "--quiet", "-m", "three");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("git repositories", () => {
  test("a tag, a branch with a slash, and a commit that no branch ends with", async () => {
    const first = git("rev-parse", "v1");
    expect((await fetchGit({ url: repository, ref: "v1", path: "motd" }, signal)).commit).toBe(first);
    const bundle = await fetchGit({ url: `file://${repository}`, ref: first, path: "motd" }, signal);
    expect(new TextDecoder().decode(bundle.files.get("files/a"))).toBe("one\n");
    expect((await fetchGit({ url: repository, ref: "feature/x", path: "motd" }, signal)).commit).toBe(git("rev-parse", "feature/x"));
  });

  test("links inside become files, and the files are those that the folder itself has", async () => {
    const { files } = await fetchGit({ url: repository, ref: "feature/x", path: "motd" }, signal);
    expect([...files.keys()].toSorted()).toEqual(["barclamp.yaml", "files/a", "files/deep/b", "files/linked/b", "files/same"]);
    const work = join(folder, "work");
    git("worktree", "add", "--quiet", work, "feature/x");
    expect(bundleDigest((await readBarclampFolder(join(work, "motd"))).files)).toBe(bundleDigest(files));
  });

  test.each([
    ["a link out of the barclamp", "main", "motd", "PATH_ESCAPES"],
    ["a folder without barclamp", "main", "", "SOURCE_NO_BARCLAMP"],
    ["a branch that is not there", "nothing", "motd", "SOURCE_REF_UNKNOWN"],
    ["a commit that is not there", "0".repeat(40), "motd", "SOURCE_REF_UNKNOWN"],
  ])("%s", async (_what, ref, path, code) => {
    expect(await codesOf(fetchGit({ url: repository, ref, path }, signal))).toEqual([code]);
  });

  test("without git the message says what to install, not that the source is unreachable for some reason", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = folder;
    try {
      await expect(fetchGit({ url: repository, path: "motd" }, signal)).rejects.toMatchObject({
        problems: [
          {
            code: "SOURCE_UNREACHABLE",
            message: expect.stringContaining("git is not installed"),
            hint: expect.stringContaining("Install git"),
          },
        ],
      });
    } finally {
      process.env["PATH"] = path;
    }
  });

  test("no repository at all", async () => {
    expect(await codesOf(fetchGit({ url: join(folder, "nothing"), path: "" }, signal))).toEqual(["SOURCE_UNREACHABLE"]);
    expect(await codesOf(fetchGit({ url: "ext::sh -c 'touch /tmp/never' x", path: "" }, signal))).toEqual(["SOURCE_UNREACHABLE"]);
  });

  test("hooks of the caller's own configuration are not run, and submodules are left out by name", async () => {
    const hooks = join(folder, "hooks");
    mkdirSync(hooks);
    for (const name of ["reference-transaction", "post-checkout"]) {
      writeFileSync(join(hooks, name), `#!/bin/sh\ntouch ${join(folder, "ran")}\n`);
      chmodSync(join(hooks, name), 0o755);
    }
    const config = join(folder, ".gitconfig");
    writeFileSync(config, `[core]\n\thooksPath = ${hooks}\n[protocol "file"]\n\tallow = always\n[init]\n\ttemplateDir = ${hooks}\n`);
    git("checkout", "--quiet", "-b", "sub", "v1");
    git("submodule", "--quiet", "add", "--", repository, "motd/files/sub");
    git("commit", "--quiet", "-m", "sub");
    const home = process.env["HOME"];
    process.env["HOME"] = folder;
    try {
      const { files, submodules } = await fetchGit({ url: repository, ref: "sub", path: "motd" }, signal);
      expect(submodules).toEqual(["files/sub"]);
      expect([...files.keys()]).not.toContain("files/sub");
    } finally {
      process.env["HOME"] = home;
    }
    expect(existsSync(join(folder, "ran"))).toBe(false);
  });

  test("git is ended when it takes too long, prints too much, or nobody waits", async () => {
    const slow = ["-c", "alias.wait=!sleep 600", "wait"];
    expect(await runGit(folder, slow, { deadlineMs: 100, outBytes: 100 }, signal)).toMatchObject({ ok: false });
    expect(await runGit(repository, ["cat-file", "-p", "main:motd/barclamp.yaml"], { deadlineMs: 60_000, outBytes: 5 }, signal)).toEqual({
      ok: false,
      why: "it printed too much",
    });
    expect(await runGit(folder, slow, { deadlineMs: 60_000, outBytes: 100 }, AbortSignal.abort())).toEqual({
      ok: false,
      why: "it was interrupted",
    });
  });
});

test.each(["../x", "a/../../x", "/etc/x", "a\\b", "a\nb", "a//b"])("a crafted tree cannot place a file at %j", (path) => {
  const entry: TreeEntry = { mode: "100644", id: "0", size: 1, path };
  expect(() => filesBelow([entry], "", () => "")).toThrow(/no barclamp may have/u);
});

test("links in a circle, to nothing and to the barclamp itself are refused; what is too large is not read", () => {
  const link = (path: string): TreeEntry => ({ mode: "120000", id: path, size: 1, path });
  const to = (target: string) => (): string => target;
  for (const target of ["a", "nothing", ".", "/etc", "../x"])
    expect(() => filesBelow([link("a")], "", to(target))).toThrow(/symbolic link/u);
  expect(() => filesBelow([{ mode: "100644", id: "0", size: 65 * 1024 * 1024, path: "a" }], "", to(""))).toThrow(/more than/u);
});

test("the cache gives exactly what was kept, tells what was altered and replaces it", async () => {
  const files = new Map([
    ["barclamp.yaml", new TextEncoder().encode("x")],
    ["files/a/b", new Uint8Array([0, 255])],
  ]);
  const cluster = join(folder, "cluster");
  mkdirSync(cluster);
  const digest = await keepCached(cluster, files);
  expect(await readCached(cluster, digest)).toEqual(files);
  writeFileSync(join(cachedFolder(cluster, digest), "files/a/extra"), "x");
  expect(await readCached(cluster, digest)).toBe("altered");
  expect(await keepCached(cluster, files)).toBe(digest);
  expect(await readCached(cluster, digest)).toEqual(files);
  expect(await readCached(cluster, `sha256:${"0".repeat(64)}`)).toBe("missing");
});
