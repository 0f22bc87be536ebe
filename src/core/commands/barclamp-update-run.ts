import { fail, HalliganError, type Problem, problem } from "../errors.ts";
import { bundleDigest } from "../files/bundle-digest.ts";
import type { LockedBarclamp, LockedBarclamps } from "../model/lock-file.ts";
import { suggestion } from "../model/suggest.ts";
import { type FetchedDocument, lockAll, requireLock, take, type Taken, viewOf, withoutCarry } from "./barclamp-fetch.ts";
import type { LocalSources, SourceWish } from "./barclamp-sources.ts";
import type { CommandContext } from "./command.ts";

/** How `barclamp update` was called. */
export interface UpdateArgs {
  readonly names: readonly string[];
  readonly ref?: string | undefined;
  readonly locked: boolean;
  readonly propose: boolean;
  readonly carried: boolean;
}

/** Updates everything that was named, or nothing. @throws all problems at once; see `barclamp-sources.ts`. */
export async function updateAll(context: CommandContext, args: UpdateArgs): Promise<FetchedDocument> {
  requireSense(args);
  const sources = await context.local.sources();
  const lock = await requireLock(sources);
  const names = chosen(lock.barclamps, args.names);
  const taken: Taken[] = [];
  const problems: Problem[] = [];
  for (const name of names) {
    const locked = lock.barclamps[name];
    if (locked === undefined) continue;
    context.signal.throwIfAborted();
    try {
      const one = await (args.locked
        ? fetchLocked(sources, name, locked, context.signal)
        : follow(sources, name, locked, lock.barclamps, args, context.signal));
      taken.push(args.carried ? { ...one, locked: withoutCarry(one.locked) } : one);
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      problems.push(...error.problems.map((each) => ({ ...each, message: `${name}: ${each.message}` })));
    }
  }
  const [first, ...rest] = problems;
  if (first !== undefined) throw new HalliganError([first, ...rest]);
  const document = await lockAll(sources, lock, taken);
  return args.propose ? await withProposal(context, sources, document) : document;
}

function requireSense({ names, ref, locked, carried }: UpdateArgs): void {
  if (ref !== undefined && names.length !== 1)
    throw fail("USAGE", { message: "`--ref` is for one barclamp.", hint: "Name it: `halligan barclamp update NAME --ref REF`." });
  if (locked && (ref !== undefined || carried))
    throw fail("USAGE", {
      message: "`--locked` changes nothing in halligan.lock.",
      hint: "Leave `--ref` and `--carried` away, or `--locked`.",
    });
}

function chosen(barclamps: LockedBarclamps, names: readonly string[]): readonly string[] {
  const known = Object.keys(barclamps).toSorted();
  const unknown = names.filter((name) => !Object.hasOwn(barclamps, name));
  const [first, ...rest] = unknown.map((name) =>
    problem("BARCLAMP_NOT_LOCKED", { message: `halligan.lock has no barclamp \`${name.slice(0, 80)}\`.`, hint: suggestion(name, known) }),
  );
  if (first !== undefined) throw new HalliganError([first, ...rest]);
  return names.length === 0 ? known : [...new Set(names)];
}

async function follow(
  sources: LocalSources,
  name: string,
  locked: LockedBarclamp,
  lock: LockedBarclamps,
  { ref: wanted }: UpdateArgs,
  signal: AbortSignal,
): Promise<Taken> {
  const isGit = locked.commit !== undefined;
  if (wanted !== undefined && !isGit)
    throw fail("USAGE", {
      message: "It comes from a folder, which has no branches or tags.",
      hint: `\`halligan barclamp update ${name}\` takes the folder as it is now.`,
    });
  const ref = wanted ?? locked.ref;
  const wish: SourceWish = {
    kind: isGit ? "git" : "folder",
    source: locked.source,
    ...(locked.path === undefined ? {} : { path: locked.path }),
    ...(ref === undefined ? {} : { ref }),
  };
  return await take(sources, wish, lock, { as: name, signal });
}

/** What is in the cache as it was locked stays; what is not is fetched, and must be exactly what was locked. */
async function fetchLocked(sources: LocalSources, name: string, locked: LockedBarclamp, signal: AbortSignal): Promise<Taken> {
  const there = await sources.cached(locked);
  const done = (action: "unchanged" | "fetched", files: NonNullable<typeof there>): Taken => {
    const barclamp = sources.load(files, locked.source, name);
    return { name, locked, barclamp, notices: [], view: viewOf(name, action, locked, sources, { barclamp, before: locked }) };
  };
  if (there !== undefined) return done("unchanged", there);
  const { commit, source, path } = locked;
  const where = { source, ...(path === undefined ? {} : { path }) };
  const { files } = await sources.fetch(
    commit === undefined ? { kind: "folder", ...where } : { kind: "git", ...where, ref: commit },
    signal,
  );
  const digest = bundleDigest(files);
  if (digest !== locked.digest) {
    const at = commit === undefined ? source : `${source} at commit ${commit.slice(0, 12)}`;
    throw fail("BARCLAMP_ALTERED", {
      message: `What ${at} has is not what halligan.lock says (${digest.slice(0, 19)}... instead of ${locked.digest.slice(0, 19)}...); it was not taken.`,
      hint:
        commit === undefined
          ? `The folder was changed since. \`halligan barclamp update ${name}\` takes it as it is now, or bring it back to what it was.`
          : `A commit does not change, so halligan.lock was: bring it back to what it was in your repository, or \`halligan barclamp update ${name}\` after you have looked at what the source has.`,
    });
  }
  await sources.keep(files);
  return done("fetched", files);
}

/** Proposes the cluster file as the barclamps want it. */
async function withProposal(context: CommandContext, sources: LocalSources, document: FetchedDocument): Promise<FetchedDocument> {
  const carried = await sources.carried();
  if (carried === undefined || carried.before === carried.after) return document;
  const [{ proposeOn }, { proposeDeps }] = await Promise.all([import("../intent/proposing.ts"), import("./intent/proposal-document.ts")]);
  await context.authorise("operate", { kind: "cluster" });
  const house = await context.house();
  const versions = document.barclamps.filter((each) => each.action === "updated").map(({ name, version }) => `${name} ${version}`);
  const note = `Settings as ${versions.length === 0 ? "the barclamps in use want" : `${versions.join(", ")} wants`} them`;
  const made = await proposeOn(proposeDeps(context, house), carried.before, carried.after, note);
  return { ...document, proposal: made.proposal.proposal };
}
