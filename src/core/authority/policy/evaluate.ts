import type { ParseResult } from "@marcbachmann/cel-js";
import type { Json } from "../../ports.ts";
import { evaluatingEnvironment, sizeUnits } from "./environment.ts";
import type { RuleCode } from "./rule.ts";
import { celValue, factsViews, type Reading, type Subject, UnknownFacts, WorldViews } from "./views.ts";
import type { Finding, PolicyJob, RuleVerdict } from "./world.ts";
import { jsonOf, wordsOf } from "./values.ts";

/** Judges one rule after the other over the same worlds. */
export interface Evaluator {
  /** One verdict per world. */
  judge(rule: RuleCode): readonly RuleVerdict[];
}

/** A rule that can be evaluated; expressions are parsed when they are needed first. */
interface Compiled {
  readonly when: ((variables: object) => unknown) | undefined;
  readonly holds: (variables: object) => unknown;
  readonly evidence: readonly (readonly [string, (variables: object) => unknown])[];
  readonly message: readonly (string | ((variables: object) => unknown))[];
}

const parsed = new Map<string, ParseResult>();

function parse(expression: string): ParseResult {
  const known = parsed.get(expression);
  if (known !== undefined) return known;
  if (parsed.size > 1_000) parsed.clear();
  const made = evaluatingEnvironment().parse(expression);
  parsed.set(expression, made);
  return made;
}

function compile(rule: RuleCode): Compiled {
  const lazily = (expression: string) => (variables: object) => parse(expression)(variables) as unknown;
  return {
    when: rule.when === undefined ? undefined : lazily(rule.when),
    holds: lazily(rule.require),
    evidence: rule.evidence.map(([name, expression]) => [name, lazily(expression)]),
    message: rule.message.map((piece) => ("text" in piece ? piece.text : lazily(piece.expression))),
  };
}

/** Makes an evaluator. Pure: same rules and worlds, same verdicts, whatever the order of nodes, roles and rules. */
export function createEvaluator({ surroundings, worlds }: Omit<PolicyJob, "rules" | "deadlineMs">): Evaluator {
  const reading: Reading = { facts: false, unknown: new Map() };
  const factsOf = factsViews(surroundings, reading);
  const views = worlds.map((world) => new WorldViews(world, surroundings, factsOf));
  const subjects = new Map<string, readonly Subject[]>();
  const subjectsOf = (rule: RuleCode, index: number): readonly Subject[] => {
    const key = `${rule.scope}\n${index}`;
    const made = subjects.get(key) ?? views[index]?.subjects(rule.scope) ?? [];
    subjects.set(key, made);
    return made;
  };
  return {
    judge: (rule) => {
      const compiled = compile(rule);
      const param = celValue(rule.params);
      return views.map((_, index) => {
        const findings: Finding[] = [];
        const counts = { passed: 0, skipped: 0 };
        for (const subject of subjectsOf(rule, index)) {
          const variables = { ...sizeUnits, ...subject.variables, param };
          const outcome = judgeSubject(compiled, variables, subject, reading);
          forget(variables);
          if (typeof outcome === "string") counts[outcome] += 1;
          else findings.push(outcome);
        }
        return { rule: rule.id, ...counts, findings, timedOut: false };
      });
    },
  };
}

function judgeSubject(rule: Compiled, variables: object, subject: Subject, reading: Reading): Finding | "passed" | "skipped" {
  reading.facts = false;
  reading.unknown.clear();
  try {
    if (rule.when !== undefined && !asBool(rule.when(variables))) return "skipped";
    if (asBool(rule.holds(variables))) return "passed";
  } catch (error) {
    return undecided(error, subject, reading);
  }
  const evidence: Record<string, Json> = {};
  for (const [name, expression] of rule.evidence) evidence[name] = valueOf(expression, variables);
  // Evidence can be read in the message.
  const withEvidence = { ...variables, evidence: celValue(evidence) };
  const message = rule.message.map((piece) => (typeof piece === "string" ? piece : wordsOf(valueOf(piece, withEvidence)))).join("");
  forget(withEvidence);
  return found(subject, "fail", message, evidence);
}

/** Parsed expressions keep the object whose variables they saw last, some for as long as the process lives: a whole cluster, were it not emptied. */
function forget(variables: Record<string, unknown>): void {
  for (const name of Object.keys(variables)) variables[name] = undefined;
}

/** `unknown` when facts are to blame: unknown ones, or known ones that lack what the rule looks for. */
function undecided(error: unknown, subject: Subject, reading: Reading): Finding {
  if (reading.unknown.size > 0) {
    const why = [...reading.unknown].map(([node, each]) => `${node}: ${each}`);
    const more = why.length > 3 ? ` and ${why.length - 3} more` : "";
    const facts = Object.fromEntries([...reading.unknown].slice(0, 20));
    return found(subject, "unknown", `the facts that it reads are not known (${why.slice(0, 3).join("; ")}${more})`, { facts });
  }
  const said = summaryOf(error);
  const missing = reading.facts && (said.code === "no_such_key" || /null/u.test(said.text));
  return missing
    ? found(subject, "unknown", `the facts do not have what it reads: ${said.text}`, {})
    : found(subject, "error", said.text, {});
}

function found(subject: Subject, outcome: Finding["outcome"], message: string, evidence: Finding["evidence"]): Finding {
  return { subject: subject.id, outcome, message, evidence, nodes: subject.nodes, deployments: subject.deployments };
}

class NotBoolean extends Error {
  override readonly name = "NotBoolean";
}

function asBool(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new NotBoolean(`the result is ${wordsOf(jsonOf(value))}, not true or false`);
}

function valueOf(expression: (variables: object) => unknown, variables: object): Json {
  try {
    return jsonOf(expression(variables));
  } catch (error) {
    return error instanceof UnknownFacts ? "unknown" : null;
  }
}

function summaryOf(error: unknown): { readonly text: string; readonly code: string | undefined } {
  const cel = error as { readonly summary?: string; readonly code?: string; readonly message?: string };
  return { text: (cel.summary ?? cel.message ?? String(error)).split("\n")[0]?.slice(0, 300) ?? "", code: cel.code };
}
