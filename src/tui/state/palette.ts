import type { CommandDefinition } from "../../core/commands/command.ts";
import { known } from "../data/world.ts";
import { filesTopic, newestPlanTopic, runsTopic } from "../data/topics.ts";
import type { World } from "../data/world.ts";
import type { ScreenTable } from "../screens/table.ts";
import { findCommand, shapesOf, splitWords, typed } from "./command-line.ts";

/** One line below the palette's field. */
export interface Suggestion {
  /** The field's text after taking it. */
  readonly text: string;
  readonly label: string;
  readonly about: string;
  /** Enter takes the text and runs it; else it only completes. */
  readonly runs: boolean;
}

/** How well `pattern` fits `text`: 0 = not at all. Letters in order; runs of them and beginnings of words count more. */
function fuzzy(pattern: string, text: string): number {
  if (pattern === "") return 1;
  const [small, of] = [pattern.toLowerCase(), text.toLowerCase()];
  const whole = of.indexOf(small);
  if (whole === 0) return 1_000 - of.length;
  if (whole > 0) return 600 - whole - of.length;
  let score = 0;
  let at = -1;
  for (const char of small) {
    const next = of.indexOf(char, at + 1);
    if (next === -1) return 0;
    score += next === at + 1 ? 8 : /[\s-]/u.test(of[next - 1] ?? " ") ? 6 : 1;
    at = next;
  }
  return Math.max(1, score - of.length / 10);
}

/** What may be meant by what has been typed so far, best first. */
export function suggestions(text: string, world: World, table: ScreenTable): readonly Suggestion[] {
  const words = splitWords(text.trimStart());
  const found = findCommand(words[0] === "halligan" ? words.slice(1) : words);
  const open = /\s$/u.test(text) || text === "";
  if (found !== undefined && (found.rest.length > 0 || open)) return ofArguments(text, open, found.command, found.rest, world);
  const pattern = text.trim();
  const screens = table.named.map(({ id, about }) => ({
    text: id,
    label: id,
    about: `screen: ${about}`,
    runs: true,
    score: fuzzy(pattern, id) * 1.1,
  }));
  const taken = new Set(screens.map(({ text: id }) => id));
  const lines = typed
    .filter(({ id }) => !taken.has(id))
    .map((command) => ({
      text: `${command.id} `,
      label: usage(command),
      about: command.summary,
      runs: true,
      score: Math.max(fuzzy(pattern, command.id), fuzzy(pattern, command.summary) / 20),
    }));
  return [...screens, ...lines].filter(({ score }) => score > 0.5).toSorted((a, b) => (pattern === "" ? 0 : b.score - a.score));
}

/** `facts NODE [--json]`, without the options that every command takes. */
function usage(command: CommandDefinition): string {
  const shapes = shapesOf(command);
  const places = command.positionals.flatMap((key) => shapes.filter((shape) => shape.key === key));
  return [command.id, ...places.map(({ word, required, many }) => (required ? word : `[${word}]`) + (many ? "..." : ""))].join(" ");
}

function ofArguments(
  text: string,
  open: boolean,
  command: CommandDefinition,
  rest: readonly string[],
  world: World,
): readonly Suggestion[] {
  const last = open ? "" : (rest.at(-1) ?? "");
  const before = text.slice(0, text.length - last.length);
  const shapes = shapesOf(command);
  const place = rest.filter((word) => !word.startsWith("-")).length - (open || last.startsWith("-") ? 0 : 1);
  const keys = command.positionals;
  const key = keys[Math.min(place, keys.length - 1)];
  const shape =
    place < keys.length || shapes.find((each) => each.key === key)?.many === true ? shapes.find((each) => each.key === key) : undefined;
  const values = shape === undefined || last.startsWith("-") ? [] : [...shape.choices, ...namesFor(command.id, shape.key, world)];
  const options = shapes.filter((each) => !keys.includes(each.key) && (!rest.includes(each.word) || each.word === last));
  const offered = [
    ...values.map((value) => ({ value, about: shape?.description ?? "" })),
    ...options.map(({ word, description }) => ({ value: word, about: description })),
  ];
  return offered
    .filter(({ value }) => value !== last && fuzzy(last, value) > 0 && (last !== "" || !value.startsWith("--") || values.length < 6))
    .slice(0, 50)
    .map(({ value, about }) => ({ text: `${before}${value} `, label: value, about, runs: false }));
}

/** Names that an argument can take, from what is known of the cluster. */
function namesFor(command: string, key: string, world: World): readonly string[] {
  const cluster = known(world, filesTopic)?.cluster;
  const nodes = cluster?.nodes.map(({ name }) => name) ?? [];
  const deployments = cluster?.deployments.map(({ name }) => name) ?? [];
  const plan = known(world, newestPlanTopic);
  const runs =
    known(world, runsTopic)
      ?.map(({ run }) => run)
      .toReversed() ?? [];
  switch (key) {
    case "node":
    case "nodes":
      return nodes;
    case "run":
      return runs;
    case "plan":
      return plan === undefined ? [] : [plan.id];
    case "deployments":
      return deployments;
    case "targets":
      return [...(plan === undefined || command !== "apply" ? [] : [plan.id]), ...deployments];
    case "id":
      return plan?.body.nodeRoles.map(({ id }) => id) ?? [];
    default:
      return [];
  }
}
