import { type Problem, problem } from "../../errors.ts";
import { fromStored, runStream } from "../../journal/events.ts";
import type { Store } from "../../ports.ts";
import { authorise, identify, type Who } from "../authorise.ts";
import type { GateQuestion, Holdup, Judge } from "../gate.ts";
import type { Authority } from "../people.ts";
import { readKeptPeople } from "./kept.ts";
import { readLinks, withLinks } from "./links.ts";
import { planResource } from "./plan-resource.ts";

/** What the judge of rights judges by. */
export interface RightsDeps {
  readonly store: Store;
  /** Who decides now. @throws the problems of people.yaml. */
  authority(): Promise<Authority>;
}

/** What the journal has of how a run was asked for. */
interface Asked {
  readonly principal?: string;
  readonly authority: Authority;
}

/**
 * Judges whether the person who answers for a run may operate everything that its plan works on: by people.yaml as it is now and, once the
 * run was asked for, also as it was then. Whoever lost the right is refused, and nobody gains one by an edit while a run is open.
 */
export function createRightsJudge({ store, authority }: RightsDeps): Judge {
  return async (question) => {
    if (question.phase === "plan") return [];
    const now = await authority();
    const asked = question.run === undefined ? undefined : await readAsked(store, question.run);
    if (asked === "lost") return [holdup(lost(question))];
    const found = objections(now, question, asked?.principal);
    const before = asked === undefined ? [] : objections(asked.authority, question, undefined);
    const moved = asked === undefined ? undefined : becameAnother(now, question, asked);
    const all = [...found, ...before, ...(moved === undefined ? [] : [moved])];
    const first = new Map(all.toReversed().map((each) => [each.message, each]));
    return [...first.values()].toReversed().map(holdup);
  };
}

/** What one version of people.yaml has against it. */
function objections(authority: Authority, question: GateQuestion, principal: string | undefined): readonly Problem[] {
  const { plan, by, owner, breakglass } = question;
  if (authority.mode === "single-user") return [];
  const asker: Who = principal === undefined ? { person: by } : { principal };
  // Break-glass is answered for by whoever used it, also when somebody else has taken the run over.
  const used = breakglass === undefined ? [] : [{ who: asker, action: "breakglass" as const }];
  const goingOn =
    owner !== undefined || breakglass === undefined
      ? [{ who: owner === undefined ? asker : { person: owner }, action: "operate" as const }]
      : [];
  const resource = planResource(plan.body);
  return [...used, ...goingOn].flatMap(({ who, action }) => {
    const verdict = authorise({ authority, who, action, resource });
    if (verdict.allowed) return [];
    return [question.run === undefined ? verdict.problem : { ...verdict.problem, hint: heldHint(question.run) }];
  });
}

/** What lets a run go on whose person has lost the right; the standard advice is for somebody who wants to act. */
function heldHint(run: string): string {
  return `Let somebody who has the role take the run over (an admin, or who has the run: \`halligan handoff ${run} PERSON\`), end it with \`halligan cancel ${run}\`, or give the role back in people.yaml.`;
}

/** A principal that stood for one person when the run was asked for and stands for another one now. */
function becameAnother(now: Authority, { by, owner, run }: GateQuestion, { principal, authority }: Asked): Problem | undefined {
  if (owner !== undefined || principal === undefined || now.mode === "single-user" || authority.mode === "single-user") return undefined;
  const found = identify(now, { principal });
  if (!found.allowed || found.person === by) return undefined;
  return problem("NOT_ALLOWED", {
    message: `${principal} asked for ${run} as ${by} and is ${found.person} now.`,
    hint: `Cancel the run, or hand it over (\`halligan handoff\`).`,
  });
}

async function readAsked(store: Store, run: string): Promise<Asked | "lost" | undefined> {
  const [stored] = await store.read({ stream: runStream(run), limit: 1 });
  const intent = stored === undefined ? undefined : fromStored(stored);
  if (intent?.type !== "intent.run") return undefined;
  const principal = intent.principal === undefined ? {} : { principal: intent.principal };
  if (intent.people === undefined) return { ...principal, authority: { mode: "single-user" } };
  const people = await readKeptPeople(store, intent.people);
  if (people === undefined) return "lost";
  return { ...principal, authority: { mode: "people", people: withLinks(people, await readLinks(store)) } };
}

function lost({ run }: GateQuestion): Problem {
  return problem("NOT_ALLOWED", {
    message: `The people.yaml under which ${run} was asked for is not in the store any more, so it cannot be judged.`,
    hint: "Cancel the run and ask for it again.",
  });
}

function holdup(why: Problem): Holdup {
  return { kind: "rights", problem: why, final: false };
}
