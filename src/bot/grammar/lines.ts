import { parseArguments } from "../../core/commands/arguments.ts";
import type { CommandDefinition } from "../../core/commands/command.ts";
import { joinChat, splitChat } from "./words.ts";

/** What decides how a command is written for somebody here. */
export interface Style {
  readonly commands: readonly CommandDefinition[];
  /** How one speaks to us here: `/halligan`, `@halligan`, or nothing in a direct conversation. */
  readonly prefix: string;
  /** The cluster that examples and hints are about. */
  readonly cluster: string | undefined;
}

/** Words behind the prefix, as one would type them: an empty prefix leaves nothing before them. */
export function typedLine({ prefix }: Pick<Style, "prefix">, words: readonly string[]): string {
  return [...(prefix === "" ? [] : [prefix]), ...(words.length === 0 ? [] : [joinChat(words)])].join(" ");
}

/** A command line (`halligan diff P-3`) as one types it here (`/halligan diff lab-a P-3`); `undefined` = it does not work in chat. */
export function chatLine(style: Style, line: string): string | undefined {
  const { words } = splitChat(line);
  const rest = words[0] === "halligan" ? words.slice(1) : words;
  const { command, problems, globals } = parseArguments(rest, style.commands);
  if (command === undefined || problems.length > 0 || !fitsChat(command) || usesTerminal(globals)) return undefined;
  const length = command.id.split(" ").length;
  if (rest.slice(0, length).join(" ") !== command.id) return undefined;
  const cluster = takesCluster(command) && style.cluster !== undefined ? [style.cluster] : [];
  return typedLine(style, [...rest.slice(0, length), ...cluster, ...rest.slice(length)]);
}

/** A text of the command line with its commands as one types them here; those that do not work in chat are told to be for a terminal. */
export function inChat(style: Style, text: string): string {
  return text
    .replaceAll(/`halligan ([^`\n]+)`/gu, (whole, line: string) => {
      const told = chatLine(style, line) ?? looseLine(style, line);
      return told === undefined ? `${whole} (in a terminal)` : `\`${told}\``;
    })
    .replaceAll(/(?<![\w/`@.-])halligan ([a-z][^`\n]*)/gu, (whole, line: string) => looseLine(style, line) ?? whole);
}

/** The same for a line whose arguments are not complete, such as `halligan logs R-3 ...` in the middle of a sentence. */
function looseLine(style: Style, line: string): string | undefined {
  const known = style.commands.filter(({ id }) => line === id || (line.startsWith(id) && /[^\w-]/u.test(line.charAt(id.length))));
  const command = known.toSorted((a, b) => b.id.length - a.id.length)[0];
  if (command === undefined || !fitsChat(command)) return undefined;
  const cluster = takesCluster(command) && style.cluster !== undefined ? ` ${style.cluster}` : "";
  return `${style.prefix === "" ? "" : `${style.prefix} `}${command.id}${cluster}${line.slice(command.id.length)}`;
}

/** True for commands that work in chat. */
export function fitsChat({ chat, hidden }: CommandDefinition): boolean {
  return hidden !== true && !("no" in chat);
}

/** True for commands that have to be told the cluster. */
export function takesCluster({ chat }: CommandDefinition): boolean {
  return !("no" in chat) && chat.takes === "cluster";
}

/** True where an option was given that means the machine on which it is typed. */
function usesTerminal(globals: ReturnType<typeof parseArguments>["globals"]): boolean {
  const { file, state, identity, json, plain, trace, version } = globals;
  return file !== undefined || state !== undefined || identity !== undefined || json || plain || trace || version;
}

/** The examples of a command that work here; of one that needs no arguments there is always one. */
export function chatExamples(style: Style, command: CommandDefinition): readonly { readonly line: string; readonly does: string }[] {
  const told = command.examples.flatMap(({ line, does }) => {
    // `> file` and `<(...)` are for a shell
    const typed = /[<>|]/u.test(line) ? undefined : chatLine(style, line);
    return typed === undefined ? [] : [{ line: typed, does }];
  });
  const bare = chatLine(style, command.id);
  return told.length > 0 || bare === undefined ? told : [{ line: bare, does: command.summary }];
}
