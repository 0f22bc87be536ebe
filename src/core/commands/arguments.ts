import { type Problem, problem } from "../errors.ts";
import { suggestion } from "../model/suggest.ts";
import type { CommandDefinition } from "./command.ts";
import { type GlobalOption, globalOptions } from "./globals.ts";
import { type ArgumentShape, argumentShapes } from "./shape.ts";
import { type OptionToken, type TokenOption, type TokenOptions, tokensOf } from "./tokens.ts";

/** Values of the options that every command takes. */
export interface Globals {
  readonly file?: string;
  /** Every `--file`, as typed: commands that work on several clusters take them all. */
  readonly files: readonly string[];
  readonly state?: string;
  readonly identity?: string;
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
  /** The words that were typed, without those of the command. */
  readonly rest: readonly string[];
  readonly args: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

const globalConfig: TokenOptions = new Map(
  globalOptions.map(({ long, short, value }): readonly [string, TokenOption] => [
    long.slice(2),
    { type: value === undefined ? "boolean" : "string", ...(short === undefined ? {} : { short: short.slice(1) }) },
  ]),
);

/** Understands a command line; every problem of it is reported. Pure. */
export function parseArguments(argv: readonly string[], all: readonly CommandDefinition[]): Parsed {
  const found = findCommand(argv, all);
  const reader = new Reader(found.command);
  const rest = argv.filter((_, index) => !found.skip.has(index));
  reader.read(rest);
  if (found.command === undefined) {
    const problems =
      found.words.length > 0 && !isGroup(found.words, all) && !reader.globals().help ? [unknownCommand(found.words, all)] : [];
    // unknown options are no news when the command itself is unknown
    return { globals: reader.globals(), words: found.words, rest, args: {}, problems: problems.length > 0 ? problems : reader.problems };
  }
  const { args, problems } = reader.checked(found.command);
  return { globals: reader.globals(), words: found.words, command: found.command, rest, args, problems: [...reader.problems, ...problems] };
}

/** Finds the command's words among the options before and between them; the longest id wins. */
function findCommand(
  argv: readonly string[],
  all: readonly CommandDefinition[],
): { readonly command?: CommandDefinition; readonly words: readonly string[]; readonly skip: ReadonlySet<number> } {
  const tokens = tokensOf(argv, globalConfig);
  const end = tokens.findIndex((each) => each.kind === "option-terminator");
  const typed = tokens.slice(0, end < 0 ? undefined : end).flatMap((each) => (each.kind === "positional" ? [each] : []));
  const words = typed.map((each) => each.value);
  const places = typed.map((each) => each.index);
  for (let length = Math.min(3, words.length); length > 0; length -= 1) {
    const id = words.slice(0, length).join(" ");
    const command = all.find((each) => each.id === id);
    if (command !== undefined) return { command, words: words.slice(0, length), skip: new Set(places.slice(0, length)) };
  }
  return { words, skip: new Set(places) };
}

/** Where the words stand that are given by place: those before `--` that are neither the command's own, nor options and their values. */
export function wordPlaces(argv: readonly string[], command: CommandDefinition): readonly number[] {
  const { skip } = findCommand(argv, [command]);
  const tokens = tokensOf(argv, optionsOf(command));
  const end = tokens.findIndex((each) => each.kind === "option-terminator");
  const places = tokens.slice(0, end < 0 ? undefined : end).flatMap((each) => (each.kind === "positional" ? [each.index] : []));
  return places.filter((index) => !skip.has(index));
}

/** What the tokenizer must know of the options: which take a value, and their letters. A command's own letter goes before a global one. */
function optionsOf(command: CommandDefinition | undefined): TokenOptions {
  if (command === undefined) return globalConfig;
  const own = argumentShapes(command.args, command.positionals)
    .filter(({ key }) => !command.positionals.includes(key))
    .map(({ key, word, kind }): readonly [string, TokenOption] => {
      const short = command.shorts?.[key];
      return [word.slice(2), { type: kind === "boolean" ? "boolean" : "string", ...(short === undefined ? {} : { short }) }];
    });
  return new Map([...own, ...globalConfig]);
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
  /** The shapes that are options. */
  readonly #options: readonly ArgumentShape[];
  /** Filled by place, in this order. */
  readonly #positionals: readonly string[];
  /** Takes the words behind `--`, if it is there. */
  readonly #rest: ArgumentShape | undefined;
  readonly #id: string;
  readonly #known: boolean;
  readonly #config: TokenOptions;
  readonly #globals: Record<string, string | boolean> = {};
  readonly #files: string[] = [];
  readonly #values: Record<string, unknown> = {};
  #place = 0;

  constructor(command: CommandDefinition | undefined) {
    this.#known = command !== undefined;
    this.#id = command?.id ?? "";
    this.#config = optionsOf(command);
    this.#positionals = (command?.positionals ?? []).filter((key) => key !== command?.rest);
    this.#shapes = command === undefined ? [] : argumentShapes(command.args, command.positionals);
    this.#rest = this.#shapes.find((each) => each.key === command?.rest);
    this.#options = this.#shapes.filter((each) => command?.positionals.includes(each.key) !== true);
  }

  /** Takes in a command line without the command's own words. */
  read(argv: readonly string[]): void {
    let behind = false;
    for (const each of tokensOf(argv, this.#config)) {
      if (each.kind === "option-terminator") behind = true;
      else if (each.kind === "positional" && behind && this.#rest !== undefined) this.#put(this.#rest, each.value);
      else if (each.kind === "positional") this.#word(each.value);
      else if (each.kind === "option") this.#option(each);
    }
  }

  globals(): Globals {
    return { json: false, plain: false, trace: false, yes: false, version: false, help: false, files: this.#files, ...this.#globals };
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
    return problem("USAGE", { message: `${name} is \`${shortened(text)}\`: ${why}.`, hint: near?.startsWith("Did") ? near : hint });
  }

  #option(option: OptionToken): void {
    const global = globalOptions.find((each) => each.long === `--${option.name}`);
    const shape = this.#options.find((each) => each.word === `--${option.name}`);
    // `--no-x` arrives as `x`; only switches of the command can be turned off
    const negative = option.rawName.startsWith("--no-") && option.name === option.rawName.slice(5);
    if (negative && shape?.kind === "boolean") this.#values[shape.key] = false;
    else if (negative) this.#unknownOption(option.rawName);
    else if (global !== undefined) this.#global(global, option);
    else if (shape !== undefined) this.#own(shape, option);
    else this.#unknownOption(option.rawName);
  }

  #unknownOption(typed: string): void {
    if (!this.#known) return;
    const options = [...this.#options.map((each) => each.word), ...globalOptions.map((each) => each.long)];
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

  #global(option: GlobalOption, { value, inlineValue }: OptionToken): void {
    if (option.value === undefined) {
      if (inlineValue === true) this.problems.push(problem("USAGE", { message: `${option.long} takes no value.` }));
      this.#globals[option.key] = true;
    } else if (value === undefined || value === "")
      this.problems.push(problem("USAGE", { message: `${option.long} needs a value: ${option.long} ${option.value}.` }));
    else {
      this.#globals[option.key] = value;
      if (option.key === "file") this.#files.push(value);
    }
  }

  #own(shape: ArgumentShape, { value, inlineValue }: OptionToken): void {
    if (shape.kind === "boolean") {
      if (inlineValue === true && value !== "true" && value !== "false")
        this.problems.push(problem("USAGE", { message: `${shape.word} takes no value.` }));
      this.#values[shape.key] = value !== "false";
      return;
    }
    const swallowed = value !== undefined && inlineValue === false && value.startsWith("--");
    if (value !== undefined && !swallowed) return this.#put(shape, value);
    this.problems.push(
      problem("USAGE", { message: `${shape.word} needs a value${aside(shape)}.`, hint: `\`halligan help ${this.#id}\` explains it.` }),
    );
    this.#values[shape.key] ??= shape.default;
    // the parser took the next option for the value
    if (swallowed) this.read([value]);
  }

  #word(text: string): void {
    if (!this.#known) return;
    const shape = this.#shapes.find((each) => each.key === this.#positionals[this.#place]);
    if (shape === undefined) {
      this.problems.push(
        problem("USAGE", {
          message: this.#id.startsWith("secrets ")
            ? // It may be the value itself.
              `\`${this.#id}\` takes no further argument; a value is never one.`
            : `\`${this.#id}\` does not know what to do with \`${text}\`.`,
          hint:
            this.#rest === undefined
              ? `\`halligan help ${this.#id}\` shows its arguments.`
              : `Put \`--\` before ${this.#rest.word}: \`halligan ${this.#id} ... -- ${text}\`.`,
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

function aside(shape: ArgumentShape | undefined): string {
  if (shape === undefined) return "";
  return shape.choices.length > 0 ? ` (${shape.choices.join(", ")})` : shape.description === "" ? "" : ` (${shape.description})`;
}

/** Values may be whole files: what is wrong shows at their beginning, or in their length. */
function shortened(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 100)}... (${text.length} characters)`;
}
