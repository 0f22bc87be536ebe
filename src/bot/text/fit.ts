import { context } from "./blocks.ts";
import { cutText } from "./cut.ts";
import { limits } from "./limits.ts";
import type { Message, OurBlock } from "./message.ts";
import { empty, mrkdwn, type SlackText } from "./slack-text.ts";
import { jsonSize, limitViolations } from "./violations.ts";

/**
 * The message, shortened until it is within the limits: the last defence of the sender, for renderers keep them by themselves. Buttons stay.
 */
export function fitMessage(message: Message): Message {
  if (limitViolations(message).length === 0) return message;
  const text = cutText(message.text.trim() === "" ? mrkdwn`A message without words.` : message.text, limits.text);
  let blocks: readonly OurBlock[] = message.blocks.filter((each) => each.type !== "input");
  const said = context(mrkdwn`_This message was shortened._`);
  const last: readonly OurBlock[] = said === undefined ? [] : [said];
  const isButtons = (each: OurBlock): boolean => each.type === "actions";
  const room = limits.blocks - 1 - blocks.filter(isButtons).length;
  let others = 0;
  blocks = blocks.filter((each) => isButtons(each) || ++others <= room);
  for (let most: number = limits.sectionText; most >= 50; most = Math.floor(most / 2)) {
    blocks = blocks.map((each) => shortened(each, most));
    if (jsonSize([...blocks, ...last]) <= limits.blocksJson) return { text, blocks: [...blocks, ...last] };
  }
  return { text, blocks: [...blocks.filter(isButtons).slice(0, 4), ...last] };
}

function shortened(each: OurBlock, most: number): OurBlock {
  if (each.type === "section") {
    return {
      ...each,
      ...(each.text === undefined ? {} : { text: { ...each.text, text: cut(each.text.text, most) } }),
      ...(each.fields === undefined
        ? {}
        : {
            fields: each.fields.slice(0, limits.fields).map((one) => ({ ...one, text: cut(one.text, Math.min(most, limits.fieldText)) })),
          }),
    };
  }
  if (each.type !== "context") return each;
  return {
    ...each,
    elements: each.elements.slice(0, limits.contextElements).map((one) => ("text" in one ? { ...one, text: cut(one.text, most) } : one)),
  };
}

/** Texts of blocks were made from `SlackText`. */
function cut(text: string, most: number): string {
  return cutText((text === "" ? empty : text) as SlackText, most) || "-";
}
