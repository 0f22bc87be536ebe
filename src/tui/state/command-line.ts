import { shellWord } from "../../core/words/shell-word.ts";
import type { CommandDefinition } from "../../core/commands/command.ts";
import { commands } from "../../core/commands/registry.ts";
import { type ArgumentShape, argumentShapes, defaultText } from "../../core/commands/shape.ts";

/** Commands that people type; those that are this program, or need the whole terminal for a dialogue of their own, are not run in the background. */
export const typed: readonly CommandDefinition[] = commands.filter(({ hidden, id }) => hidden !== true && id !== "tui");

/** Commands that talk with the person themselves: `rebuild` shows two plans, the second of which can only be made when the first has been carried out. */
export const interactive: ReadonlySet<string> = new Set(["lab tour", "serve", "worker", "link", "secrets set", "rebuild"]);

/** Commands that do nothing without any argument, although each single one may be left out. */
const needSomething: ReadonlySet<string> = new Set(["set", "propose"]);

/** True when a form should ask for what such a command line lacks. */
export function isIncomplete(command: CommandDefinition, rest: readonly string[]): boolean {
  return missing(command, rest).length > 0 || (rest.length === 0 && needSomething.has(command.id));
}

/** Splits a line as a shell does: words, '...' and "..." and backslashes. An open quote goes to the end. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (quote !== "") {
      if (char === quote) quote = "";
      else word = (word ?? "") + char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (char === "\\" && at + 1 < text.length) {
      at += 1;
      word = (word ?? "") + (text[at] ?? "");
    } else if (/\s/u.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** A command line as one would type it. */
export function joinWords(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

/** The command that a line begins with, and the words behind it. */
export function findCommand(
  words: readonly string[],
): { readonly command: CommandDefinition; readonly rest: readonly string[] } | undefined {
  for (const length of [3, 2, 1]) {
    if (words.length < length) continue;
    const command = typed.find(({ id }) => id === words.slice(0, length).join(" "));
    if (command !== undefined) return { command, rest: words.slice(length) };
  }
  return undefined;
}

/** The arguments of a command. */
export function shapesOf(command: CommandDefinition): readonly ArgumentShape[] {
  return argumentShapes(command.args, command.positionals);
}

/** Arguments that have to be given and are not among these words. */
function missing(command: CommandDefinition, rest: readonly string[]): readonly ArgumentShape[] {
  const shapes = shapesOf(command);
  const places = rest.filter((word) => !word.startsWith("-")).length;
  return shapes.filter(({ key, word, required }) => {
    if (!required) return false;
    const place = command.positionals.indexOf(key);
    return place === -1 ? !rest.some((each) => each === word || each.startsWith(`${word}=`)) : place >= places;
  });
}

/** The words that a filled form means: positionals in order, then options; what is empty or as it would be anyway is left out. */
export function formWords(command: CommandDefinition, values: ReadonlyMap<string, string>): readonly string[] {
  const shapes = shapesOf(command);
  const given = (shape: ArgumentShape): readonly string[] => {
    const text = (values.get(shape.key) ?? "").trim();
    if (text === "") return [];
    return shape.many ? splitWords(text) : [text];
  };
  const positionals = command.positionals.flatMap((key) => shapes.filter((shape) => shape.key === key).flatMap(given));
  const options = shapes
    .filter(({ key }) => !command.positionals.includes(key))
    .flatMap((shape) => {
      if (shape.kind === "boolean") return values.get(shape.key) === "yes" ? [shape.word] : [];
      return given(shape).flatMap((text) => (text === defaultText(shape) ? [] : [shape.word, text]));
    });
  return [...command.id.split(" "), ...options, ...(positionals.some((word) => word.startsWith("-")) ? ["--"] : []), ...positionals];
}
