import { locksAgainst } from "../authority/locks/lock-state.ts";
import { readLocks } from "../authority/locks/lock-desk.ts";
import { lockedHint, lockWords } from "../authority/locks/lock-words.ts";
import { fail, HalliganError } from "../errors.ts";
import type { House } from "../house.ts";
import { codes } from "../problems/codes.ts";
import { openRuns } from "../run/queue.ts";
import type { Answer, CommandContext } from "./command.ts";
import { planOptions, requireDeployments } from "./planning.ts";
import { type VerifyDocument, verifyDocument, verifyExit } from "./verify-document.ts";
import { reportFormat, reportText } from "./verify-report.ts";

/** What `verify` was told. */
export interface VerifyArgs {
  readonly deployments: readonly string[];
  readonly prove: boolean;
  readonly capability: readonly string[];
  readonly report?: string | undefined;
}

/**
 * Judges `verify` steps, proves capabilities, writes the report.
 * @throws `NOT_ALLOWED`, `CAPABILITY_UNKNOWN`, `LOCK_HELD`, `RUN_ACTIVE`, `USAGE`, and what loading throws.
 */
export async function verify(context: CommandContext, args: VerifyArgs): Promise<Answer> {
  const { deployments, capability: capabilities, report } = args;
  const format = report === undefined ? undefined : reportFormat(report);
  const house = await context.house();
  await requireDeployments(context, house, deployments);
  const proving = args.prove || capabilities.length > 0;
  if (proving) await refuseMeanwhile(context, house, deployments);
  const options = planOptions(context, deployments);
  const at = house.clock.now();
  const verified = capabilities.length > 0 ? [] : await house.verify(options);
  const proofs = proving ? await prove(context, house, { ...options, capabilities }) : [];
  const durationMs = Math.max(0, house.clock.now() - at);
  const { cluster } = await house.load();
  const found = verifyDocument({ cluster: cluster.name, at, durationMs, verified, proofs });
  const document = report === undefined || format === undefined ? found : await written(context, found, report, reportText(format, found));
  return { exit: verifyExit(document, capabilities), document: { ...document } };
}

/** Has capabilities proven, and says so when the person leaves: what is under way is ended and cleaned up first. */
async function prove(context: CommandContext, house: House, options: Parameters<House["prove"]>[0]): ReturnType<House["prove"]> {
  const ending = (): void => context.pass({ type: "progress", what: "prove end", done: 0, total: 0 });
  context.signal.addEventListener("abort", ending, { once: true });
  try {
    return await house.prove(options);
  } finally {
    context.signal.removeEventListener("abort", ending);
  }
}

/** What was proven took its time: a report that cannot be written is told beside it, not in its place. */
async function written(context: CommandContext, document: VerifyDocument, file: string, text: string): Promise<VerifyDocument> {
  try {
    return { ...document, report: await context.local.writeReport(file, text) };
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    return { ...document, problems: [...document.problems, ...error.problems].toSorted((a, b) => codes[b.code].exit - codes[a.code].exit) };
  }
}

/** Proofs make things on the nodes, for a while: not in a run's way, and not where somebody wants to be alone. */
async function refuseMeanwhile(context: CommandContext, house: House, named: readonly string[]): Promise<void> {
  const [open] = await openRuns(house.store);
  if (open !== undefined)
    throw fail("RUN_ACTIVE", {
      message: `${open.run} (plan ${open.plan}, by ${open.by}) has not ended; what is being changed proves nothing.`,
      hint: `Wait for it with \`halligan watch ${open.run}\`, then prove again.`,
    });
  const names = named.length > 0 ? named : (await house.load()).cluster.deployments.map((each) => each.name);
  const [lock] = locksAgainst(await readLocks(house.store), names, new Set([context.by]), house.clock.now());
  if (lock !== undefined) throw fail("LOCK_HELD", { message: `${lockWords(lock)}.`, hint: lockedHint([lock]) });
}
