import type { CommandDefinition } from "../../src/core/commands/command.ts";
import { globalOptions } from "../../src/core/commands/globals.ts";
import { type CommandHelpDocument, commandHelp, helpDocument } from "../../src/core/commands/help.ts";
import { commands } from "../../src/core/commands/registry.ts";
import { type ArgumentShape, defaultText } from "../../src/core/commands/shape.ts";

/** The text of `docs/commands.md`: every command that is shown in help, in the same order. */
export function commandsDocument(): string {
  const { areas } = helpDocument(commands);
  const sections = areas.flatMap(({ area, commands: listed }) => [
    `## ${area[0]?.toUpperCase() ?? ""}${area.slice(1)}`,
    ...listed.flatMap(({ id }) => commands.filter((each) => each.id === id).map(commandSection)),
  ]);
  return `${[intro(), ...sections].join("\n\n")}\n`;
}

function intro(): string {
  const rows = globalOptions.map(
    ({ long, short, value, description }) =>
      `| \`${short === undefined ? "" : `${short}, `}${long}${value === undefined ? "" : ` ${value}`}\` | ${cell(description)} |`,
  );
  return [
    "# Commands",
    "<!-- Generated from src/core/commands by `npm run docs`; do not edit by hand. -->",
    "`halligan help COMMAND` shows the same. What `--json` prints is in [json.md](json.md), exit codes and problems in [errors.md](errors.md).",
    "Options of every command, which may stand anywhere:",
    `| option | meaning |\n|---|---|\n${rows.join("\n")}`,
  ].join("\n\n");
}

function commandSection(definition: CommandDefinition): string {
  const help: CommandHelpDocument = commandHelp(definition);
  const rows = [...help.positionals, ...help.options].map(
    (shape) => `| \`${cell(nameOf(shape))}\` | ${cell(shape.description)}${standardOf(shape)} |`,
  );
  return [
    `### ${help.id}`,
    `${help.summary}.`,
    `    ${help.usage}`,
    ...(help.roles.length === 0 ? [] : [`Roles: ${help.roles.join(", ")}${help.perDeployment ? " (for the deployments concerned)" : ""}.`]),
    ...(help.details === "" ? [] : [help.details.replaceAll("\n", " ")]),
    ...(rows.length === 0 ? [] : [`| argument | meaning |\n|---|---|\n${rows.join("\n")}`]),
    ...(help.examples.length === 0 ? [] : [help.examples.map(({ line, does }) => `- \`${line}\`: ${does}`).join("\n")]),
  ].join("\n\n");
}

function nameOf(shape: ArgumentShape): string {
  const value =
    !shape.word.startsWith("--") || shape.kind === "boolean"
      ? ""
      : shape.kind === "choice"
        ? ` ${shape.choices.join("|")}`
        : shape.kind === "number"
          ? " N"
          : " VALUE";
  return `${shape.word}${value}${shape.many ? " ..." : ""}`;
}

function standardOf(shape: ArgumentShape): string {
  const text = defaultText(shape);
  return text === undefined ? "" : ` (default: \`${text}\`)`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
