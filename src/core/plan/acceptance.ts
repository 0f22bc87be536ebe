import { checkValue } from "../model/attributes.ts";
import type { StepSource } from "../model/barclamp.ts";
import type { Json } from "../ports.ts";
import type { BoundNodeRole } from "./graph.ts";
import type { Setting } from "./settings-view.ts";

/** A setting with which the files would say what is on the node now. */
export interface Acceptance {
  /** The step whose drift it is. */
  readonly step: string;
  /** Path in the cluster file: `deployments.web.set.nginx.port`. It says so for all nodes of the deployment, or of the group. */
  readonly path: string;
  readonly value: Json;
}

/** A drifted step, as far as it matters here. */
interface Drifted {
  readonly id: string;
  /** Lines of a unified diff, or `key: what is there -> what was applied`. */
  readonly diff?: string;
}

/** Settings by attribute, as they were when it was applied. */
type Values = Readonly<Record<string, Pick<Setting, "value" | "layer" | "name">>>;

/**
 * The settings that would make drift the intent: where a line of a template, or one argument, is made from exactly one plain attribute, and the
 * node now has another value in its place that the attribute takes. Nothing is guessed: the line that was applied must be there with the value
 * that was applied, and what does not map to one value gives nothing. Secrets are never suggested. Pure.
 */
export function acceptances(bound: BoundNodeRole, values: Values, drifted: readonly Drifted[]): readonly Acceptance[] {
  const { role, barclamp } = bound;
  return drifted.flatMap(({ id, diff }) => {
    const source = role.steps.find((each) => each.id === id);
    if (source === undefined || diff === undefined || source.common.each !== undefined) return [];
    const found = new Map<string, Set<string>>();
    for (const line of linesOf(source, barclamp.files)) {
      const hole = holeOf(line);
      const setting = hole === undefined ? undefined : values[hole.name];
      if (hole === undefined || setting === undefined || barclamp.attributes[hole.name]?.type === "secret") continue;
      const seen = seenIn(diff, hole, setting.value);
      if (seen !== undefined) found.set(hole.name, new Set([...(found.get(hole.name) ?? []), seen]));
    }
    return [...found].flatMap(([name, texts]) => {
      const [text, ...others] = texts;
      const [attribute, path] = [barclamp.attributes[name], pathOf(bound, name, values[name])];
      if (text === undefined || others.length > 0 || attribute === undefined || path === undefined) return [];
      const taken = [typedValue(text), text].find((each) => checkValue(attribute, each).ok);
      return taken === undefined ? [] : [{ step: id, path, value: taken }];
    });
  });
}

/** Where the file would say it: in the layer that won, or in the deployment where that lies further down. */
function pathOf({ deployment, barclamp }: BoundNodeRole, attribute: string, setting: Values[string] | undefined): string | undefined {
  const below = `set.${barclamp.name}.${attribute}`;
  switch (setting?.layer) {
    case "node":
      return undefined; // a node may be written as a range, and the others of it are not meant
    case "group":
      return setting.name === undefined ? undefined : `groups.${setting.name}.${below}`;
    default:
      return `deployments.${deployment.name}.${below}`;
  }
}

interface Hole {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** The key of the argument, where it is a single value. */
  readonly key?: string;
}

/** Lines of the step's texts: those of a template file, of inline content, and single arguments with their keys. */
function linesOf(source: StepSource, files: ReadonlyMap<string, Uint8Array>): readonly { readonly text: string; readonly key?: string }[] {
  const args = typeof source.args === "object" && source.args !== null && !Array.isArray(source.args) ? source.args : {};
  const named = (args as Readonly<Record<string, Json>>)["source"];
  const file = source.kind === "template" && typeof named === "string" ? files.get(`templates/${named}`) : undefined;
  const ofFile = file === undefined ? [] : new TextDecoder().decode(file).split("\n");
  return [...ofFile.map((text) => ({ text })), ...textsIn(args as Json, undefined)];
}

function textsIn(value: Json, key: string | undefined): readonly { readonly text: string; readonly key?: string }[] {
  if (typeof value === "string")
    return value.includes("\n") || key === undefined ? value.split("\n").map((text) => ({ text })) : [{ text: value, key }];
  if (Array.isArray(value)) return value.flatMap((each: Json) => textsIn(each, undefined));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => textsIn(each as Json, name));
}

/** A line that is made from one plain attribute and text that stays. */
function holeOf({ text, key }: { readonly text: string; readonly key?: string }): Hole | undefined {
  const parts = /^([^{}]*)\{\{-?\s*set\.([A-Za-z][A-Za-z0-9]*)\s*-?\}\}([^{}]*)$/u.exec(text);
  const [, before = "", name, after = ""] = parts ?? [];
  return name === undefined ? undefined : { name, before, after, ...(key === undefined ? {} : { key }) };
}

/** What stands in the hole on the node, when the diff also has the line as it was applied. */
function seenIn(diff: string, { before, after, key }: Hole, applied: Json): string | undefined {
  const wanted = `${before}${typeof applied === "string" ? applied : JSON.stringify(applied)}${after}`;
  const lines = diff.split("\n");
  const inside = (text: string): string | undefined => nonEmpty(between(text, before, after));
  const start = `${key ?? ""}: `;
  const end = ` -> ${wanted}`;
  const pair = key === undefined ? undefined : lines.find((line) => line.startsWith(start) && line.endsWith(end));
  if (pair !== undefined) return inside(pair.slice(start.length, -end.length));
  if (key !== undefined && key !== "content") return undefined;
  const body = lines.filter((line, index) => index > 1 || !/^(?:---|\+\+\+) /u.test(line));
  const at = body.indexOf(`+${wanted}`);
  const gone = at < 0 ? [] : body.filter((line) => line.startsWith("-")).flatMap((line) => inside(line.slice(1)) ?? []);
  return gone.length === 1 ? gone[0] : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

function between(text: string, start: string, end: string): string | undefined {
  if (!text.startsWith(start) || !text.endsWith(end) || text.length < start.length + end.length) return undefined;
  return text.slice(start.length, text.length - end.length);
}

/** Numbers and booleans as such; anything else is text. */
function typedValue(text: string): Json {
  if (text === "true" || text === "false") return text === "true";
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/u.test(text) ? Number(text) : text;
}
