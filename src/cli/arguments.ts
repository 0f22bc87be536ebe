import type { CommandDefinition } from "../core/commands/command.ts";
import { type GlobalOption, globalOptions } from "../core/commands/globals.ts";
import { type ArgumentShape, argumentShapes } from "../core/commands/shape.ts";
import { type Problem, problem } from "../core/errors.ts";
import { suggestion } from "../core/model/suggest.ts";

/** Values of the options that every command takes. */
export interface Globals {
  readonly file?: string;
  readonly state?: string;
  readonly json: boolean;
  readonly plain: boolean;
  readonly trace: boolean;
  readonly yes: boolean;
  readonly version: boolean;
  readonly help: boolean;
}

/** A command line, understood. `command` is absent for `halligan` alone, and where only a group of commands such as `lab` was named. */
export interface Parsed {
  readonly globals: Globals;
  readonly words: readonly string[];
  readonly command?: CommandDefinition;
  readonly args: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

interface Token {
  /** `--name` or `-n` as typed; absent for a plain word. */
  readonly option?: string;
  /** The word, or the value after `=`. */
  readonly value?: string;
}

/** Understands a command line; every problem of it is reported. Pure. */
export function parseArguments(argv: readonly string[], all: readonly CommandDefinition[]): Parsed {
  const found = findCommand(argv, all);
  const reader = new Reader(found.command);
  reader.read(argv, found.skip);
  if (found.command === undefined) {
    const problems =
      found.words.length > 0 && !isGroup(found.words, all) && !reader.globals().help ? [unknownCommand(found.words, all)] : [];
    // unknown options are no news when the command itself is unknown
    return { globals: reader.globals(), words: found.words, args: {}, problems: problems.length > 0 ? problems : reader.problems };
  }
  const { args, problems } = reader.checked(found.command);
  return { globals: reader.globals(), words: found.words, command: found.command, args, problems: [...reader.problems, ...problems] };
}

/** Global options that take a value, as typed. */
const globalValued = new Set(
  globalOptions
    .filter((each) => each.value !== undefined)
    .flatMap((each) => [each.long, ...(each.short === undefined ? [] : [each.short])]),
);

/** Finds the command's words among the options before and between them; the longest id wins. */
function findCommand(
  argv: readonly string[],
  all: readonly CommandDefinition[],
): { readonly command?: CommandDefinition; readonly words: readonly string[]; readonly skip: ReadonlySet<number> } {
  const places: number[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? "";
    if (word === "--") break;
    if (globalValued.has(word)) index += 1;
    else if (!word.startsWith("-")) places.push(index);
  }
  const words = places.map((place) => argv[place] ?? "");
  for (let length = Math.min(3, words.length); length > 0; length -= 1) {
    const id = words.slice(0, length).join(" ");
    const command = all.find((each) => each.id === id);
    if (command !== undefined) return { command, words: words.slice(0, length), skip: new Set(places.slice(0, length)) };
  }
  return { words, skip: new Set(places) };
}

function isGroup(words: readonly string[], all: readonly CommandDefinition[]): boolean {
  return all.some((each) => each.hidden !== true && each.id.startsWith(`${words.join(" ")} `));
}

function unknownCommand(words: readonly string[], all: readonly CommandDefinition[]): Problem {
  const ids = all.filter((each) => each.hidden !== true).map((each) => each.id);
  const heads = new Set(ids.map((id) => id.split(" ")[0] ?? ""));
  const [head = ""] = words;
  const text = heads.has(head) ? words.slice(0, 2).join(" ") : head;
  const near = heads.has(head) ? ids.filter((id) => id.startsWith(`${head} `)) : [...heads];
  const hint = suggestion(text, near);
  return problem("USAGE", {
    message: `There is no command \`${text}\`.`,
    hint: hint?.startsWith("Did") ? hint : heads.has(head) ? hint : "`halligan help` lists the commands.",
  });
}

/** Reads tokens into values by the shapes of a command. */
class Reader {
  readonly problems: Problem[] = [];
  readonly #shapes: readonly ArgumentShape[];
  readonly #positionals: readonly string[];
  readonly #id: string;
  readonly #known: boolean;
  readonly #shorts: Readonly<Record<string, string>>;
  readonly #globals: Record<string, string | boolean> = {};
  readonly #values: Record<string, unknown> = {};
  #place = 0;

  constructor(command: CommandDefinition | undefined) {
    this.#known = command !== undefined;
    this.#id = command?.id ?? "";
    this.#shorts = command?.shorts ?? {};
    this.#positionals = command?.positionals ?? [];
    this.#shapes = command === undefined ? [] : argumentShapes(command.args, command.positionals);
  }

  read(argv: readonly string[], skip: ReadonlySet<number>): void {
    let onlyWords = false;
    for (let index = 0; index < argv.length; index += 1) {
      if (skip.has(index)) continue;
      const text = argv[index] ?? "";
      if (onlyWords || text === "-" || !text.startsWith("-")) this.#word(text);
      else if (text === "--") onlyWords = true;
      else if (this.#option(token(text), argv[index + 1])) index += 1;
    }
  }

  globals(): Globals {
    return { json: false, plain: false, trace: false, yes: false, version: false, help: false, ...this.#globals };
  }

  /** Judges the values by the command's schema. */
  checked(command: CommandDefinition): { readonly args: Readonly<Record<string, unknown>>; readonly problems: readonly Problem[] } {
    const result = command.args.safeParse(this.#values);
    if (result.success) return { args: result.data, problems: [] };
    const problems: Problem[] = [];
    const seen = new Set<string>();
    for (const issue of result.error.issues) {
      const key = String(issue.path[0] ?? "");
      if (seen.has(key)) continue;
      seen.add(key);
      problems.push(this.#invalid(command, key, issue.message));
    }
    return { args: {}, problems };
  }

  #invalid(command: CommandDefinition, key: string, message: string): Problem {
    const shape = this.#shapes.find((each) => each.key === key);
    const name = shape?.word ?? key;
    const hint = `\`halligan help ${command.id}\` explains it.`;
    const given = this.#values[key];
    if (given === undefined) return problem("USAGE", { message: `\`${command.id}\` needs ${name}${aside(shape)}.`, hint });
    const text = [given]
      .flat()
      .map((each) => (typeof each === "string" ? each : JSON.stringify(each)))
      .join(" ");
    const near = shape !== undefined && shape.choices.length > 0 ? suggestion(text, shape.choices) : undefined;
    const why =
      shape !== undefined && shape.choices.length > 0
        ? `must be one of ${shape.choices.join(", ")}`
        : message.replace(/^Invalid input: /u, "");
    return problem("USAGE", { message: `${name} is \`${text}\`: ${why}.`, hint: near?.startsWith("Did") ? near : hint });
  }

  /** Takes an option; true when the next word was its value. */
  #option(option: Token, next: string | undefined): boolean {
    const typed = option.option ?? "";
    const short = this.#shapes.find((each) => typed === `-${this.#shorts[each.key] ?? ""}` && typed.length === 2);
    if (short !== undefined) return this.#own(short, option.value, next);
    const global = globalOptions.find((each) => each.long === typed || each.short === typed);
    if (global !== undefined) return this.#global(global, option.value, next);
    const shape = this.#shapes.find((each) => each.word === typed && !this.#positionals.includes(each.key));
    if (shape !== undefined) return this.#own(shape, option.value, next);
    if (typed.startsWith("--no-")) {
      const positive = this.#shapes.find((each) => each.kind === "boolean" && each.word === `--${typed.slice(5)}`);
      if (positive !== undefined) {
        this.#values[positive.key] = false;
        return false;
      }
    }
    this.#unknownOption(typed);
    return false;
  }

  #unknownOption(typed: string): void {
    if (!this.#known) return;
    const options = [
      ...this.#shapes.filter((each) => !this.#positionals.includes(each.key)).map((each) => each.word),
      ...globalOptions.map((each) => each.long),
    ];
    const near = suggestion(typed, options);
    this.problems.push(
      problem("USAGE", {
        message: `\`${this.#id}\` has no option \`${typed}\`.`,
        hint: near?.startsWith("Did")
          ? near
          : `\`halligan help ${this.#id}\` lists its options. Put \`--\` before a word that begins with a dash.`,
      }),
    );
  }

  #global(option: GlobalOption, given: string | undefined, next: string | undefined): boolean {
    if (option.value === undefined) {
      if (given !== undefined) this.problems.push(problem("USAGE", { message: `${option.long} takes no value.` }));
      this.#globals[option.key] = true;
      return false;
    }
    const value = given ?? next;
    if (value === undefined || value === "")
      this.problems.push(problem("USAGE", { message: `${option.long} needs a value: ${option.long} ${option.value}.` }));
    else this.#globals[option.key] = value;
    return given === undefined && value !== undefined;
  }

  #own(shape: ArgumentShape, given: string | undefined, next: string | undefined): boolean {
    if (shape.kind === "boolean") {
      if (given !== undefined && given !== "true" && given !== "false")
        this.problems.push(problem("USAGE", { message: `${shape.word} takes no value.` }));
      this.#values[shape.key] = given !== "false";
      return false;
    }
    const value = given ?? next;
    if (value === undefined || (given === undefined && value.startsWith("--"))) {
      this.problems.push(
        problem("USAGE", { message: `${shape.word} needs a value${aside(shape)}.`, hint: `\`halligan help ${this.#id}\` explains it.` }),
      );
      this.#values[shape.key] ??= shape.default;
      return false;
    }
    this.#put(shape, value);
    return given === undefined;
  }

  #word(text: string): void {
    if (!this.#known) return;
    const shape = this.#shapes.find((each) => each.key === this.#positionals[this.#place]);
    if (shape === undefined) {
      this.problems.push(
        problem("USAGE", {
          message: `\`${this.#id}\` does not know what to do with \`${text}\`.`,
          hint: `\`halligan help ${this.#id}\` shows its arguments.`,
        }),
      );
      return;
    }
    this.#put(shape, text);
    if (!shape.many) this.#place += 1;
  }

  #put(shape: ArgumentShape, text: string): void {
    const value = shape.kind === "number" && /^-?\d+(\.\d+)?$/u.test(text) ? Number(text) : text;
    if (shape.many) this.#values[shape.key] = [...((this.#values[shape.key] as readonly unknown[] | undefined) ?? []), value];
    else this.#values[shape.key] = value;
  }
}

function token(text: string): Token {
  const equals = text.indexOf("=");
  return equals < 0 ? { option: text } : { option: text.slice(0, equals), value: text.slice(equals + 1) };
}

function aside(shape: ArgumentShape | undefined): string {
  if (shape === undefined) return "";
  return shape.choices.length > 0 ? ` (${shape.choices.join(", ")})` : shape.description === "" ? "" : ` (${shape.description})`;
}
