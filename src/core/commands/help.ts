import { z } from "zod";
import { rolesFor } from "../authority/authorise.ts";
import type { Role } from "../authority/people.ts";
import { fail } from "../errors.ts";
import { suggestion } from "../model/suggest.ts";
import { type Area, type CommandDefinition, type Need, defineCommand } from "./command.ts";
import { type ArgumentShape, argumentShapes } from "./shape.ts";

/** `help`: what there is, by area. */
export interface HelpDocument {
  readonly halligan: 1;
  readonly kind: "help";
  /** The words that all shown commands begin with; empty = all commands. */
  readonly prefix: string;
  readonly areas: readonly { readonly area: Area; readonly commands: readonly { readonly id: string; readonly summary: string }[] }[];
}

/** `help COMMAND`: one command in full. */
export interface CommandHelpDocument {
  readonly halligan: 1;
  readonly kind: "command-help";
  readonly id: string;
  readonly area: Area;
  readonly summary: string;
  readonly details: string;
  readonly usage: string;
  readonly risk: "read" | "change" | "destructive";
  /** What people.yaml must grant; `nothing` where no cluster is concerned. */
  readonly needs: Need;
  /** The roles that do. */
  readonly roles: readonly Role[];
  /** True when a role for the deployments that are concerned is enough. */
  readonly perDeployment: boolean;
  readonly follows: boolean;
  readonly positionals: readonly ArgumentShape[];
  readonly options: readonly ArgumentShape[];
  readonly examples: readonly { readonly line: string; readonly does: string }[];
}

/** Areas in the order in which they are shown. */
const areaOrder: readonly Area[] = [
  "start",
  "inventory",
  "barclamps",
  "intent",
  "plan and run",
  "day two",
  "authority",
  "people",
  "processes",
];

/** All commands whose id begins with these words, by area. */
export function helpDocument(all: readonly CommandDefinition[], prefix = ""): HelpDocument {
  const shown = all.filter((each) => each.hidden !== true && (prefix === "" || each.id.startsWith(`${prefix} `)));
  const areas = areaOrder.flatMap((area) => {
    const commands = shown.filter((each) => each.area === area).map(({ id, summary }) => ({ id, summary }));
    return commands.length === 0 ? [] : [{ area, commands }];
  });
  return { halligan: 1, kind: "help", prefix, areas };
}

/** One command in full. */
export function commandHelp(definition: CommandDefinition): CommandHelpDocument {
  const shapes = argumentShapes(definition.args, definition.positionals);
  const positionals = definition.positionals.flatMap((key) => shapes.filter((shape) => shape.key === key));
  const options = shapes.filter((shape) => !definition.positionals.includes(shape.key));
  return {
    halligan: 1,
    kind: "command-help",
    id: definition.id,
    area: definition.area,
    summary: definition.summary,
    details: definition.details ?? "",
    usage: usage(definition, positionals, options),
    risk: definition.risk,
    needs: definition.needs,
    roles: definition.needs === "nothing" ? [] : rolesFor[definition.needs],
    perDeployment: definition.scope === "deployments",
    follows: definition.follows,
    positionals,
    options,
    examples: definition.examples,
  };
}

function usage({ id, rest }: CommandDefinition, positionals: readonly ArgumentShape[], options: readonly ArgumentShape[]): string {
  const word = (shape: ArgumentShape): string => {
    const name = shape.many ? `${shape.word}...` : shape.kind === "choice" ? shape.choices.join("|") : shape.word;
    return shape.required ? name : `[${name}]`;
  };
  const before = positionals.filter(({ key }) => key !== rest).map(word);
  const behind = positionals.filter(({ key }) => key === rest).map((shape) => `-- ${word(shape)}`);
  return ["halligan", id, ...before, ...(options.length > 0 ? ["[OPTIONS]"] : []), ...behind].join(" ");
}

/** Says what the commands are, or explains one. */
export const helpCommand = defineCommand({
  id: "help",
  area: "start",
  summary: "List the commands, or explain one",
  args: () => z.object({ command: z.array(z.string()).default([]).describe("Words of the command: lab up") }),
  positionals: ["command"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { takes: "nothing" },
  examples: [
    { line: "halligan help plan", does: "explains `plan` with its options and examples" },
    { line: "halligan plan --help", does: "the same" },
  ],
  async run(_context, { command }) {
    const { commands } = await import("./registry.ts");
    const words = command.join(" ");
    if (words === "") return { exit: 0, document: { ...helpDocument(commands) } };
    const definition = commands.find((each) => each.id === words);
    if (definition !== undefined) return { exit: 0, document: { ...commandHelp(definition) } };
    const group = helpDocument(commands, words);
    if (group.areas.length > 0) return { exit: 0, document: { ...group } };
    const known = commands.filter((each) => each.hidden !== true).map((each) => each.id);
    throw fail("USAGE", { message: `There is no command \`${words}\`.`, hint: suggestion(words, known) });
  },
});
