import { spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** How git ended. `why` is for people: bounded, one line. `missing`: there is no git on this machine. */
export type GitEnd = { readonly ok: true; readonly out: Buffer } | { readonly ok: false; readonly why: string; readonly missing?: true };

/** Bounds of one call of git. */
export interface GitBounds {
  readonly deadlineMs: number;
  /** Largest output, in bytes. */
  readonly outBytes: number;
  /** While git runs, what lies in the repository's object store may not grow beyond this, in bytes. */
  readonly storeBytes?: number;
}

/** Nothing that a repository brings is run: no hooks, no helpers that its address names, no submodules. */
const safety = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "protocol.allow=never",
  "protocol.https.allow=always",
  "protocol.http.allow=always",
  "protocol.ssh.allow=always",
  "protocol.git.allow=always",
  "protocol.file.allow=always",
  "submodule.recurse=false",
  "fetch.recurseSubmodules=false",
  "fetch.writeCommitGraph=false",
  "gc.auto=0",
  "maintenance.auto=false",
].flatMap((each) => ["-c", each]);

const mostWords = 600;
const watchEveryMs = 200;

/**
 * Runs the system's git in a bare repository, with the caller's credentials and ssh settings, without a terminal on which it could ask. Never
 * throws. It is killed with everything it started when it takes too long, prints too much, fetches too much, or the signal aborts.
 */
export async function runGit(
  folder: string,
  args: readonly string[],
  bounds: GitBounds,
  signal: AbortSignal,
  input: Buffer = Buffer.alloc(0),
): Promise<GitEnd> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_") || /^GIT_SSH(_COMMAND|_VARIANT)?$/u.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "true",
    SSH_ASKPASS_REQUIRE: "never",
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
  };
  return await new Promise((resolve) => {
    const child = spawn("git", [...safety, ...args], { cwd: folder, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    let stopped: string | undefined;
    const stop = (why: string): void => {
      stopped ??= why;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // it has ended already
      }
    };
    const deadline = setTimeout(() => stop(`no end within ${bounds.deadlineMs / 1000} s`), bounds.deadlineMs);
    const { storeBytes } = bounds;
    const watch =
      storeBytes === undefined
        ? undefined
        : setInterval(() => {
            void storeSize(folder).then(
              (bytes) => bytes > storeBytes && stop(`the repository has more than ${storeBytes / 1024 / 1024} MiB`),
            );
          }, watchEveryMs);
    const abort = (): void => stop("it was interrupted");
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    const out: Buffer[] = [];
    let size = 0;
    let words = "";
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > bounds.outBytes) stop("it printed too much");
      else out.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      words = (words + chunk.toString("utf8")).slice(-4 * mostWords);
    });
    child.stdin.on("error", () => undefined); // git may end before it has read everything
    child.stdin.end(input);
    const end = (result: GitEnd): void => {
      clearTimeout(deadline);
      clearInterval(watch);
      signal.removeEventListener("abort", abort);
      resolve(result);
    };
    child.on("error", (error: NodeJS.ErrnoException) =>
      end(error.code === "ENOENT" ? { ok: false, why: "git is not installed here", missing: true } : { ok: false, why: error.message }),
    );
    child.on("close", (code) => {
      if (stopped !== undefined) end({ ok: false, why: stopped });
      else if (code === 0) end({ ok: true, out: Buffer.concat(out) });
      else end({ ok: false, why: shortened(words) || `git ended with ${code ?? "a signal"}` });
    });
  });
}

function shortened(words: string): string {
  const line = words.trim().replaceAll(/\s*[\r\n]+\s*/gu, " | ");
  return line.length > mostWords ? `...${line.slice(-mostWords)}` : line;
}

/** Bytes of the packs of a bare repository, those that are coming in included. */
async function storeSize(folder: string): Promise<number> {
  const packs = join(folder, "objects", "pack");
  const names = await readdir(packs).catch((): string[] => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(packs, name)).catch(() => undefined))?.size ?? 0));
  return sizes.reduce((sum, each) => sum + each, 0);
}
