import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitToGit, prepareGit } from "../../../../src/core/adapters/intent/git.ts";
import { replaceFile } from "../../../../src/core/adapters/intent/replace-file.ts";
import type { GitOutcome } from "../../../../src/core/intent/desk.ts";

let top: string;
let folder: string;
let file: string;

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "halligan-git-")));
  folder = join(top, "clusters", "lab");
  mkdirSync(folder, { recursive: true });
  file = join(folder, "cluster.yaml");
  writeFileSync(file, "a: 1\n");
});
afterEach(() => rmSync(top, { recursive: true }));

function git(...args: readonly string[]): string {
  return execFileSync("git", ["-C", top, "-c", "user.name=Setup", "-c", "user.email=setup@example.org", ...args], {
    encoding: "utf8",
  }).trim();
}

/** A repository with the file committed, two folders above it. */
function repository(): void {
  git("init", "-q", "-b", "main");
  git("config", "user.name", "Service");
  git("config", "user.email", "service@example.org");
  writeFileSync(join(top, "other"), "one\n");
  git("add", ".");
  git("commit", "-qm", "first");
}

/** What `propose commit` does: looks, writes, commits. */
async function change(text: string): Promise<GitOutcome> {
  const state = await prepareGit(file);
  await replaceFile(file, readFileSync(file, "utf8"), text);
  return state.kind === "ready" ? await commitToGit(file, "D-1: a\n\nbody\n", { name: "Ann Ops", email: "ann@halligan.invalid" }) : state;
}

test("in a subfolder of a dirty repository only the file is committed, by its author, on the branch", async () => {
  repository();
  writeFileSync(join(top, "other"), "changed\n");
  writeFileSync(join(folder, "staged"), "new\n");
  git("add", "clusters/lab/staged");
  const outcome = await change("a: 2\n");
  expect(outcome).toEqual({ kind: "committed", commit: git("rev-parse", "main"), detached: false });
  expect(git("show", "--format=%an <%ae> by %cn: %s", "--name-only", "HEAD").split("\n").filter(Boolean)).toEqual([
    "Ann Ops <ann@halligan.invalid> by Service: D-1: a",
    "clusters/lab/cluster.yaml",
  ]);
  expect(
    git("status", "--porcelain")
      .split("\n")
      .map((line) => line.trim()),
  ).toEqual(["A  clusters/lab/staged", "M other"]);
});

test("the caller's own repository variables are not used", async () => {
  repository();
  process.env["GIT_DIR"] = "/nonexistent";
  process.env["GIT_INDEX_FILE"] = "/nonexistent";
  try {
    expect(await change("a: 2\n")).toMatchObject({ kind: "committed" });
  } finally {
    delete process.env["GIT_DIR"];
    delete process.env["GIT_INDEX_FILE"];
  }
});

test("without a repository nothing is said", async () => {
  expect(await change("a: 2\n")).toEqual({ kind: "none" });
});

test("a file with changes of others, staged or not, and one that git does not know, are left to people", async () => {
  repository();
  writeFileSync(file, "a: 1\nb: by hand\n");
  expect(await change("a: 2\nb: by hand\n")).toMatchObject({ kind: "left", why: expect.stringContaining("not committed") as string });
  git("checkout", "-q", "--", "clusters");
  writeFileSync(file, "a: 3\n");
  git("add", "clusters");
  expect(await prepareGit(file)).toMatchObject({ kind: "left" });
  git("rm", "-q", "--cached", "clusters/lab/cluster.yaml");
  git("commit", "-qm", "forgotten");
  expect(await prepareGit(file)).toMatchObject({ kind: "left", why: expect.stringContaining("git add") as string });
  expect(git("log", "--format=%s")).toBe("forgotten\nfirst");
});

test("a hook that refuses leaves the file written, the index as it was, and says what it said", async () => {
  repository();
  const hook = join(top, ".git/hooks/pre-commit");
  mkdirSync(join(top, ".git/hooks"), { recursive: true });
  writeFileSync(hook, "#!/bin/sh\necho 'line too long' >&2\nexit 1\n");
  chmodSync(hook, 0o755);
  expect(await change("a: 2\n")).toMatchObject({ kind: "left", why: expect.stringContaining("line too long") as string });
  expect(readFileSync(file, "utf8")).toBe("a: 2\n");
  expect(git("status", "--porcelain")).toBe("M clusters/lab/cluster.yaml");
  expect(git("log", "--format=%s")).toBe("first");
});

test("on a detached HEAD it is committed and told; in an unfinished merge it is not", async () => {
  repository();
  git("checkout", "-q", "--detach");
  expect(await change("a: 2\n")).toMatchObject({ kind: "committed", detached: true });
  git("checkout", "-q", "main");
  writeFileSync(join(top, ".git/MERGE_HEAD"), `${git("rev-parse", "HEAD")}\n`);
  expect(await prepareGit(file)).toEqual({ kind: "left", why: "a merge is not finished there" });
});

test("without a name of its own git takes the author's", async () => {
  repository();
  git("config", "--unset", "user.name");
  git("config", "--unset", "user.email");
  git("config", "user.useConfigOnly", "true");
  const home = process.env["HOME"];
  process.env["HOME"] = top;
  process.env["XDG_CONFIG_HOME"] = top;
  try {
    expect(await change("a: 2\n")).toMatchObject({ kind: "committed" });
    expect(git("log", "-1", "--format=%an")).toBe("Ann Ops");
  } finally {
    process.env["HOME"] = home;
    delete process.env["XDG_CONFIG_HOME"];
  }
});

test("a file is replaced in one go, with its mode, through its link, and only if it still is what it was", async () => {
  const link = join(top, "link.yaml");
  symlinkSync(file, link);
  chmodSync(file, 0o640);
  await replaceFile(link, "a: 1\n", "a: 2\n");
  expect(readFileSync(file, "utf8")).toBe("a: 2\n");
  expect(statSync(file).mode & 0o777).toBe(0o640);
  await expect(replaceFile(link, "a: 1\n", "a: 3\n")).rejects.toThrow(/PROPOSAL_STALE/u);
  expect(execFileSync("ls", ["-A", folder], { encoding: "utf8" })).toBe("cluster.yaml\n");
});
