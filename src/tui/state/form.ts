import type { CommandDefinition } from "../../core/commands/command.ts";
import { type ArgumentShape } from "../../core/commands/shape.ts";
import { findCommand, formWords, joinWords, shapesOf } from "./command-line.ts";
import { editField, emptyField, fieldOf } from "./field.ts";
import type { OverlayResult } from "./overlay-keys.ts";
import { runWords } from "./run-line.ts";
import type { FormValue, Overlay, State } from "./state.ts";

type Form = Extract<Overlay, { kind: "form" }>;

/** The form of a command, with what has been typed already. */
export function formOf(id: string, rest: readonly string[]): Form | undefined {
  const found = findCommand(id.split(" "));
  if (found === undefined) return undefined;
  const { places, options } = sorted(shapesOf(found.command), rest);
  const values = shapesOf(found.command).map((shape): FormValue => {
    const place = found.command.positionals.indexOf(shape.key);
    const given = place === -1 ? options.get(shape.word) : shape.many ? joinWords(places.slice(place)) : places[place];
    return { key: shape.key, field: given === undefined || given === "" ? emptyField : fieldOf(given) };
  });
  const first = shapesOf(found.command).findIndex(({ required }, index) => required && values[index]?.field.text === "");
  return { kind: "form", command: id, values, index: Math.max(0, first) };
}

/** Words that were typed already: those with a place, and options with what they were given. */
function sorted(
  shapes: readonly ArgumentShape[],
  rest: readonly string[],
): { readonly places: readonly string[]; readonly options: ReadonlyMap<string, string> } {
  const places: string[] = [];
  const options = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 1) {
    const [, name = "", value] = /^(--?[^=]+)(?:=(.*))?$/su.exec(rest[at] ?? "") ?? [];
    const shape = shapes.find(({ word }) => word === name);
    if (shape === undefined) {
      if (name === "") places.push(rest[at] ?? "");
    } else if (shape.kind === "boolean") options.set(name, "yes");
    else options.set(name, value ?? rest[(at += 1)] ?? "");
  }
  return { places, options };
}

/** The command line that a form means as it is filled now. */
export function formLine(form: Form): string {
  const command = commandOf(form);
  return command === undefined ? "" : joinWords(formWords(command, valuesOf(form)));
}

function commandOf(form: Form): CommandDefinition | undefined {
  return findCommand(form.command.split(" "))?.command;
}

function valuesOf(form: Form): ReadonlyMap<string, string> {
  return new Map(form.values.map(({ key, field }) => [key, field.text]));
}

/** What a key does to a form: tab and arrows move, space and left/right choose, enter goes on and at the end runs. */
export function formKey(state: State, form: Form, name: string): OverlayResult {
  const command = commandOf(form);
  const stay = (changes: Partial<Form>): OverlayResult => {
    const { problem: _, ...rest } = form;
    return { overlay: { ...rest, ...changes }, intents: [], effects: [] };
  };
  if (command === undefined || name === "esc") return { overlay: undefined, intents: [], effects: [] };
  const shapes = shapesOf(command);
  const shape = shapes[form.index];
  const value = form.values[form.index];
  const to = (index: number): OverlayResult => stay({ index: Math.min(Math.max(0, index), form.values.length - 1) });
  if (name === "tab" || name === "down") return to(form.index + 1);
  if (name === "shift+tab" || name === "up") return to(form.index - 1);
  if (name === "enter") {
    const open = shapes.findIndex((each, index) => each.required && form.values[index]?.field.text.trim() === "");
    if (open !== -1) return stay({ index: open, problem: `${shapes[open]?.word ?? ""} has to be given.` });
    const words = formWords(command, valuesOf(form));
    return { overlay: undefined, intents: runWords(words, state.world), effects: [{ do: "remember", line: joinWords(words) }] };
  }
  if (shape === undefined || value === undefined) return stay({});
  const text = turned(shape, value.field.text, name);
  const field = text === undefined ? editField(value.field, name) : fieldOf(text);
  if (field === undefined) return stay({});
  return stay({ values: form.values.map((each, index) => (index === form.index ? { ...each, field } : each)) });
}

/** Switches and choices turn with space and arrows instead of being typed. */
function turned(shape: ArgumentShape, text: string, name: string): string | undefined {
  const by = name === "left" ? -1 : name === "right" || name === "space" ? 1 : 0;
  if (shape.kind === "boolean") return by !== 0 ? (text === "yes" ? "" : "yes") : name === "y" ? "yes" : text;
  if (shape.kind !== "choice" || by === 0) return undefined;
  const all = ["", ...shape.choices];
  return all[(all.indexOf(text) + by + all.length) % all.length] ?? "";
}
