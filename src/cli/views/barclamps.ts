import type { BarclampLintDocument } from "../../core/commands/barclamp-lint.ts";
import type { BarclampsDocument } from "../../core/commands/barclamp-list.ts";
import type { BarclampDocument, RoleView } from "../../core/commands/barclamp-show.ts";
import { renderProblems } from "../problems.ts";
import { definitions, type Screen, table } from "../screen.ts";

/** Barclamps, one per line. */
export function barclampsView({ barclamps }: BarclampsDocument, screen: Screen): readonly string[] {
  if (barclamps.length === 0) return ["There are no barclamps here. `halligan barclamp new NAME` makes one."];
  const rows = table(
    screen,
    [
      { title: "BARCLAMP", cell: (each) => each.name },
      { title: "VERSION", cell: (each) => each.version ?? "broken", paint: (each) => (each.version === null ? screen.red : screen.dim) },
      { title: "FROM", cell: fromText, flexible: true },
      { title: "ROLES", cell: (each) => each.roles.join(" ") || "-", flexible: true },
      { title: "WHAT", cell: (each) => firstSentence(each.description ?? "-"), flexible: true },
    ],
    barclamps,
  );
  const broken = barclamps.filter((each) => each.problems.length > 0);
  const hiding = barclamps.filter((each) => each.hides);
  const hidden = hiding.map(({ name, folder }) => `\n${name} of halligan.lock is not used: ${folder} goes before it.`);
  return [...rows, ...hidden, ...broken.map((each) => `\n${each.name} has problems: halligan barclamp lint ${each.name}`)];
}

/** Where a barclamp comes from, in a few words. */
function fromText({ origin, source }: Pick<BarclampDocument, "origin" | "source">): string {
  if (source === null) return origin === "cluster" ? "barclamps/" : "Halligan";
  const at = source.commit === null ? "" : ` (${source.commit.slice(0, 7)})`;
  return `${source.source}${source.path === null ? "" : ` ${source.path}`}${source.ref === null ? "" : ` @${source.ref}`}${at}`;
}

/** What comes first says what it is for; the rest belongs to `barclamp show`. */
function firstSentence(text: string): string {
  return /^[\s\S]*?[.:](?=\s|$)/u.exec(text)?.[0] ?? text;
}

/** One barclamp: settings and roles. */
export function barclampView(document: BarclampDocument, screen: Screen): readonly string[] {
  const settings = Object.entries(document.attributes).map(([name, attribute]) => ({ name, ...attribute }));
  return [
    `${screen.bold(document.name)} ${document.version} (${fromText(document)}, ${document.folder})`,
    ...(document.description === null ? [] : [document.description.trimEnd()]),
    ...(settings.length === 0
      ? []
      : [
          "",
          screen.bold("settings"),
          ...table(
            screen,
            [
              { title: "  NAME", cell: (each) => `  ${each.name}` },
              { title: "TYPE", cell: (each) => (each.of === undefined ? each.type : `${each.type} of ${each.of}`) },
              {
                title: "DEFAULT",
                cell: (each) => (each.default === undefined ? (each.required ? "required" : "-") : JSON.stringify(each.default)),
                flexible: true,
              },
              {
                title: "WHY",
                cell: (each) =>
                  `${each.deprecated === undefined ? "" : `deprecated since ${each.deprecated.since}: ${each.deprecated.why} `}${each.why ?? ""}`,
                flexible: true,
              },
            ],
            settings,
          ),
        ]),
    ...document.roles.flatMap((role) => ["", screen.bold(`role ${role.name}`), ...roleLines(role, screen)]),
    "",
    `halligan barclamp docs ${document.name} prints all of it as a page.`,
  ];
}

function roleLines(role: RoleView, screen: Screen): readonly string[] {
  const pairs: readonly (readonly [string, string])[] = [
    ["what", role.description ?? ""],
    ["deprecated", role.deprecated === null ? "" : `since ${role.deprecated.since}: ${role.deprecated.why}`],
    ["requires", role.requires.join(", ")],
    ["provides", role.provides.join(", ")],
    ["never beside", role.conflicts.join(", ")],
    ["platforms", role.platform.join(", ") || "any"],
    [
      "inputs",
      Object.entries(role.inputs)
        .map(([name, input]) => `${name} from ${input.from}`)
        .join(", "),
    ],
    [
      "outputs",
      Object.entries(role.outputs)
        .map(([name, output]) => `${name} (${output.type})`)
        .join(", "),
    ],
    ["steps", role.steps.map((step) => step.id).join(", ")],
    ["checks", role.checks.join(", ")],
    ["verify", role.verify.join(", ")],
    ["proves", role.proves.map(({ capability, means }) => `${capability}: ${means}`).join(" ")],
    ["undo", role.undo === "own" ? "its own steps" : "the inverse of each step"],
  ];
  return definitions(
    screen,
    pairs.filter(([, text]) => text !== ""),
  );
}

/** Problems and advice. */
export function barclampLintView({ barclamps }: BarclampLintDocument, screen: Screen): readonly string[] {
  if (barclamps.length === 0) return ["There are no barclamps here. `halligan barclamp new NAME` makes one."];
  return barclamps.flatMap(({ name, problems, advice }) => {
    const verdict = problems.length > 0 ? screen.red("problems") : advice.length > 0 ? screen.yellow("advice") : screen.green("fine");
    return [
      `${screen.bold(name)} ${verdict}`,
      ...renderProblems(problems, screen),
      ...advice.map(({ where, message }) => `  ${where}: ${message}`),
    ];
  });
}
