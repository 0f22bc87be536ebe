import type { CommandHelpDocument, HelpDocument } from "../../core/commands/help.ts";
import { globalOptions } from "../../core/commands/globals.ts";
import { type ArgumentShape, defaultText } from "../../core/commands/shape.ts";
import { definitions, type Screen, wrapText } from "../screen.ts";

/** The commands by area; with a prefix, those of a group. */
export function helpView(document: HelpDocument, screen: Screen): readonly string[] {
  const nameWidth = Math.max(...document.areas.flatMap(({ commands }) => commands.map(({ id }) => id.length)));
  const areas = document.areas.flatMap(({ area, commands }) => [
    screen.bold(area),
    ...definitions(
      screen,
      commands.map(({ id, summary }) => [id, summary] as const),
      2,
      nameWidth,
    ),
    "",
  ]);
  if (document.prefix !== "") return [...areas, `\`halligan help ${document.prefix} COMMAND\` explains one.`];
  return [
    `${screen.bold("halligan")} takes machines from "it answers SSH" to a working cluster, layer by layer.`,
    "",
    "halligan COMMAND [ARGUMENTS] [OPTIONS]",
    "",
    ...areas,
    screen.bold("options of every command"),
    ...globals(screen),
    "",
    "`halligan help COMMAND` explains one with examples. A first try: `halligan lab up`, then `halligan plan`.",
  ];
}

/** One command in full. */
export function commandHelpView(document: CommandHelpDocument, screen: Screen): readonly string[] {
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ["", screen.bold(title), ...lines];
  const width = Math.min(screen.width, 100);
  return [
    `${screen.bold(`halligan ${document.id}`)}: ${document.summary}`,
    "",
    document.usage,
    ...(document.details === "" ? [] : ["", ...wrapText(document.details, width)]),
    ...(document.needs === "nothing" ? [] : ["", needWords(document)]),
    ...section("arguments", definitions(screen, document.positionals.map(explained))),
    ...section("options", definitions(screen, document.options.map(explained))),
    ...section("options of every command", globals(screen)),
    ...section(
      "examples",
      definitions(
        screen,
        document.examples.map(({ line, does }) => [line, does] as const),
      ),
    ),
    ...section(
      "exit codes",
      wrapText(exitWords, width - 2).map((line) => `  ${line}`),
    ),
  ];
}

/** Who may do this where there is a people.yaml. */
function needWords({ roles, perDeployment }: CommandHelpDocument): string {
  const [last, ...others] = roles.toReversed();
  const any = others.length === 0 ? `the role ${last}` : `one of the roles ${others.toReversed().join(", ")} and ${last}`;
  return `With a people.yaml it needs ${any}${perDeployment ? ", for the deployments concerned" : ""}.`;
}

const exitWords =
  "0 done, 1 the run or a test failed, 2 wrong input, 3 policy or waiting for approval, 4 conflict or lock, 5 a node could not be reached or answered wrongly, 6 cancelled, 70 a defect in Halligan";

function explained(shape: ArgumentShape): readonly [string, string] {
  const option = shape.word.startsWith("--");
  const value =
    shape.kind === "boolean" ? "" : shape.kind === "choice" ? ` ${shape.choices.join("|")}` : shape.kind === "number" ? " N" : " VALUE";
  const name = `${option ? `${shape.word}${value}` : shape.word}${shape.many ? " ..." : ""}`;
  const choices = !option && shape.choices.length > 0 ? ` (${shape.choices.join(", ")})` : "";
  const text = defaultText(shape);
  const standard = text === undefined ? "" : ` [default: ${text}]`;
  return [name, `${shape.description}${choices}${standard}`];
}

function globals(screen: Screen): readonly string[] {
  return definitions(
    screen,
    globalOptions.map(
      ({ long, short, value, description }) =>
        [`${short === undefined ? "" : `${short}, `}${long}${value === undefined ? "" : ` ${value}`}`, description] as const,
    ),
  );
}
