import { type FilePlace, type Problem, problem } from "../../errors.ts";
import { mayBelieve, sorted } from "../../files/load-cluster.ts";
import { checkSchema } from "../../files/schema-problems.ts";
import { readYaml, type YamlPath, type YamlTree } from "../../files/yaml-tree.ts";
import { parseDuration } from "../../model/duration.ts";
import { suggestion } from "../../model/suggest.ts";
import type { Json } from "../../ports.ts";
import { type CheckableRule, checkRule, splitMessage } from "./check-rule.ts";
import { type PolicyFile, policyFileSchema, type RuleFile, type TuningFile } from "./policy-file.ts";
import { defaultSettings, moments, type PolicySet, type PolicySettings, type Rule, scopes } from "./rule.ts";

/** A policy file as text. */
export interface PolicySource {
  readonly file: string;
  readonly text: string;
}

/** The policy, when the files have no problems at all; and every problem that could be found. */
export interface LoadedPolicy {
  readonly policy?: PolicySet;
  readonly problems: readonly Problem[];
}

interface ReadFile {
  readonly tree: YamlTree;
  readonly data: PolicyFile;
  readonly origin: Rule["origin"];
}

/**
 * Puts the rules that come with Halligan (`shipped`) and a cluster's own files together. Never throws. Problems: `YAML_INVALID`,
 * `FILE_TOO_LARGE`, `FILE_NOT_TEXT`, `KEY_UNKNOWN`, `KEY_MISSING`, `VALUE_INVALID`, `LATER_STAGE`, `POLICY_RULE_INVALID`, `POLICY_RULE_TWICE`,
 * `POLICY_RULE_UNKNOWN`, `POLICY_PARAM_UNKNOWN`. Shipped expressions are checked by the tests of Halligan, not here.
 */
export function loadPolicy(shipped: readonly PolicySource[], own: readonly PolicySource[]): LoadedPolicy {
  const problems: Problem[] = [];
  const read = [
    ...shipped.map((source) => readOne(source, "shipped", problems)),
    ...own.map((source) => readOne(source, "cluster", problems)),
  ].filter((each) => each !== undefined);
  const rules = new Map<string, Rule>();
  for (const file of read) collect(file, rules, problems);
  const tuned = tune(read, rules, problems);
  const settings = settingsOf(read, problems);
  return problems.length > 0 ? { problems } : { policy: { rules: tuned, settings }, problems };
}

function readOne(source: PolicySource, origin: Rule["origin"], problems: Problem[]): ReadFile | undefined {
  const tree = readYaml(source.file, source.text);
  if (tree.value === undefined || tree.value === null) {
    const empty = problem("KEY_MISSING", {
      message: "The file is empty.",
      at: tree.valuePlace([]),
      hint: "Write `halligan: 1` and rules, or remove the file.",
    });
    problems.push(...(tree.problems.length > 0 ? tree.problems : [empty]));
    return undefined;
  }
  const { data, problems: found } = checkSchema(policyFileSchema, tree.value, tree, {
    ignore: (path) => path[0] === "rules" && path[2] === "scope" && isNetwork(tree.value, path),
  });
  const own: Problem[] = [...found, ...laterScopes(tree)];
  if (origin === "cluster") {
    for (const { rule, path } of checkableRules(tree)) own.push(...checkRule(rule, path, tree));
  }
  const all = sorted([...tree.problems, ...own.filter((each) => mayBelieve(tree, each))]);
  problems.push(...all);
  return data === undefined || all.length > 0 ? undefined : { tree, data, origin };
}

function ruleAt(value: unknown, index: unknown): Readonly<Record<string, unknown>> | undefined {
  const rules = (value as { readonly rules?: unknown }).rules;
  const rule: unknown = Array.isArray(rules) ? rules[Number(index)] : undefined;
  return typeof rule === "object" && rule !== null ? (rule as Readonly<Record<string, unknown>>) : undefined;
}

function isNetwork(value: unknown, path: YamlPath): boolean {
  return ruleAt(value, path[1])?.["scope"] === "network";
}

function rulesOf(tree: YamlTree): readonly unknown[] {
  const { rules } = tree.value as { readonly rules?: unknown };
  return Array.isArray(rules) ? rules : [];
}

/** `network` is a word of a later version: nothing has networks yet. */
function laterScopes(tree: YamlTree): readonly Problem[] {
  return rulesOf(tree).flatMap((_, index) =>
    isNetwork(tree.value, ["rules", index, "scope"])
      ? [
          problem("LATER_STAGE", {
            message: "The scope `network` belongs to a later version.",
            at: tree.valuePlace(["rules", index, "scope"]),
            hint: "Names of interfaces and VLAN ids can be judged now: scope node or role, over `facts.nics` and `settings` (docs/policy.md).",
          }),
        ]
      : [],
  );
}

/** What can be checked of each rule, although other parts of it may be wrong. */
function checkableRules(tree: YamlTree): readonly { readonly rule: CheckableRule; readonly path: YamlPath }[] {
  return rulesOf(tree).flatMap((_, index) => {
    const raw = ruleAt(tree.value, index);
    const scope = scopes.find((each) => each === raw?.["scope"]);
    if (raw === undefined || scope === undefined) return [];
    const text = (key: "when" | "require" | "message"): Partial<Record<typeof key, string>> => {
      const value = raw[key];
      return typeof value === "string" && value !== "" ? { [key]: value } : {};
    };
    const evidence = Object.entries(mapOf(raw["evidence"])).filter((each): each is [string, string] => typeof each[1] === "string");
    const rule: CheckableRule = {
      id: typeof raw["id"] === "string" ? raw["id"] : `${index + 1}`,
      scope,
      ...text("when"),
      ...text("require"),
      ...text("message"),
      evidence: Object.fromEntries(evidence),
      params: Object.keys(mapOf(raw["params"])),
    };
    return [{ rule, path: ["rules", index] }];
  });
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

function collect({ data, tree, origin }: ReadFile, rules: Map<string, Rule>, problems: Problem[]): void {
  for (const [index, written] of (data.rules ?? []).entries()) {
    const place = tree.valuePlace(["rules", index, "id"]);
    const before = rules.get(written.id);
    if (before === undefined) rules.set(written.id, ruleOf(written, origin, place));
    else problems.push(twice(written.id, before, place));
  }
}

function twice(id: string, before: Rule, at: FilePlace): Problem {
  const shipped = before.origin === "shipped";
  return problem("POLICY_RULE_TWICE", {
    message: shipped
      ? `A rule \`${id}\` comes with Halligan.`
      : `The rule \`${id}\` stands in ${before.place.file}, line ${before.place.line}, already.`,
    at,
    hint: shipped
      ? `To change it, write it under \`tune:\`; to replace it, switch it off there (\`${id}: off\`) and give yours another id.`
      : undefined,
  });
}

function ruleOf(written: RuleFile, origin: Rule["origin"], place: FilePlace): Rule {
  const split = splitMessage(written.message);
  return {
    id: written.id,
    scope: written.scope,
    ...(written.when === undefined ? {} : { when: written.when }),
    require: written.require,
    evidence: Object.entries(written.evidence ?? {}),
    message: "fault" in split ? [{ text: written.message }] : split.pieces,
    params: (written.params ?? {}) as Readonly<Record<string, Json>>,
    level: written.level,
    applies: written.applies ?? moments,
    ...(written.owner === undefined ? {} : { owner: written.owner }),
    ...(written.description === undefined ? {} : { description: written.description }),
    origin,
    off: false,
    place,
  };
}

function tune(read: readonly ReadFile[], rules: ReadonlyMap<string, Rule>, problems: Problem[]): readonly Rule[] {
  const tuned = new Map(rules);
  const seen = new Map<string, FilePlace>();
  for (const { data, tree } of read) {
    for (const [id, tuning] of Object.entries(data.tune ?? {})) {
      const at = tree.keyPlace(["tune", id]);
      const rule = rules.get(id);
      const before = seen.get(id);
      seen.set(id, at);
      if (rule === undefined)
        problems.push(
          problem("POLICY_RULE_UNKNOWN", { message: `There is no rule \`${id}\` to tune.`, at, hint: suggestion(id, rules.keys()) }),
        );
      else if (before !== undefined)
        problems.push(
          problem("POLICY_RULE_TWICE", { message: `The rule \`${id}\` is tuned in ${before.file}, line ${before.line}, already.`, at }),
        );
      else tuned.set(id, tunedRule(rule, tuning, tree, problems));
    }
  }
  return [...tuned.values()];
}

function tunedRule(rule: Rule, tuning: TuningFile, tree: YamlTree, problems: Problem[]): Rule {
  const given = typeof tuning === "string" ? { level: tuning } : tuning;
  const params: Record<string, Json> = { ...rule.params };
  for (const [name, value] of Object.entries(given.params ?? {})) {
    const at = tree.keyPlace(["tune", rule.id, "params", name]);
    const before = params[name];
    if (!Object.hasOwn(params, name))
      problems.push(
        problem("POLICY_PARAM_UNKNOWN", {
          message: `Rule ${rule.id} has no parameter \`${name}\`.`,
          at,
          hint: suggestion(name, Object.keys(rule.params)),
        }),
      );
    else if (before !== null && before !== undefined && typeWord(before) !== typeWord(value))
      problems.push(
        problem("POLICY_PARAM_UNKNOWN", {
          message: `The parameter \`${name}\` of rule ${rule.id} is ${typeWord(before)}, not ${typeWord(value)}.`,
          at: tree.valuePlace(["tune", rule.id, "params", name]),
        }),
      );
    else params[name] = value as Json;
  }
  const { level } = given;
  return {
    ...rule,
    params,
    ...(level === undefined || level === "off" ? {} : { level }),
    ...("applies" in given && given.applies !== undefined ? { applies: given.applies } : {}),
    ...("owner" in given && given.owner !== undefined ? { owner: given.owner } : {}),
    off: level === "off",
  };
}

function typeWord(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  return { string: "a text", number: "a number", boolean: "true or false", object: "a map" }[typeof value as string] ?? "something else";
}

function settingsOf(read: readonly ReadFile[], problems: Problem[]): PolicySettings {
  const seen = new Map<string, { readonly value: string; readonly file: string }>();
  for (const { data, tree } of read) {
    for (const [name, value] of Object.entries(data.settings ?? {})) {
      const before = seen.get(name);
      if (value === undefined) continue;
      if (before === undefined) seen.set(name, { value, file: tree.source.file });
      else
        problems.push(
          problem("VALUE_INVALID", {
            message: `\`settings.${name}\` stands in ${before.file} already.`,
            at: tree.keyPlace(["settings", name]),
          }),
        );
    }
  }
  const duration = (name: string, otherwise: number): number => parseDuration(seen.get(name)?.value ?? "") ?? otherwise;
  return {
    factsMaxAgeMs: duration("factsMaxAge", defaultSettings.factsMaxAgeMs),
    timezone: seen.get("timezone")?.value ?? defaultSettings.timezone,
    deadlineMs: duration("deadline", defaultSettings.deadlineMs),
  };
}
