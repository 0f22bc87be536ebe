import type { Wire } from "./model.ts";

/** Limits of SLACK.md 3.4, written down here a second time on purpose: the double does not believe the bot's own table. */
const most = {
  blocks: 50,
  viewBlocks: 100,
  section: 3000,
  fields: 10,
  field: 2000,
  header: 150,
  contextElements: 10,
  actions: 25,
  buttonText: 75,
  value: 2000,
  url: 3000,
  label: 75,
  id: 255,
  options: 100,
  option: 75,
  title: 24,
  metadata: 3000,
  inputLabel: 2000,
  hint: 2000,
  placeholder: 150,
  text: 4000,
  allBlocks: 13_000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
};

const known = new Set(["section", "header", "divider", "context", "actions", "input", "image", "rich_text", "file", "markdown", "table"]);

type Say = (what: string) => void;

/** Everything that Slack would refuse about a message. */
export function messageFaults(args: Wire): readonly string[] {
  const found: string[] = [];
  const text = args["text"];
  if (typeof text !== "string" || text.trim() === "") found.push("no top-level text");
  else if (text.length > most.text) found.push(`text has ${text.length} characters`);
  const blocks = args["blocks"];
  if (blocks !== undefined) checkBlocks(blocks, most.blocks, "message", (what) => found.push(what));
  if (args["link_names"] !== undefined) found.push("link_names is set");
  return found;
}

/** Everything that Slack would refuse about a modal or a Home tab. */
export function viewFaults(view: Wire): readonly string[] {
  const found: string[] = [];
  const say: Say = (what) => found.push(what);
  const type = view["type"];
  if (type !== "modal" && type !== "home") say(`view type ${String(type)}`);
  if (type === "modal") {
    plain(view["title"], most.title, "modal title", say);
    for (const key of ["submit", "close"]) if (view[key] !== undefined) plain(view[key], most.title, `modal ${key}`, say);
    const hasInput = Array.isArray(view["blocks"]) && (view["blocks"] as Wire[]).some((block) => block["type"] === "input");
    if (hasInput && view["submit"] === undefined) say("modal with inputs and no submit");
  }
  if (typeof view["private_metadata"] === "string" && view["private_metadata"].length > most.metadata) say("private_metadata too long");
  if (typeof view["callback_id"] === "string" && view["callback_id"].length > most.id) say("callback_id too long");
  checkBlocks(view["blocks"], most.viewBlocks, String(type), say);
  return found;
}

function checkBlocks(blocks: unknown, limit: number, where: string, say: Say): void {
  if (!Array.isArray(blocks)) return say(`${where}: blocks is no array`);
  if (blocks.length > limit) say(`${where}: ${blocks.length} blocks`);
  const size = JSON.stringify(blocks).length;
  if (where === "message" && size > most.allBlocks) say(`msg_blocks_too_long: ${size} characters of blocks`);
  const ids = new Set<string>();
  for (const block of blocks as Wire[]) {
    const id = block["block_id"];
    if (typeof id === "string") {
      if (id.length > most.id) say("block_id too long");
      if (ids.has(id)) say(`block_id ${id} twice`);
      ids.add(id);
    }
    checkBlock(block, where, say);
  }
}

function checkBlock(block: Wire, where: string, say: Say): void {
  const type = String(block["type"]);
  if (!known.has(type)) say(`unknown block ${type}`);
  if (type === "input" && where === "message") say("input block in a message");
  switch (type) {
    case "header":
      return plain(block["text"], most.header, "header", say);
    case "section":
      return checkSection(block, say);
    case "context":
      return list(
        block["elements"],
        most.contextElements,
        "context elements",
        (each) => {
          if (each["type"] === "image") alt(each, say);
          else textObject(each, most.field, "context", say);
        },
        say,
      );
    case "actions":
      return list(block["elements"], most.actions, "actions", (each) => element(each, say), say);
    case "input":
      plain(block["label"], most.inputLabel, "input label", say);
      if (block["hint"] !== undefined) plain(block["hint"], most.hint, "input hint", say);
      return element((block["element"] ?? {}) as Wire, say);
    case "image":
      return alt(block, say);
    case "rich_text":
      return list(block["elements"], 1000, "rich_text elements", () => undefined, say);
    case "markdown":
      if (String(block["text"] ?? "").length > 12_000) say("markdown block too long");
      return;
    default:
      return;
  }
}

function checkSection(block: Wire, say: Say): void {
  if (block["text"] === undefined && block["fields"] === undefined) say("section without text and fields");
  if (block["text"] !== undefined) textObject(block["text"], most.section, "section", say);
  if (block["fields"] !== undefined)
    list(block["fields"], most.fields, "fields", (each) => textObject(each, most.field, "field", say), say);
  if (block["accessory"] !== undefined) element(block["accessory"] as Wire, say);
}

function list(value: unknown, limit: number, what: string, each: (one: Wire) => void, say: Say): void {
  if (!Array.isArray(value) || value.length === 0) return say(`${what}: empty or missing`);
  if (value.length > limit) say(`${what}: ${value.length}`);
  const ids = new Set<unknown>();
  for (const one of value as Wire[]) {
    if (one["action_id"] !== undefined && ids.has(one["action_id"])) say(`action_id ${String(one["action_id"])} twice in a block`);
    ids.add(one["action_id"]);
    each(one);
  }
}

function element(value: Wire, say: Say): void {
  const type = String(value["type"]);
  if (typeof value["action_id"] === "string" && value["action_id"].length > most.id) say("action_id too long");
  if (type === "button") {
    plain(value["text"], most.buttonText, "button", say);
    if (typeof value["value"] === "string" && value["value"].length > most.value) say("button value too long");
    if (typeof value["url"] === "string" && value["url"].length > most.url) say("button url too long");
    if (typeof value["accessibility_label"] === "string" && value["accessibility_label"].length > most.label)
      say("accessibility_label too long");
    if (value["style"] !== undefined && value["style"] !== "primary" && value["style"] !== "danger")
      say(`button style ${String(value["style"])}`);
    if (value["action_id"] === undefined) say("button without action_id");
  }
  if (type === "overflow") list(value["options"], 5, "overflow options", (each) => plain(each["text"], most.option, "option", say), say);
  if (type.endsWith("select") && Array.isArray(value["options"]))
    list(value["options"], most.options, "options", (each) => plain(each["text"], most.option, "option", say), say);
  if (value["placeholder"] !== undefined) plain(value["placeholder"], most.placeholder, "placeholder", say);
  if (value["confirm"] !== undefined) confirm(value["confirm"] as Wire, say);
}

function confirm(value: Wire, say: Say): void {
  plain(value["title"], most.confirmTitle, "confirm title", say);
  textObject(value["text"], most.confirmText, "confirm text", say);
  plain(value["confirm"], most.confirmButton, "confirm button", say);
  plain(value["deny"], most.confirmButton, "deny button", say);
}

function plain(value: unknown, limit: number, what: string, say: Say): void {
  if ((value as Wire | undefined)?.["type"] !== "plain_text") say(`${what} is no plain_text`);
  textObject(value, limit, what, say);
}

function textObject(value: unknown, limit: number, what: string, say: Say): void {
  const { type, text } = (value ?? {}) as { type?: unknown; text?: unknown };
  if (type !== "plain_text" && type !== "mrkdwn") say(`${what}: text type ${String(type)}`);
  if (typeof text !== "string" || text.length === 0) return say(`${what}: empty text`);
  if (text.length > limit) say(`${what}: ${text.length} characters`);
}

function alt(value: Wire, say: Say): void {
  if (typeof value["alt_text"] !== "string" || value["alt_text"] === "") say("image without alt_text");
  else if (value["alt_text"].length > 2000) say("alt_text too long");
}
