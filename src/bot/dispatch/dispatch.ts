import { authorise } from "../../core/authority/authorise.ts";
import { type Principal, principalText } from "../../core/authority/principal.ts";
import { applyCommand } from "../../core/commands/apply.ts";
import { carryOut, type FrontContext } from "../../core/commands/carry-out.ts";
import type { Answer, CommandDefinition, Confirmation, Passing } from "../../core/commands/command.ts";
import { HalliganError, type Problem, problem } from "../../core/errors.ts";
import { digestOf } from "../../core/plan/canonical.ts";
import type { SlackCaller } from "../inbound/inbound.ts";
import type { ServedCluster } from "../ports.ts";
import { resolveMentions } from "./mentions.ts";

/** One command of one person about one cluster, from a line, a button or a modal. */
export interface Dispatch {
  readonly cluster: ServedCluster;
  readonly definition: CommandDefinition;
  /** As the definition's schema reads them; mentions of people (`<@U123>`) are still in them. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly caller: SlackCaller;
  /**
   * How questions of the command are answered: they are put to the person (`ask`); were answered before (`yes`: `--yes` was typed, which is
   * no answer where a name has to be; `shown`: a dialog showed exactly this, and had typed what has to be); or one of this digest was.
   */
  readonly agreed: "ask" | "yes" | "shown" | { readonly digest: string };
  /** What passes meanwhile, such as how far planning has come. */
  readonly pass?: (passing: Passing) => void;
  readonly signal?: AbortSignal;
}

/** What a command wants to know before it changes something. The same command with `agreed: { digest }` goes on. */
export interface Question {
  readonly confirmation: Confirmation;
  /** Over what is asked, about what, by whom: another plan is another question. */
  readonly digest: string;
  readonly definition: CommandDefinition;
  /** Those of the command, tied to the plan that was shown. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** How a command ended. Problems that came along with an answer are told beside it. */
export type Dispatched =
  | { readonly kind: "answer"; readonly answer: Answer; readonly problems: readonly Problem[] }
  | { readonly kind: "question"; readonly question: Question }
  | { readonly kind: "refused"; readonly problems: readonly [Problem, ...Problem[]] };

/** A person of Slack as the core knows principals. */
export function principalOf({ enterprise, team, user }: SlackCaller): Principal {
  return { kind: "slack", team, user, ...(enterprise === undefined ? {} : { enterprise }) };
}

/**
 * The one way in which anything that is done in Slack reaches a command: who asks is proved by Slack's envelope, what they may do is judged by
 * `carryOut`, which puts it on record. Problems become an answer; what is no problem is thrown.
 */
export async function dispatch(wish: Dispatch): Promise<Dispatched> {
  const { cluster, definition, caller } = wish;
  const house = cluster.as(principalOf(caller));
  const passed: Problem[] = [];
  const shown: { question?: Question; plan?: string } = {};
  try {
    const args = await resolveMentions(definition, wish.args, caller, () => house.authority());
    await requireReading(wish);
    const context: FrontContext = {
      house: async () => house,
      local: cluster.local,
      pass(passing) {
        if (passing.type === "plan") shown.plan = passing.plan.id;
        if (passing.type === "problem") passed.push(passing.problem);
        wish.pass?.(passing);
      },
      async confirm(confirmation) {
        const question = questionOf(wish, args, confirmation);
        if (isAgreed(wish.agreed, question)) return true;
        shown.question = question;
        return false;
      },
      signal: wish.signal ?? new AbortController().signal,
      by: principalText(house.principal),
      front: "slack",
      cwd: house.folder,
    };
    const answer = await carryOut(definition, context, args);
    if (shown.question !== undefined) return { kind: "question", question: shown.question };
    return { kind: "answer", answer, problems: passed };
  } catch (error) {
    if (error instanceof HalliganError) return { kind: "refused", problems: error.problems };
    if (wish.signal?.aborted === true)
      return { kind: "refused", problems: [problem("INTERRUPTED", { message: "The command was interrupted." })] };
    throw error;
  }
}

/** A workspace has more people than a cluster: what needs no right in a terminal, where one sees the files anyway, needs at least reading here. */
async function requireReading({ cluster, definition, caller }: Dispatch): Promise<void> {
  if (definition.needs !== "nothing" || "no" in definition.chat || definition.chat.takes !== "cluster" || definition.recorded === true)
    return;
  const authority = await cluster.house.authority();
  const who = { principal: principalText(principalOf(caller)) };
  const verdict = authorise({ authority, who, action: "read", resource: { kind: "anywhere" } });
  if (!verdict.allowed) throw new HalliganError([verdict.problem]);
}

function isAgreed(agreed: Dispatch["agreed"], { confirmation, digest }: Question): boolean {
  if (typeof agreed === "object") return agreed.digest === digest;
  return agreed === "shown" || (agreed === "yes" && confirmation.typed === undefined);
}

function questionOf({ cluster, definition: asked, caller }: Dispatch, read: Dispatch["args"], confirmation: Confirmation): Question {
  const { plan, detail, what } = confirmation;
  const { definition, args } = tied(asked, read, plan);
  const digest = digestOf({
    cluster: cluster.name,
    command: definition.id,
    what,
    detail: detail ?? "",
    plan: plan === undefined ? "" : `${plan.id} ${plan.digest}`,
    by: principalText(principalOf(caller)),
  });
  return { confirmation, digest, definition, args };
}

/** A plan that was made for the question is the one that the answer is about: it is not made a second time. */
function tied(definition: CommandDefinition, args: Dispatch["args"], plan: Confirmation["plan"]): Pick<Question, "definition" | "args"> {
  if (plan === undefined || Object.values(args).includes(plan.id)) return { definition, args };
  if ("targets" in args) return { definition, args: { ...args, targets: [plan.id] } };
  const { queue = true } = args;
  return { definition: applyCommand, args: { targets: [plan.id], queue, wait: false, restarts: true, detach: true } };
}
