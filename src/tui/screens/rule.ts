import type { Rule } from "../../core/authority/policy/rule.ts";
import { durationWords } from "../../core/words/time.ts";
import { policyTopic } from "../data/authority-topics.ts";
import { known, see } from "../data/world.ts";
import { keyRow } from "../keys/keymap.ts";
import { type Line, line } from "../text/line.ts";
import { editRule, waiveIntents } from "./policy.ts";
import { type View, defineScreen, whenReady } from "./screen.ts";
import { type Told, indent, part, prose, toldRow } from "./told.ts";
import { valueWords, violationLines } from "./violation.ts";

/** One rule: what it finds with its evidence, what it says, who may answer for it. */
export const ruleScreen = defineScreen<null>({
  id: "rule",
  about: "One rule: what it finds, with the evidence, and how it is written.",
  title: ({ param }) => param,
  topics: () => [policyTopic],
  start: () => null,
  view: ({ world, param, look, width }) =>
    whenReady(see(world, policyTopic), "the policy", ({ policy, report, waivers, plan }): View => {
      const rule = policy.rules.find(({ id }) => id === param);
      if (rule === undefined) return { kind: "empty", says: `There is no rule ${param} (any more).`, command: "policy list" };
      const found = report.violations.filter((each) => each.rule === param);
      const cured = report.cured.filter((each) => each.rule === param);
      const room = width - 4;
      const rows = [
        ...(rule.description === undefined
          ? []
          : [...prose("about", rule.description, room), { id: "gap:about", line: line(""), heading: true }]),
        ...part(
          `what it finds in ${plan ?? "the files"}`,
          [
            ...found.flatMap((each) => violationLines(each, look, room, "whole")),
            ...cured.map(
              ({ subject, message }): Told => ({
                id: `cured:${param}:${subject}`,
                line: line([`${look.glyphs.ok} cured   `, "ok"], message),
              }),
            ),
          ],
          "Nothing.",
        ),
        ...part(
          "waivers",
          waivers
            .filter((each) => each.rule === param && each.until > world.now)
            .map(
              ({ node, deployment, by, until, reason }, index): Told => ({
                id: `waiver:${index}`,
                line: line(node ?? deployment ?? "everywhere", [`  by ${by}, ${durationWords(until - world.now)} more: `, "dim"], reason),
              }),
            ),
          "Nobody answers for it; W does.",
        ),
        ...written(rule, room),
      ];
      return { kind: "body", head: [headLine(rule)], rows: rows.map(toldRow) };
    }),
  keys: [
    keyRow("rule", "waive", ["W"], "waive", { hint: 8, level: "asks" }),
    keyRow("rule", "explain", ["w"], "explain", { hint: 5 }),
    keyRow("rule", "edit", ["e"], "edit", { hint: 5 }),
  ],
  actions: {
    waive: ({ row, param, world }) =>
      waiveIntents(row?.id.startsWith("violation:") === true ? row.id : `rule:${param}`, known(world, policyTopic)),
    explain: ({ param }) => [{ want: "effect", effect: { do: "run", argv: ["policy", "explain", param], show: "output" } }],
    edit: ({ param, world }) => editRule(param, known(world, policyTopic), world),
  },
});

function headLine({ id, level, off, scope, applies, owner, origin, place }: Rule): Line {
  return line(
    ["   ", "plain"],
    [id, "strong"],
    [`  ${off ? "off" : level}`, off ? "dim" : level === "deny" ? "bad" : level === "warn" ? "warn" : "plain"],
    [`  for each ${scope}, judged on ${applies.join(", ")}`, "dim"],
    `  owner ${owner ?? "nobody"}`,
    [`  ${origin === "shipped" ? "comes with Halligan" : `${place.file}:${place.line}`}`, "dim"],
  );
}

function written({ when, require, message, evidence, params }: Rule, width: number): readonly Told[] {
  const text = message.map((piece) => ("text" in piece ? piece.text : `{{ ${piece.expression} }}`)).join("");
  const pairs: readonly (readonly [string, string])[] = [
    ...(when === undefined ? [] : [["when", when] as const]),
    ["require", require],
    ["message", text],
    ...evidence.map(([name, expression]) => [`evidence ${name}`, expression] as const),
    ...Object.entries(params).map(([name, value]) => [`parameter ${name}`, valueWords(value)] as const),
  ];
  const rows = pairs.flatMap(([name, value]): readonly Told[] => [
    { id: `written:${name}`, line: line([name, "dim"]) },
    ...value
      .trim()
      .split("\n")
      .flatMap((each, index) =>
        prose(`written:${name}:${index}`, each.trim(), width - 2).map((told) => ({ ...told, line: indent(told.line, 2) })),
      ),
  ]);
  return part("as it is written", rows, "").slice(0, -1);
}
