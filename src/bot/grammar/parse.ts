import { type Parsed as ParsedArguments, parseArguments, wordPlaces } from "../../core/commands/arguments.ts";
import type { ChatUse, CommandDefinition } from "../../core/commands/command.ts";
import { argumentShapes } from "../../core/commands/shape.ts";
import { type Problem, problem } from "../../core/errors.ts";
import { suggestion } from "../../core/model/suggest.ts";
import { chatExamples, fitsChat, inChat, type Style, takesCluster, typedLine } from "./lines.ts";
import { type ThreadSubject, withSubject } from "./thread.ts";
import { typedText } from "./typed-text.ts";
import { splitChat } from "./words.ts";

/** Where something was typed. */
export interface GrammarContext {
  readonly commands: readonly CommandDefinition[];
  /** Clusters that may be named here, sorted. */
  readonly clusters: readonly string[];
  /** Clusters that may be named in other channels only, with the ids of those. */
  readonly elsewhere: ReadonlyMap<string, readonly string[]>;
  /** How one speaks to us here: `/halligan`, `@halligan`, or nothing. */
  readonly prefix: string;
  /** The plan or run in whose thread it was typed. */
  readonly thread?: ThreadSubject;
}

/** What was meant. */
export type Parsed =
  | {
      readonly kind: "command";
      readonly definition: CommandDefinition;
      /** Absent for commands that take none, and where all clusters are meant. */
      readonly cluster?: string;
      readonly args: Readonly<Record<string, unknown>>;
      /** `--yes`: questions are answered. */
      readonly yes: boolean;
    }
  /** Help for a command, for a group of commands (`policy`), or for all (no words). */
  | { readonly kind: "help"; readonly words: readonly string[] }
  | Refusal;

/** Why it was not understood, or is not for this place. */
export interface Refusal {
  readonly kind: "refused";
  readonly problems: readonly [Problem, ...Problem[]];
  /** The command to type next, complete. */
  readonly next: string;
  /** Channels where it may be typed instead. */
  readonly channels?: readonly string[];
}

/** Understands one line of chat, whoever sent it. Nothing is guessed: what is not clear is refused with the command to type next. Pure; never throws. */
export function parse(text: string, context: GrammarContext): Parsed {
  const plain = typedText(text);
  const { words: split, open } = splitChat(plain);
  const words = isName(split[0], context.prefix) ? split.slice(1) : split;
  if (open) {
    const message = "A quote was opened and not closed.";
    return refuse(problem("CHAT_QUOTE_OPEN", { message }), typedLine(context, words));
  }
  if (words.length === 0) return { kind: "help", words: [] };
  const known = context.commands.filter(fitsChat);
  const found = parseArguments(words, known);
  const { command } = found;
  if (command === undefined) return unknownCommand(found, words, context, known);
  if (command.id === "help") return { kind: "help", words: found.rest.filter((each) => !each.startsWith("-")) };
  return understand(command, found.rest, context);
}

function isName(word: string | undefined, prefix: string): boolean {
  return word !== undefined && (word === prefix || /^[/@]?halligan$/iu.test(word));
}

/** A command whose own words are known; `behind` = all others. */
function understand(command: CommandDefinition, behind: readonly string[], context: GrammarContext): Parsed {
  const whole = (words: readonly string[]): readonly string[] => [...command.id.split(" "), ...words];
  if (parseArguments(whole(behind), [command]).globals.help) return { kind: "help", words: command.id.split(" ") };
  const placed = clusterOf(command, behind, context);
  if ("kind" in placed) return placed;
  const { cluster } = placed;
  const thread = cluster !== undefined && context.thread?.cluster === cluster ? context.thread : undefined;
  const rest = thread === undefined ? placed.rest : withSubject(command, placed.rest, thread);
  const { args, globals, problems } = parseArguments(whole(rest), [command]);
  const style: Style = { ...context, cluster: cluster ?? context.clusters[0] };
  const [first, ...more] = problems;
  if (first !== undefined) return invalid([first, ...more], command, rest, { ...style, cluster });
  const foreign = foreignOption(command, args, globals);
  if (foreign !== undefined) return refuse(foreign, helpFor(style, command));
  const always = "no" in command.chat ? {} : command.chat.always;
  return {
    kind: "command",
    definition: command,
    ...(cluster === undefined ? {} : { cluster }),
    args: { ...args, ...always },
    yes: globals.yes,
  };
}

/** The cluster that the first word names, or the thread; and the words without it. */
function clusterOf(
  command: CommandDefinition,
  behind: readonly string[],
  context: GrammarContext,
): { readonly cluster?: string; readonly rest: readonly string[] } | Refusal {
  const use: ChatUse = command.chat;
  if ("no" in use || use.takes === "nothing") return { rest: behind };
  const own = command.id.split(" ").length;
  const place = (wordPlaces([...command.id.split(" "), ...behind], command)[0] ?? own - 1) - own;
  const named = place < 0 ? undefined : behind[place];
  const rest = behind.filter((_, index) => index !== place);
  if (named !== undefined && context.clusters.includes(named)) return { cluster: named, rest };
  const elsewhere = named === undefined ? undefined : context.elsewhere.get(named);
  if (use.takes === "every cluster" && elsewhere === undefined) return { rest: behind };
  if (elsewhere !== undefined) {
    const message = `${named} may not be named in this channel.`;
    const next = typedLine(context, [...command.id.split(" "), ...behind]);
    return { ...refuse(problem("CHAT_CLUSTER_ELSEWHERE", { message }), next), channels: elsewhere };
  }
  if (context.thread !== undefined) return { cluster: context.thread.cluster, rest: behind };
  return noCluster(command, named, behind, rest, context);
}

function noCluster(
  command: CommandDefinition,
  named: string | undefined,
  behind: readonly string[],
  rest: readonly string[],
  context: GrammarContext,
): Refusal {
  const { clusters } = context;
  const near = named === undefined ? undefined : didYouMean(suggestion(named, clusters));
  const words = command.id.split(" ");
  if (clusters.length === 0) {
    const message = "No cluster may be named in this channel.";
    return refuse(problem("CHAT_CLUSTER_UNKNOWN", { message }), typedLine(context, ["help"]));
  }
  if (named !== undefined && near !== undefined) {
    const message = `There is no cluster \`${named}\` here.`;
    return refuse(
      problem("CHAT_CLUSTER_UNKNOWN", { message, hint: `Did you mean \`${near}\`?` }),
      typedLine(context, [...words, near, ...rest]),
    );
  }
  const shown = clusters.slice(0, 20).join(", ");
  const message = `\`${command.id}\` does not say which cluster: ${clusters.length === 1 ? "here it can be" : "one of"} ${shown}.`;
  // A word that no argument can be was meant for the cluster.
  const unknown = named !== undefined && command.positionals.length === 0;
  const hint = "The cluster's name stands right behind the command.";
  return refuse(
    unknown
      ? problem("CHAT_CLUSTER_UNKNOWN", { message: `There is no cluster \`${named}\` here; there is ${shown}.`, hint })
      : problem("CHAT_CLUSTER_MISSING", { message, hint }),
    typedLine(context, [...words, clusters[0] ?? "", ...(unknown ? rest : behind)]),
  );
}

function unknownCommand(
  found: ParsedArguments,
  words: readonly string[],
  context: GrammarContext,
  known: readonly CommandDefinition[],
): Parsed {
  const style: Style = { ...context, cluster: context.thread?.cluster ?? context.clusters[0] };
  const help = typedLine(context, ["help"]);
  const elsewhere = parseArguments(words, context.commands).command;
  if (elsewhere !== undefined && "no" in elsewhere.chat) {
    const message = `\`${elsewhere.id}\` does not work in chat. ${elsewhere.chat.no}`;
    return refuse(problem("CHAT_NOT_HERE", { message }), help);
  }
  const [first] = found.problems;
  if (first === undefined) return { kind: "help", words: found.words };
  const [head = "", second = "", ...others] = words;
  if (context.clusters.includes(head) && known.some(({ id }) => id === second || id.startsWith(`${second} `))) {
    const group = !known.some(({ id }) => id === second);
    const next = group ? [second, ...others.slice(0, 1), head, ...others.slice(1)] : [second, head, ...others];
    return refuse(problem("USAGE", { message: "The command comes first, then the cluster." }), typedLine(context, next));
  }
  const near = didYouMean(first.hint);
  const size = near?.split(" ").length ?? 0;
  const next = near === undefined ? help : typedLine(context, [...near.split(" "), ...words.slice(size)]);
  return refuse({ ...first, hint: inChat(style, first.hint) }, next);
}

/** Arguments that cannot be: what to type is the line with what was probably meant, else an example, else help. */
function invalid(problems: readonly [Problem, ...Problem[]], command: CommandDefinition, rest: readonly string[], style: Style): Refusal {
  const told = problems.map((each) => ({ ...each, hint: inChat(style, each.hint) })) as [Problem, ...Problem[]];
  const cluster = takesCluster(command) && style.cluster !== undefined ? [style.cluster] : [];
  const meant = problems.flatMap(({ hint, message }) => {
    const near = didYouMean(hint);
    const typed = [...message.matchAll(/`([^`]*)`/gu)].map(([, word]) => word ?? "").find((word) => rest.some((each) => same(each, word)));
    return near === undefined || typed === undefined ? [] : [{ typed, near }];
  });
  if (meant.length > 0) {
    const mended = rest.map((word) => {
      const found = meant.find(({ typed }) => same(word, typed));
      return found === undefined ? word : found.near + word.slice(found.typed.length);
    });
    const words = command.id.split(" ");
    const clean = parseArguments([...words, ...mended], [command]).problems.length === 0;
    if (clean) return { kind: "refused", problems: told, next: typedLine(style, [...words, ...cluster, ...mended]) };
  }
  const missing = argumentShapes(command.args, command.positionals).some(({ required }) => required) && rest.length === 0;
  const [example] = missing ? chatExamples(style, command) : [];
  return { kind: "refused", problems: told, next: example?.line ?? helpFor(style, command) };
}

/** True when a word is what a problem names, or that with a value: `--limt` and `--limt=5`. */
function same(word: string, named: string): boolean {
  return word === named || (named.startsWith("--") && word.startsWith(`${named}=`));
}

/** An option that means the terminal's machine, or that chat decides by itself. */
function foreignOption(
  command: CommandDefinition,
  args: Readonly<Record<string, unknown>>,
  globals: ParsedArguments["globals"],
): Problem | undefined {
  const { always = {}, without = [] } = "no" in command.chat ? {} : command.chat;
  const shapes = argumentShapes(command.args, command.positionals);
  const word = (key: string): string => shapes.find((shape) => shape.key === key)?.word ?? key;
  const typed = (["file", "state", "identity", "json", "plain", "trace", "version"] as const).find((key) => isGiven(globals[key]));
  const file = without.find((key) => args[key] !== undefined);
  const decided = Object.keys(always).find((key) => args[key] === true && always[key] === false);
  const name = typed === undefined ? (file ?? decided) : undefined;
  if (typed === undefined && name === undefined) return undefined;
  const option = typed === undefined ? word(name ?? "") : `--${typed}`;
  const why =
    name !== undefined && name === decided
      ? "here nothing is waited for: the message of the run is kept up to date"
      : "it is for a terminal";
  return problem("CHAT_NOT_HERE", { message: `\`${option}\` does not work in chat: ${why}.`, hint: `Leave \`${option}\` away.` });
}

function isGiven(value: string | boolean | undefined): boolean {
  return value !== undefined && value !== false;
}

function helpFor(style: Style, command: CommandDefinition): string {
  return typedLine(style, ["help", ...command.id.split(" ")]);
}

function didYouMean(hint: string | undefined): string | undefined {
  return /^Did you mean `(.+)`\?$/u.exec(hint ?? "")?.[1];
}

function refuse(found: Problem, next: string): Refusal {
  return { kind: "refused", problems: [found], next };
}
