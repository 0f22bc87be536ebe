import { type CelInput, CelScalar, type CelValue, celFunc, isCelError, isCelList, isCelMap, listType, run } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { sizeUnits } from "../../../../src/core/authority/policy/environment.ts";
import { policyFunctions } from "../../../../src/core/authority/policy/functions.ts";
import type { RuleCode } from "../../../../src/core/authority/policy/rule.ts";
import { celValue, factsViews, WorldViews } from "../../../../src/core/authority/policy/views.ts";
import type { PolicyJob } from "../../../../src/core/authority/policy/world.ts";

/** By subject: what another implementation of the language makes of a rule. `undecided` = it ended in an error. */
export type SecondOpinion = ReadonlyMap<string, "passed" | "failed" | "skipped" | "undecided">;

const funcs = [
  ...strings,
  ...policyFunctions.map(({ name, argument, result, run: work }) =>
    celFunc(
      name,
      [argument === "list" ? listType(CelScalar.DYN) : CelScalar.DYN],
      result === "list" ? listType(CelScalar.DYN) : CelScalar.INT,
      (value: CelValue) => work(fromCel(value)) as never,
    ),
  ),
];

/** Judges a rule on the last world with @bufbuild/cel: written by others, from the same specification. */
export function secondOpinion(rule: RuleCode, { surroundings, worlds }: Omit<PolicyJob, "rules" | "deadlineMs">): SecondOpinion {
  const last = worlds.at(-1);
  if (last === undefined) return new Map();
  const reading = { facts: false, unknown: new Map<string, string>() };
  const views = new WorldViews(last, surroundings, factsViews(surroundings, reading));
  const opinion = new Map<string, "passed" | "failed" | "skipped" | "undecided">();
  for (const { id, variables } of views.subjects(rule.scope)) {
    const bindings = toCel({ ...variables, ...sizeUnits, param: celValue(rule.params) }) as ReadonlyMap<string, CelInput>;
    opinion.set(id, judge(rule, Object.fromEntries(bindings)));
  }
  return opinion;
}

function judge(rule: RuleCode, bindings: Record<string, CelInput>): "passed" | "failed" | "skipped" | "undecided" {
  if (rule.when !== undefined) {
    const applies = run(rule.when, bindings, { funcs });
    if (isCelError(applies)) return "undecided";
    if (applies !== true) return "skipped";
  }
  const holds = run(rule.require, bindings, { funcs });
  if (isCelError(holds)) return "undecided";
  return holds === true ? "passed" : "failed";
}

/** Facts that are not known are absent. */
function toCel(value: unknown): CelInput {
  if (Array.isArray(value)) return value.map((each: unknown) => toCel(each));
  if (typeof value !== "object" || value === null) return value as CelInput;
  const map = new Map<string, CelInput>();
  for (const key of Object.keys(value)) {
    try {
      map.set(key, toCel((value as Readonly<Record<string, unknown>>)[key]));
    } catch {
      // not known
    }
  }
  return map;
}

function fromCel(value: CelValue): unknown {
  if (isCelList(value)) return [...value].map((each) => fromCel(each));
  if (isCelMap(value)) return Object.fromEntries([...value].map(([key, each]) => [String(key), fromCel(each)]));
  return value;
}
