import type { Button } from "@slack/types";
import { limits } from "./limits.ts";
import type { HomeView, Message, Modal, OurBlock } from "./message.ts";

/** Everything in a message or view that Slack would refuse or that exceeds our budgets, a sentence each; empty = fine. */
export function limitViolations(what: Message | Modal | HomeView): readonly string[] {
  const found: string[] = [];
  const check = (name: string, value: number, most: number): void => {
    if (value > most) found.push(`${name}: ${value} > ${most}`);
  };
  if ("text" in what) {
    check("text", what.text.length, limits.text);
    if (what.text.trim() === "") found.push("text is empty");
  }
  const view = "type" in what;
  check("blocks", what.blocks.length, view ? limits.viewBlocks : limits.blocks);
  check("blocks as JSON", jsonSize(what.blocks), view ? limits.viewJson : limits.blocksJson);
  if (view && what.type === "modal") {
    check("modal title", what.title.length, limits.modalTitle);
    check("modal submit", what.submit?.length ?? 0, limits.modalTitle);
    check("modal close", what.close.length, limits.modalTitle);
    check("private metadata", what.metadata.length, limits.privateMetadata);
    check("callback id", what.callbackId.length, limits.id);
    if (what.submit === undefined && what.blocks.some(({ type }) => type === "input"))
      found.push("a modal with an input needs a submit button");
  }
  for (const [index, each] of what.blocks.entries()) found.push(...blockViolations(each, view).map((text) => `block ${index}: ${text}`));
  const ids = what.blocks.flatMap(({ block_id: id }) => (id === undefined ? [] : [id]));
  if (new Set(ids).size !== ids.length) found.push("two blocks have the same block_id");
  return found;
}

/** Characters of all blocks as JSON. */
export function jsonSize(blocks: readonly OurBlock[]): number {
  return blocks.reduce((sum, each) => sum + JSON.stringify(each).length, 0);
}

function blockViolations(each: OurBlock, view: boolean): readonly string[] {
  const found: string[] = [];
  const check = (name: string, text: string | undefined, most: number): void => {
    if (text === undefined) return;
    if (text.length > most) found.push(`${name}: ${text.length} > ${most}`);
    if (text === "") found.push(`${name} is empty`);
    if (!text.isWellFormed()) found.push(`${name} has half a character`);
  };
  check("block_id", each.block_id, limits.id);
  switch (each.type) {
    case "header":
      check("header", each.text.text, limits.header);
      break;
    case "section":
      check("section", each.text?.text, limits.sectionText);
      if (each.text === undefined && each.fields === undefined) found.push("section without text or fields");
      if ((each.fields?.length ?? 0) > limits.fields) found.push(`fields: ${each.fields?.length} > ${limits.fields}`);
      for (const field of each.fields ?? []) check("field", field.text, limits.fieldText);
      if (each.accessory?.type === "button") found.push(...buttonViolations(each.accessory));
      break;
    case "context":
      if (each.elements.length > limits.contextElements) found.push(`context: ${each.elements.length} > ${limits.contextElements}`);
      for (const element of each.elements) if ("text" in element) check("context", element.text, limits.contextText);
      break;
    case "actions":
      if (each.elements.length > limits.actionElements) found.push(`actions: ${each.elements.length} > ${limits.actionElements}`);
      for (const element of each.elements) if (element.type === "button") found.push(...buttonViolations(element));
      break;
    case "input":
      if (!view) found.push("an input stands only in a view");
      check("label", each.label.text, limits.inputLabel);
      check("hint", each.hint?.text, limits.inputHint);
      break;
    case "divider":
      break;
    default:
      return each satisfies never;
  }
  return found;
}

function buttonViolations(button: Button): readonly string[] {
  const found: string[] = [];
  const check = (name: string, text: string | undefined, most: number): void => {
    if ((text?.length ?? 0) > most) found.push(`${name}: ${text?.length} > ${most}`);
    if (text === undefined || text === "") found.push(`${name} is missing`);
  };
  check("button text", button.text.text, limits.buttonText);
  check("button value", button.value, limits.buttonValue);
  check("accessibility_label", button.accessibility_label, limits.accessibilityLabel);
  check("action_id", button.action_id, limits.id);
  return found;
}
