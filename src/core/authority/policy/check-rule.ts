import type { ParseResult } from "@marcbachmann/cel-js";
import { type FilePlace, type Problem, problem } from "../../errors.ts";
import type { YamlPath, YamlTree } from "../../files/yaml-tree.ts";
import { suggestion } from "../../model/suggest.ts";
import { checkingEnvironment, scopeVariables } from "./environment.ts";
import type { MessagePiece, Scope } from "./rule.ts";

/** The parts of a rule that can be checked, however wrong the others are. */
export interface CheckableRule {
  readonly id: string;
  readonly scope: Scope;
  readonly when?: string;
  readonly require?: string;
  readonly message?: string;
  readonly evidence: Readonly<Record<string, string>>;
  readonly params: readonly string[];
}

/** An expression of a rule, and where it stands: the path of its text, and the offset in that text. */
interface Written {
  readonly path: YamlPath;
  readonly offset: number;
  readonly expression: string;
  readonly boolean: boolean;
  /** `evidence` can be read. */
  readonly inMessage: boolean;
}

/**
 * Parses and type-checks every expression of a rule; each fault becomes a problem at its place in the file. Problems: `POLICY_RULE_INVALID`.
 */
export function checkRule(rule: CheckableRule, path: YamlPath, tree: YamlTree): readonly Problem[] {
  const written: Written[] = [];
  const add = (key: YamlPath, expression: string | undefined, boolean: boolean): void => {
    if (expression !== undefined) written.push({ path: [...path, ...key], offset: 0, expression, boolean, inMessage: false });
  };
  add(["when"], rule.when, true);
  add(["require"], rule.require, true);
  for (const [name, expression] of Object.entries(rule.evidence)) add(["evidence", name], expression, false);
  const pieces = splitMessage(rule.message ?? "");
  const problems: Problem[] = [];
  if ("fault" in pieces)
    problems.push(
      problem("POLICY_RULE_INVALID", {
        message: `Rule ${rule.id}: ${pieces.fault}.`,
        at: placeInside(tree, [...path, "message"], pieces.offset),
      }),
    );
  else
    for (const { expression, offset } of pieces.expressions)
      written.push({ path: [...path, "message"], offset, expression, boolean: false, inMessage: true });
  const names = new Set(rule.params);
  for (const each of written) problems.push(...judge(each, rule, names, tree));
  return problems;
}

function judge(each: Written, rule: CheckableRule, params: ReadonlySet<string>, tree: YamlTree): readonly Problem[] {
  const at = (offset: number): FilePlace => placeInside(tree, each.path, each.offset + offset);
  const where = each.path.slice(2).join(".");
  const faulty = (message: string, offset: number, hint?: string): Problem =>
    problem("POLICY_RULE_INVALID", { message: `Rule ${rule.id}, \`${where}\`: ${message}.`, at: at(offset), hint });
  const fault = checkExpression(each.expression, rule.scope, each.boolean, each.inMessage ? Object.keys(rule.evidence) : undefined);
  if (fault !== undefined) return [faulty(fault.message, fault.offset, fault.hint)];
  return readParams(each.expression)
    .filter(({ name, guarded }) => !guarded && !params.has(name))
    .map(({ name, offset }) =>
      faulty(`the rule has no parameter \`${name}\``, offset, suggestion(name, params) ?? "Declare it under `params:`."),
    );
}

/**
 * Place of a character of a text, however the text is written: lines may be folded together, so white space is not counted. An escape in
 * quotes moves the place by a character.
 */
function placeInside(tree: YamlTree, path: YamlPath, offset: number): FilePlace {
  const spot = tree.spots.get(path.join("\u0000"));
  if (spot?.scalar === undefined) return tree.valuePlace(path);
  const text = tree.source.text.slice(0, spot.end);
  let at = spot.value;
  if (spot.scalar.block) at = text.indexOf("\n", at) + 1;
  else if (text[at] === '"' || text[at] === "'") at += 1;
  let left = spot.scalar.value.slice(0, offset).replaceAll(/\s/gu, "").length;
  for (; at < text.length; at += 1) {
    if (/\s/u.test(text[at] ?? "")) continue;
    if (left === 0) break;
    left -= 1;
  }
  return tree.source.place(at);
}

/** What is wrong with an expression in a scope, if anything. `offset` counts characters from its start. */
function checkExpression(
  expression: string,
  scope: Scope,
  boolean: boolean,
  evidence?: readonly string[],
): { readonly message: string; readonly offset: number; readonly hint?: string } | undefined {
  try {
    const environment =
      evidence === undefined ? checkingEnvironment(scope) : checkingEnvironment(scope).clone().registerVariable("evidence", "map");
    const parsed: ParseResult = environment.parse(expression);
    const checked = parsed.check();
    if (!checked.valid) return told(checked.error, scope);
    const type = checked.type ?? "dyn";
    return boolean && type !== "bool" && type !== "dyn" ? { message: `the result is of type ${type}, not bool`, offset: 0 } : undefined;
  } catch (error) {
    return told(error, scope);
  }
}

function told(error: unknown, scope: Scope): { readonly message: string; readonly offset: number; readonly hint?: string } {
  const cel = error as { readonly summary?: string; readonly message?: string; readonly range?: { readonly start: number } };
  const message = (cel.summary ?? cel.message ?? String(error)).split("\n")[0] ?? "";
  const name = /^Unknown variable: (\w+)/u.exec(message)?.[1];
  const hint =
    name === undefined
      ? undefined
      : (suggestion(name, Object.keys(scopeVariables(scope))) ?? `Scope ${scope} has ${Object.keys(scopeVariables(scope)).join(", ")}.`);
  return { message: message.replace(/\.$/u, ""), offset: cel.range?.start ?? 0, ...(hint === undefined ? {} : { hint }) };
}

/** Parameters that an expression reads, by name; `guarded`: it asks with `has` whether there is one. Texts in quotes are passed over. */
function readParams(expression: string): readonly { readonly name: string; readonly offset: number; readonly guarded: boolean }[] {
  const plain = expression.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/gu, (text) => " ".repeat(text.length));
  const guarded = new Set([...plain.matchAll(/has\(\s*param\.(\w+)/gu)].map((match) => match[1]));
  return [...plain.matchAll(/\bparam\.([A-Za-z_]\w*)/gu)].map((match) => ({
    name: match[1] ?? "",
    offset: match.index + "param.".length,
    guarded: guarded.has(match[1]),
  }));
}

type Split = {
  readonly expressions: readonly { readonly expression: string; readonly offset: number }[];
  readonly pieces: readonly MessagePiece[];
};

/** A message taken apart at `{{` and `}}`. */
export function splitMessage(message: string): Split | { readonly fault: string; readonly offset: number } {
  const expressions: { expression: string; offset: number }[] = [];
  const pieces: MessagePiece[] = [];
  let position = 0;
  while (position < message.length) {
    const open = message.indexOf("{{", position);
    if (open === -1) break;
    const close = message.indexOf("}}", open);
    if (close === -1) return { fault: "a `{{` of the message is never closed", offset: open };
    const inside = message.slice(open + 2, close);
    if (inside.trim() === "") return { fault: "there is nothing between `{{` and `}}`", offset: open };
    if (open > position) pieces.push({ text: message.slice(position, open) });
    const offset = open + 2 + (inside.length - inside.trimStart().length);
    expressions.push({ expression: inside.trim(), offset });
    pieces.push({ expression: inside.trim() });
    position = close + 2;
  }
  if (position < message.length) pieces.push({ text: message.slice(position) });
  return { expressions, pieces };
}
