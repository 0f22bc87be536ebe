import type { ActionsBlock, Button, ContextBlock, DividerBlock, HeaderBlock, InputBlock, SectionBlock } from "@slack/types";
import { plainLine } from "./clean.ts";
import { cutText } from "./cut.ts";
import { limits } from "./limits.ts";
import { empty, joined, mrkdwn, type SlackText } from "./slack-text.ts";

/** A title; outside text in it is taken literally. */
export function header(text: string): HeaderBlock {
  return { type: "header", text: { type: "plain_text", text: plainLine(text, limits.header), emoji: false } };
}

/** A paragraph. */
export function section(text: SlackText, most: number = limits.sectionText): SectionBlock {
  return { type: "section", text: words(text, Math.min(most, limits.sectionText)) };
}

/** Named facts, two beside each other on a wide screen. */
export function fields(pairs: readonly (readonly [SlackText, SlackText])[]): SectionBlock {
  const shown = pairs.slice(0, limits.fields);
  return { type: "section", fields: shown.map(([name, value]) => words(mrkdwn`*${name}*\n${value}`, 500)) };
}

/** Small print; empty texts are left out. `undefined` where nothing is left. */
export function context(...texts: readonly SlackText[]): ContextBlock | undefined {
  const shown = texts.filter((text) => text !== "").slice(0, limits.contextElements);
  return shown.length === 0 ? undefined : { type: "context", elements: shown.map((text) => words(text, 1500)) };
}

/** A line between two parts. */
export function divider(): DividerBlock {
  return { type: "divider" };
}

/** Buttons beside each other; `undefined` where there are none. */
export function actions(id: string, buttons: readonly Button[]): ActionsBlock | undefined {
  if (buttons.length === 0) return undefined;
  return { type: "actions", block_id: id.slice(0, limits.id), elements: buttons.slice(0, limits.actionElements) };
}

/** A button as it is described: `label` says what it does to what, for who hears it instead of seeing it. */
export interface ButtonSpec {
  readonly action: string;
  readonly text: string;
  readonly label: string;
  readonly value: string;
  readonly style?: "primary" | "danger";
}

/** One button. */
export function button({ action, text, label, value, style }: ButtonSpec): Button {
  return {
    type: "button",
    action_id: action.slice(0, limits.id),
    text: { type: "plain_text", text: plainLine(text, limits.buttonText), emoji: false },
    value: value.slice(0, limits.buttonValue),
    accessibility_label: plainLine(label, limits.accessibilityLabel),
    ...(style === undefined ? {} : { style }),
  };
}

/** A field to type into, in a modal. */
export function input(spec: {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly multiline?: boolean;
  readonly optional?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
}): InputBlock {
  const plain = (text: string, most: number): { type: "plain_text"; text: string; emoji: false } => ({
    type: "plain_text",
    text: plainLine(text, most),
    emoji: false,
  });
  return {
    type: "input",
    block_id: spec.id,
    optional: spec.optional ?? false,
    label: plain(spec.label, limits.inputLabel),
    ...(spec.hint === undefined ? {} : { hint: plain(spec.hint, limits.inputHint) }),
    element: {
      type: "plain_text_input",
      action_id: "value",
      multiline: spec.multiline ?? false,
      ...(spec.minLength === undefined ? {} : { min_length: spec.minLength }),
      max_length: spec.maxLength ?? 1000,
      ...(spec.placeholder === undefined ? {} : { placeholder: plain(spec.placeholder, limits.placeholder) }),
    },
  };
}

/** Lines of a list, at most `most` of them and `room` characters; `rest` says what of how many was left out. */
export function lines(texts: readonly SlackText[], most: number, room: number, rest: (left: number) => SlackText): SlackText {
  const shown: SlackText[] = [];
  let used = 0;
  for (const text of texts.slice(0, most)) {
    const line = cutText(text, Math.max(80, Math.floor(room / 3)));
    if (used + line.length + 1 > room) break;
    shown.push(line);
    used += line.length + 1;
  }
  const left = texts.length - shown.length;
  return joined([...shown, left === 0 ? empty : rest(left)], "\n");
}

/** `verbatim`: Slack makes no links and mentions of what looks like some. */
function words(text: SlackText, most: number): { type: "mrkdwn"; text: string; verbatim: true } {
  return { type: "mrkdwn", text: text.trim() === "" ? "-" : cutText(text, most), verbatim: true };
}
