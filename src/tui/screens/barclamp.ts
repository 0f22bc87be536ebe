import type { Attribute, Barclamp, Role } from "../../core/model/barclamp.ts";
import { count, listed } from "../../core/words/count.ts";
import { filesTopic } from "../data/topics.ts";
import { known, see } from "../data/world.ts";
import { keyRow } from "../keys/keymap.ts";
import { line } from "../text/line.ts";
import { type View, defineScreen, whenReady } from "./screen.ts";
import { type Told, indent, part, prose, title, toldRow } from "./told.ts";
import { valueWords } from "./violation.ts";

/** One barclamp: its settings with types, limits and reasons, its roles with what they need and give. */
export const barclampScreen = defineScreen<null>({
  id: "barclamp",
  about: "One barclamp: settings with types, defaults and limits, roles with their steps, what they need and give.",
  title: ({ param }) => param,
  topics: () => [filesTopic],
  start: () => null,
  view: ({ world, param, width }) =>
    whenReady(see(world, filesTopic), "the cluster's files", ({ barclamps }): View => {
      const barclamp = barclamps.get(param);
      if (barclamp === undefined)
        return { kind: "empty", says: `The cluster uses no barclamp ${param} any more.`, command: "barclamp list" };
      const room = width - 4;
      const rows = [
        ...(barclamp.description === undefined ? [] : prose("about", barclamp.description, room)),
        { id: "gap:about", line: line(""), heading: true },
        ...part(
          "settings",
          Object.entries(barclamp.attributes).flatMap(([name, attribute]) => attributeLines(name, attribute, room)),
          "It takes none.",
        ),
        ...Object.values(barclamp.roles).flatMap((role) => roleLines(role, room)),
        ...part(
          "files",
          [...barclamp.files].map(([path, bytes]): Told => ({ id: `file:${path}`, line: line(path, [`  ${bytes.length} bytes`, "dim"]) })),
          "None beside barclamp.yaml.",
        ).slice(0, -1),
      ];
      return {
        kind: "body",
        head: [
          line(["   ", "plain"], [barclamp.name, "strong"], ` ${barclamp.version}`, [
            `   ${barclamp.folder}   ${barclamp.digest.slice(0, 19)}`,
            "dim",
          ]),
        ],
        rows: rows.map(toldRow),
      };
    }),
  keys: [
    keyRow("barclamp", "edit", ["e"], "edit", { hint: 7 }),
    keyRow("barclamp", "test", ["t"], "test", { hint: 6 }),
    keyRow("barclamp", "docs", ["o"], "its page in the pager", { hint: 4 }),
  ],
  actions: {
    edit: ({ world, param, row }) => {
      const barclamp = known(world, filesTopic)?.barclamps.get(param);
      if (barclamp === undefined) return [];
      const file = row?.id.startsWith("file:") === true ? row.id.slice(5) : "barclamp.yaml";
      const at = file === "barclamp.yaml" ? lineOf(barclamp, row?.id ?? "") : undefined;
      return [
        {
          want: "effect",
          effect: {
            do: "foreground",
            what: { kind: "editor", file: `${barclamp.folder}/${file}`, ...(at === undefined ? {} : { line: at }) },
          },
        },
      ];
    },
    test: ({ param }) => [{ want: "effect", effect: { do: "run", argv: ["barclamp", "test", param], show: "output" } }],
    docs: ({ param }) => [{ want: "effect", effect: { do: "foreground", what: { kind: "paged", argv: ["barclamp", "docs", param] } } }],
  },
});

function lineOf({ roles }: Barclamp, id: string): number | undefined {
  const role = Object.values(roles).find(({ name }) => id.startsWith(`role:${name}:`));
  const step = role?.steps.find((each) => id === `role:${role.name}:step:${each.id}`);
  return step?.place.line ?? role?.place.line;
}

function attributeLines(name: string, attribute: Attribute, width: number): readonly Told[] {
  const { type, required, why } = attribute;
  const standard =
    attribute.default === undefined ? (required ? "has to be given" : "no default") : `default ${valueWords(attribute.default)}`;
  return [
    {
      id: `setting:${name}`,
      text: `${name}, ${type}, ${standard}${limits(attribute)}. ${why ?? ""}`,
      line: line(
        [name.padEnd(Math.min(28, Math.max(14, name.length))), "strong"],
        [`  ${type.padEnd(9)}`, "accent"],
        [`  ${standard}`, required ? "warn" : "plain"],
        [limits(attribute), "dim"],
      ),
    },
    ...(why === undefined
      ? []
      : prose(`setting:${name}:why`, why, width - 4, "dim").map((told) => ({ ...told, line: indent(told.line, 4) }))),
  ];
}

function limits({ min, max, oneOf, pattern, of }: Attribute): string {
  const parts = [
    ...(of === undefined ? [] : [`of ${of}`]),
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
    ...(oneOf === undefined ? [] : [`one of ${listed(oneOf.map(valueWords))}`]),
    ...(pattern === undefined ? [] : [`matches ${pattern}`]),
  ];
  return parts.length === 0 ? "" : `  ${parts.join(", ")}`;
}

function roleLines(role: Role, width: number): readonly Told[] {
  const {
    name,
    description,
    requires,
    conflicts,
    provides,
    platform,
    inputs,
    outputs,
    steps,
    checks,
    verify,
    proves,
    undo,
    cluster,
    critical,
  } = role;
  const pairs: readonly (readonly [string, string])[] = [
    ["requires", requires.join(", ")],
    ["provides", [...provides, ...Object.values(outputs).flatMap(({ capability }) => capability ?? [])].join(", ")],
    ["conflicts", conflicts.join(", ")],
    ["platform", platform.join(", ")],
    [
      "inputs",
      Object.entries(inputs)
        .map(([input, { from, all }]) => `${input} from ${from}${all ? " (all)" : ""}`)
        .join(", "),
    ],
    [
      "outputs",
      Object.entries(outputs)
        .map(([output, { type }]) => `${output}: ${type}`)
        .join(", "),
    ],
    ["order", cluster === undefined ? "" : `${cluster.order}${cluster.quorum === undefined ? "" : `, quorum ${cluster.quorum}`}`],
    ["checks", checks.map(({ code }) => code).join(", ")],
    ["verify", verify.map(({ id }) => id).join(", ")],
    ["proves", proves.map(({ id }) => id).join(", ")],
    ["undo", undo === undefined ? "the inverse of each step" : `own: ${count(undo.length, "step")}`],
  ];
  const id = `role:${name}:`;
  return [
    title(`role ${name}${critical === true ? " (critical)" : ""}`),
    ...(description === undefined ? [] : prose(`${id}about`, description, width)),
    ...pairs
      .filter(([, text]) => text !== "")
      .flatMap(([word, text]) =>
        prose(`${id}${word}`, text, width - 11).map(
          (told, index): Told => ({
            ...told,
            line: { segs: [[(index === 0 ? word : "").padEnd(11), "dim"], ...told.line.segs], look: "normal" },
          }),
        ),
      ),
    ...steps.map(
      (step): Told => ({ id: `${id}step:${step.id}`, line: line([step.id.padEnd(40), "plain"], [`  ${step.common.name ?? ""}`, "dim"]) }),
    ),
    { id: `gap:role:${name}`, line: line(""), heading: true },
  ];
}
