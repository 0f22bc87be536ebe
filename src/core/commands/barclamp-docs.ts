import { z } from "zod";
import type { Attribute, Barclamp, ClusterOrder, Deprecation, Role } from "../model/barclamp.ts";
import type { Migration, MigrationStep } from "../model/migration-file.ts";
import type { Json } from "../ports.ts";
import { findBarclamp } from "./barclamp-find.ts";
import { defineCommand } from "./command.ts";

/** `barclamp docs NAME`. */
export interface BarclampDocsDocument {
  readonly halligan: 1;
  readonly kind: "barclamp-docs";
  readonly name: string;
  readonly markdown: string;
}

/** Makes a page about a barclamp from its YAML. */
export const barclampDocsCommand = defineCommand({
  id: "barclamp docs",
  area: "barclamps",
  summary: "Print a page about a barclamp (Markdown), made from its YAML",
  args: () => z.object({ name: z.string().min(1).describe("Barclamp") }),
  positionals: ["name"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It makes a file for readers, longer than a message may be." },
  examples: [{ line: "halligan barclamp docs nginx > nginx.md", does: "writes the page" }],
  async run(context, { name }) {
    const { barclamp } = await findBarclamp(context.local, name);
    const document: BarclampDocsDocument = { halligan: 1, kind: "barclamp-docs", name, markdown: barclampMarkdown(barclamp) };
    return { exit: 0, document: { ...document } };
  },
});

/** The page: settings, then each role with its order, inputs, outputs, steps. Pure. */
function barclampMarkdown(barclamp: Barclamp): string {
  const attributes = Object.entries(barclamp.attributes);
  const parts = [
    `# ${barclamp.name} ${barclamp.version}`,
    ...(barclamp.description === undefined ? [] : [barclamp.description]),
    ...(attributes.length === 0
      ? []
      : [
          "## Settings",
          tableOf(
            ["setting", "type", "default", "limits", "why"],
            attributes.map(([name, attribute]) => settingRow(name, attribute)),
          ),
        ]),
    ...Object.values(barclamp.roles).flatMap(rolePage),
    ...migrationsPart(barclamp.migrations),
  ];
  return `${parts.join("\n\n")}\n`;
}

function settingRow(name: string, attribute: Attribute): readonly string[] {
  const { min, max, oneOf, pattern, of } = attribute;
  const limits = [
    min === undefined ? "" : `at least ${min}`,
    max === undefined ? "" : `at most ${max}`,
    oneOf === undefined ? "" : `one of ${oneOf.map(code).join(", ")}`,
    pattern === undefined ? "" : `matches \`${pattern}\``,
  ].filter((each) => each !== "");
  const standard = attribute.default === undefined ? (attribute.required ? "required" : "-") : code(attribute.default);
  return [
    `\`${name}\``,
    of === undefined ? attribute.type : `${attribute.type} of ${of}`,
    standard,
    limits.join("; "),
    [attribute.deprecated === undefined ? "" : deprecatedText(attribute.deprecated), attribute.why ?? ""]
      .filter((each) => each !== "")
      .join(" "),
  ];
}

function rolePage(role: Role): readonly string[] {
  const inputs = Object.entries(role.inputs).map(([name, input]) => [
    `\`${name}\``,
    `\`${input.from}\`${input.all ? " of all providers" : ""}`,
    input.default === undefined ? "" : code(input.default),
  ]);
  const outputs = Object.entries(role.outputs).map(([name, output]) => [
    `\`${name}\``,
    output.type,
    output.capability === undefined ? "" : `\`${output.capability}\``,
    output.value === undefined ? `printed by step \`${output.fromStep ?? ""}\`` : `\`${output.value}\``,
  ]);
  return [
    `## Role ${role.name}`,
    ...(role.deprecated === undefined ? [] : [deprecatedText(role.deprecated)]),
    ...(role.description === undefined ? [] : [role.description]),
    facts(role),
    ...(inputs.length === 0 ? [] : ["### Inputs", tableOf(["input", "from", "default"], inputs)]),
    ...(outputs.length === 0 ? [] : ["### Outputs", tableOf(["output", "type", "capability", "value"], outputs)]),
    ...(role.steps.length === 0
      ? []
      : [
          "### Steps",
          role.steps
            .map((step, index) => `${index + 1}. \`${step.id}\`${step.common.when === undefined ? "" : ` when \`${step.common.when}\``}`)
            .join("\n"),
        ]),
    ...(role.checks.length === 0
      ? []
      : [
          "### Checks while planning",
          role.checks.map((check) => `- ${check.code}: ${check.message ?? `\`${check.step.id}\` must hold`}`).join("\n"),
        ]),
    ...(role.verify.length === 0 ? [] : ["### Must hold afterwards", role.verify.map((step) => `- \`${step.id}\``).join("\n")]),
    ...(role.proves.length === 0 ? [] : ["### Can be proven", role.proves.map(proofText).join("\n")]),
    [
      "### Undo",
      role.undo === undefined
        ? "The inverse of each step that has one, in reverse order."
        : role.undo.map((step, index) => `${index + 1}. \`${step.id}\``).join("\n"),
    ].join("\n\n"),
  ];
}

function proofText({ id, means, once, after }: Role["proves"][number]): string {
  const where = once === undefined ? "" : ", once per deployment";
  const waits = after.length === 0 ? "" : `, after ${after.map((each) => `\`${each}\``).join(", ")}`;
  return `- \`${id}\`${where}${waits}: ${means}`;
}

function deprecatedText({ since, use, why }: Deprecation): string {
  return `**Deprecated** since ${since}${use === undefined ? "" : `, use \`${use}\``}: ${why.replace(/\.?$/u, ".")}`;
}

function migrationsPart(migrations: readonly Migration[]): readonly string[] {
  if (migrations.length === 0) return [];
  const rows = migrations.flatMap(({ to, up, down }) => [
    [`to ${to}`, up.map(stepWords).join("; ")],
    [`back from ${to}`, down.map(stepWords).join("; ")],
  ]);
  return ["## Other versions", "Settings that are written for another version are carried over:", tableOf(["way", "what is done"], rows)];
}

function stepWords(step: MigrationStep): string {
  const { rename, split, join, convert, remove } = step;
  const names = (pattern: string): string => [...pattern.matchAll(/\(\?<(\w+)>/gu)].map((match) => `\`${match[1] ?? ""}\``).join(", ");
  if (rename !== undefined) return `\`${rename.from}\` becomes \`${rename.to}\``;
  if (split !== undefined) return `\`${split.whole}\` becomes ${names(split.pattern)}`;
  if (join !== undefined) return `${names(join.pattern)} become \`${join.whole}\``;
  if (convert !== undefined) return `\`${convert.attribute}\` (${convert.from}) becomes ${convert.to}`;
  if (remove !== undefined) return `\`${remove.attribute}\` goes`;
  return `\`${step.default?.attribute ?? ""}\` stays ${code(step.default?.was as Json)} where it is not set`;
}

function facts(role: Role): string {
  const list = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(", ");
  return [
    ["Requires", list(role.requires)],
    ["Provides", list(role.provides)],
    ["Never beside", list(role.conflicts)],
    ["Platforms", role.platform.length === 0 ? "any" : list(role.platform)],
    ["Members", role.cluster === undefined ? "" : membersText(role.cluster)],
  ]
    .filter(([, text]) => text !== "")
    .map(([name, text]) => `- ${name}: ${text}`)
    .join("\n");
}

function membersText({ order, batch, quorum, founding }: ClusterOrder): string {
  const stay = quorum === undefined ? [] : [quorum === "majority" ? "a majority stays active" : `${quorum} stay active`];
  return [
    order,
    ...(batch === undefined ? [] : [`${batch} at a time`]),
    ...stay,
    ...(founding === undefined ? [] : ["together while too few stand"]),
  ].join(", ");
}

function code(value: Json): string {
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(titles), `|${titles.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}
