import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail } from "../../errors.ts";
import { maxBarclampBytes } from "../files/read-barclamp.ts";
import { type GitEnd, runGit } from "./git-command.ts";
import { barclampFolders, filesBelow, readTree, type TreeEntry } from "./git-tree.ts";

const quick = { deadlineMs: 60_000, outBytes: 32 * 1024 * 1024 };
const fetching = { deadlineMs: 300_000, outBytes: 1024 * 1024, storeBytes: 1024 * 1024 * 1024 };
const isCommit = /^([0-9a-f]{40}|[0-9a-f]{64})$/u;

/** What is wanted of a repository: the newest of a branch or tag, or exactly a commit. */
export interface GitWish {
  readonly url: string;
  /** Branch, tag or whole commit; absent = the repository's own branch. */
  readonly ref?: string;
  /** Folder in the repository; `""` = its root. */
  readonly path: string;
}

/** A barclamp's files as a commit has them. */
export interface GitBundle {
  readonly commit: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Submodules, which are left out. */
  readonly submodules: readonly string[];
}

/**
 * Takes a barclamp out of a git repository, without a work tree: nothing of it is checked out, filtered or run.
 * @throws `SOURCE_UNREACHABLE`, `SOURCE_REF_UNKNOWN`, `SOURCE_NO_BARCLAMP`, `PATH_ESCAPES`, `FILE_TOO_LARGE`.
 */
export async function fetchGit(wish: GitWish, signal: AbortSignal): Promise<GitBundle> {
  const folder = await mkdtemp(join(tmpdir(), "halligan-git-"));
  try {
    const git = async (args: readonly string[], bounds = quick, input?: Buffer): Promise<GitEnd> =>
      await runGit(folder, args, bounds, signal, input);
    const made = await git(["init", "--bare", "--quiet", "--template=", "."]);
    if (!made.ok && made.missing === true)
      throw fail("SOURCE_UNREACHABLE", {
        message: `${wish.url} cannot be fetched: git is not installed here.`,
        hint: "Install git on the machine that runs this command (`apt-get install git`), then repeat it.",
      });
    if (!made.ok) throw fail("SOURCE_UNREACHABLE", { message: `No repository can be made in ${tmpdir()}.`, cause: made.why });
    const commit = await fetchCommit(wish, git);
    const listed = need(await git(["ls-tree", "-r", "-z", "-l", "--full-tree", commit]), wish.url);
    return await readBundle(wish, commit, readTree(listed), git);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Git = (args: readonly string[], bounds?: typeof quick, input?: Buffer) => Promise<GitEnd>;

/** Fetches as little as the server allows. */
async function fetchCommit({ url, ref }: GitWish, git: Git): Promise<string> {
  const what = ref ?? "HEAD";
  const fetch = async (...refs: readonly string[]): Promise<GitEnd> =>
    await git(["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-commit-graph", ...refs], fetching);
  const shallow = await fetch("--depth=1", "--", url, what);
  if (shallow.ok) return await resolve(git, "FETCH_HEAD", url);
  if (ref !== undefined && isCommit.test(ref)) {
    // Not every server gives single commits: then all branches and tags are fetched, and it must be among them.
    const all = await fetch("--", url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*");
    if (!all.ok) throw unreachable(url, all.why);
    if ((await git(["cat-file", "-e", `${ref}^{commit}`])).ok) return ref;
    throw fail("SOURCE_REF_UNKNOWN", {
      message: `${url} has no commit ${ref}.`,
      hint: "A branch that was rewritten loses commits. Ask its owner for the commit, or `halligan barclamp update NAME` takes what is there now.",
    });
  }
  if (/couldn't find remote ref|not our ref|invalid refspec|Remote branch .* not found/iu.test(shallow.why))
    throw fail("SOURCE_REF_UNKNOWN", { message: `${url} has no branch or tag \`${what}\`.` });
  throw unreachable(url, shallow.why);
}

async function resolve(git: Git, name: string, url: string): Promise<string> {
  const found = need(await git(["rev-parse", "--verify", "--end-of-options", `${name}^{commit}`]), url)
    .toString("utf8")
    .trim();
  if (isCommit.test(found)) return found;
  throw fail("SOURCE_REF_UNKNOWN", { message: `${url} gave no commit.` });
}

async function readBundle({ url, path }: GitWish, commit: string, tree: readonly TreeEntry[], git: Git): Promise<GitBundle> {
  if (!barclampFolders(tree).includes(path)) throw noBarclamp(url, path, barclampFolders(tree));
  const links = tree.filter((each) => each.mode === "120000" && (path === "" || each.path.startsWith(`${path}/`)) && each.size <= 4096);
  const texts = await readBlobs(links, git, url);
  const { files, submodules } = filesBelow(tree, path, (entry) => texts.get(entry.id)?.toString("utf8") ?? "");
  const blobs = await readBlobs([...files.values()], git, url);
  const bundle = new Map<string, Uint8Array>();
  for (const [name, { id }] of files) bundle.set(name, blobs.get(id) ?? new Uint8Array());
  return { commit, files: bundle, submodules };
}

/** Contents by object id, in one call of git. */
async function readBlobs(entries: readonly TreeEntry[], git: Git, url: string): Promise<ReadonlyMap<string, Buffer>> {
  const ids = [...new Set(entries.map((each) => each.id))];
  const found = new Map<string, Buffer>();
  if (ids.length === 0) return found;
  const bounds = { deadlineMs: quick.deadlineMs, outBytes: maxBarclampBytes + ids.length * 200 };
  const out = need(await git(["cat-file", "--batch"], bounds, Buffer.from(`${ids.join("\n")}\n`)), url);
  let at = 0;
  while (at < out.length) {
    const end = out.indexOf(0x0a, at);
    const [, id = "", size = ""] = /^([0-9a-f]+) blob (\d+)$/u.exec(out.toString("utf8", at, end)) ?? [];
    if (end === -1 || id === "") throw unreachable(url, "its objects cannot be read");
    found.set(id, out.subarray(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return found;
}

function need(end: GitEnd, url: string): Buffer {
  if (end.ok) return end.out;
  throw unreachable(url, end.why);
}

function unreachable(url: string, why: string): Error {
  return fail("SOURCE_UNREACHABLE", { message: `${url} cannot be fetched.`, cause: why });
}

/** The folder that was named has no barclamp; says where there are some. */
export function noBarclamp(source: string, path: string, folders: readonly string[]): Error {
  const where = path === "" ? source : `${path} of ${source}`;
  const shown = folders.slice(0, 12).map((each) => (each === "" ? "its root (without --path)" : `\`--path ${each}\``));
  const more = folders.length > 12 ? ` and ${folders.length - 12} more` : "";
  const hint = folders.length === 0 ? undefined : `There are barclamps in ${shown.join(", ")}${more}.`;
  return fail("SOURCE_NO_BARCLAMP", { message: `There is no barclamp.yaml in ${where}.`, hint });
}
