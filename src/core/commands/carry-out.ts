import { type Action, authorise as decide, type Resource } from "../authority/authorise.ts";
import type { AuditEntry } from "../authority/audit/trail.ts";
import { principalText } from "../authority/principal.ts";
import { HalliganError, type Problem } from "../errors.ts";
import type { House } from "../house.ts";
import type { Json } from "../ports.ts";
import { codes } from "../problems/codes.ts";
import { type Answer, type CommandContext, type CommandDefinition, freeTextArgs } from "./command.ts";

/** A context as a front end makes it: who asks is proved by the house, what they may do is judged here. */
export type FrontContext = Omit<CommandContext, "authorise"> & { readonly front: Exclude<AuditEntry["front"], "engine"> };

/**
 * The one way in which front ends run a command: finds out who asks, judges whether they may, puts the attempt into the audit, and runs it.
 * Nothing of the command happens before it is allowed and, unless it only reads, on record.
 * @throws `PRINCIPAL_UNKNOWN`, `NOT_ALLOWED`, the problems of people.yaml and of the audit, and those of the command.
 */
export async function carryOut(
  definition: CommandDefinition,
  front: FrontContext,
  args: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const attempt: Attempt = { definition, front, args };
  if (definition.needs === "nothing") return await carryOutFreely(attempt);
  const narrowed = definition.needs === "read" || definition.scope === "deployments";
  const by = await enter(attempt, definition.needs, { kind: narrowed ? "anywhere" : "cluster" });
  const house = await front.house();
  const recorded = record(house, attempt, by);
  if (definition.needs !== "read") await finish(recorded);
  const authorise = async (action: Action, resource: Resource): Promise<void> => void (await judge(house, action, resource));
  try {
    return await definition.run({ ...front, by, authorise }, await withoutSecrets(house, args));
  } catch (error) {
    await recordFailure(house, attempt, by, error);
    throw error;
  } finally {
    const problem = await recorded;
    // Looking must be possible while the store is full: it is told that the look is not on record.
    if (definition.needs === "read" && problem !== undefined) front.pass({ type: "problem", problem: problem.problems[0] });
  }
}

/** Reasons and notes become events, which hold no secrets, also where somebody typed one; a reason is one line, so that it looks like no line of ours. */
async function withoutSecrets(house: House, args: Attempt["args"]): Promise<Attempt["args"]> {
  const clean: Record<string, unknown> = { ...args };
  for (const key of freeTextArgs) {
    const typed = args[key];
    // Words that were typed without quotes: a secret may have a space in it.
    const text = Array.isArray(typed) ? typed.join(" ") : typed;
    if (typeof text !== "string" || text === "") continue;
    const redacted = await house.audit.redacted(text);
    if (redacted === text && key !== "reason") continue;
    const told = key === "reason" ? redacted.replaceAll(/\s*[\r\n]+\s*/gu, " ") : redacted;
    clean[key] = Array.isArray(typed) ? [told] : told;
  }
  return clean;
}

/** A command that needs no right. What it asks for meanwhile is on record, and so is the attempt itself where the command says so. */
async function carryOutFreely(attempt: Attempt): Promise<Answer> {
  const { definition, front, args } = attempt;
  const authorise = async (action: Action, resource: Resource): Promise<void> => {
    const by = await enter(attempt, action, resource);
    if (definition.recorded !== true) await finish(record(await front.house(), attempt, by));
  };
  if (definition.recorded !== true) return await definition.run({ ...front, authorise }, args);
  const house = await front.house();
  const by = await house.person().catch((error: unknown) => {
    if (error instanceof HalliganError) return principalText(house.principal);
    throw error;
  });
  await finish(record(house, attempt, by));
  try {
    return await definition.run({ ...front, by, authorise }, args);
  } catch (error) {
    if (!(error instanceof Refused)) await recordFailure(house, attempt, by, error);
    throw error;
  }
}

interface Attempt {
  readonly definition: CommandDefinition;
  readonly front: FrontContext;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The person who may do this; a refusal is put on record before it is told. */
async function enter(attempt: Attempt, action: Action, resource: Resource): Promise<string> {
  const house = await attempt.front.house();
  try {
    return await judge(house, action, resource);
  } catch (error) {
    await recordFailure(house, attempt, principalText(house.principal), error);
    throw error;
  }
}

async function judge(house: House, action: Action, resource: Resource): Promise<string> {
  const who = { principal: principalText(house.principal) };
  const verdict = decide({ authority: await house.authority(), who, action, resource });
  if (!verdict.allowed) throw new Refused([verdict.problem], verdict.person);
  return verdict.person;
}

/** A refusal that knows whom it refused. */
class Refused extends HalliganError {
  readonly person: string | undefined;

  constructor(problems: readonly [Problem, ...Problem[]], person: string | undefined) {
    super(problems);
    this.person = person;
  }
}

function entry(house: House, { definition, front, args }: Attempt, by: string): AuditEntry {
  const secret = new Set(definition.secretArgs);
  const detail = Object.fromEntries(Object.entries(args).map(([key, value]) => [key, secret.has(key) ? "[redacted]" : value]));
  return {
    by,
    principal: principalText(house.principal),
    front: front.front,
    action: definition.id,
    decision: "allowed",
    ...(Object.keys(detail).length === 0 ? {} : { detail: detail as Json }),
  };
}

/** Never rejects, so that it may be waited for later. */
async function record(house: House, attempt: Attempt, by: string): Promise<HalliganError | undefined> {
  try {
    await house.audit.record(entry(house, attempt, by));
    return undefined;
  } catch (error) {
    if (error instanceof HalliganError) return error;
    throw error;
  }
}

async function finish(recorded: Promise<HalliganError | undefined>): Promise<void> {
  const error = await recorded;
  if (error !== undefined) throw error;
}

/** How a command failed. That the audit fails as well must not hide what was wrong first. */
async function recordFailure(house: House, attempt: Attempt, by: string, error: unknown): Promise<void> {
  if (!(error instanceof HalliganError)) return;
  const [{ code, message }] = error.problems;
  const decision = codes[code].exit === 3 ? "refused" : "allowed";
  const who = error instanceof Refused && error.person !== undefined ? error.person : by;
  try {
    await house.audit.record({ ...entry(house, attempt, who), decision, code, reason: message });
  } catch (fault) {
    if (!(fault instanceof HalliganError)) throw fault;
    attempt.front.pass({ type: "problem", problem: fault.problems[0] });
  }
}
