import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { GitAuthor, GitOutcome, GitState } from "../../intent/desk.ts";

/** Hooks may be slow; what takes longer waits for somebody. */
const deadlineMs = 30_000;
/** What git and its hooks say, in characters. */
const mostWords = 600;

/** Files in the git directory that tell of work that is not done, and what it is called. */
const unfinished: readonly (readonly [string, string])[] = [
  ["MERGE_HEAD", "a merge"],
  ["rebase-merge", "a rebase"],
  ["rebase-apply", "a rebase"],
  ["CHERRY_PICK_HEAD", "a cherry-pick"],
  ["REVERT_HEAD", "a revert"],
  ["BISECT_LOG", "a bisection"],
];

type GitAnswer =
  | { readonly ok: true; readonly out: string }
  | { readonly ok: false; readonly missing: boolean; readonly code: number; readonly words: string };

/** Runs git in a folder with the caller's configuration, but not with the repository that the caller's environment may name. */
async function git(
  folder: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<GitAnswer> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  const env = { ...Object.fromEntries(inherited), LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_EDITOR: "true", ...options.env };
  return await new Promise((resolve) => {
    const child = execFile(
      "git",
      ["--literal-pathspecs", ...args],
      { cwd: folder, env, timeout: deadlineMs, killSignal: "SIGKILL", maxBuffer: 1024 * 1024 },
      (error, out, complaint) => {
        if (error === null) return resolve({ ok: true, out });
        const words = `${complaint}${out}`.trim() || (error.killed === true ? `no answer within ${deadlineMs / 1000} s` : error.message);
        resolve({
          ok: false,
          missing: error.code === "ENOENT",
          code: typeof error.code === "number" ? error.code : -1,
          words: shortened(words),
        });
      },
    );
    child.stdin?.on("error", () => undefined); // git may end before it has read everything
    child.stdin?.end(options.input ?? "");
  });
}

function shortened(words: string): string {
  const line = words.replaceAll(/\s*[\r\n]+\s*/gu, " | ");
  return line.length > mostWords ? `${line.slice(0, mostWords)}...` : line;
}

/** Looks at the repository around a file, before the file is written. */
export async function prepareGit(path: string): Promise<GitState> {
  const file = await realpath(path).catch(() => path);
  const [folder, name] = [dirname(file), basename(file)];
  const where = await git(folder, ["rev-parse", "--absolute-git-dir"]);
  if (!where.ok) {
    if (!hasRepositoryAbove(folder) || /not a git repository/u.test(where.words)) return { kind: "none" };
    return { kind: "left", why: where.missing ? "git is not installed here" : `git says: ${where.words}` };
  }
  const gitFolder = where.out.trim();
  const busy = unfinished.find(([each]) => existsSync(join(gitFolder, each)));
  if (busy !== undefined) return { kind: "left", why: `${busy[1]} is not finished there` };
  if (!(await git(folder, ["ls-files", "--error-unmatch", "--", name])).ok)
    return { kind: "left", why: `git does not know ${name} yet (\`git add ${name}\` and commit it once)` };
  const status = await git(folder, ["status", "--porcelain=v1", "--ignore-submodules=all", "--", name]);
  if (!status.ok) return { kind: "left", why: `git says: ${status.words}` };
  if (status.out !== "") return { kind: "left", why: `${name} had changes before that are not committed` };
  return { kind: "ready", detached: !(await git(folder, ["symbolic-ref", "-q", "HEAD"])).ok };
}

function hasRepositoryAbove(folder: string): boolean {
  return existsSync(join(folder, ".git")) || (dirname(folder) !== folder && hasRepositoryAbove(dirname(folder)));
}

/**
 * Commits a file alone. What else is changed or staged stays as it is (`git commit --only`); hooks are run and may refuse it; nothing is
 * pushed.
 */
export async function commitToGit(path: string, message: string, author: GitAuthor | undefined): Promise<GitOutcome> {
  const file = await realpath(path).catch(() => path);
  const [folder, name] = [dirname(file), basename(file)];
  const state = await git(folder, ["symbolic-ref", "-q", "HEAD"]);
  const known = await git(folder, ["var", "GIT_COMMITTER_IDENT"]);
  const identity = author ?? { name: "Halligan", email: "halligan@localhost.invalid" };
  const env = {
    ...(author === undefined && known.ok ? {} : { GIT_AUTHOR_NAME: identity.name, GIT_AUTHOR_EMAIL: identity.email }),
    ...(known.ok ? {} : { GIT_COMMITTER_NAME: identity.name, GIT_COMMITTER_EMAIL: identity.email }),
  };
  const commit = await git(folder, ["commit", "--only", "--quiet", "--cleanup=whitespace", "--file=-", "--", name], {
    input: message,
    env,
  });
  if (!commit.ok) return { kind: "left", why: `git refused: ${commit.words}` };
  const head = await git(folder, ["rev-parse", "HEAD"]);
  return head.ok ? { kind: "committed", commit: head.out.trim(), detached: !state.ok } : { kind: "left", why: `git says: ${head.words}` };
}
