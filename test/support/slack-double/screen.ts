import type { DoubleMessage, DoubleView, Wire } from "./model.ts";
import type { DoubleState } from "./state.ts";

/** A button as it can be seen and pressed now. */
export interface ScreenButton {
  readonly label: string;
  readonly actionId: string;
  readonly blockId: string;
  readonly value: string;
  readonly style?: string;
  readonly url?: string;
  /** An option of an overflow menu. */
  readonly option?: Wire;
}

/** What a person sees of a message. */
export interface ScreenMessage {
  readonly message: DoubleMessage;
  readonly text: string;
  /** All words of text and blocks, one line per element. */
  readonly words: string;
  readonly buttons: readonly ScreenButton[];
}

/** The messages that a user sees in a channel (or in one of its threads), oldest first. */
export function screenOf(state: DoubleState, user: string, channel: string, thread?: string): readonly ScreenMessage[] {
  return state.messages
    .filter(
      (each) =>
        each.channel === channel &&
        !each.deleted &&
        (each.only === undefined || each.only === user) &&
        (thread === undefined ? true : each.thread === thread || each.ts === thread),
    )
    .map(screenMessage);
}

/** One message as it is seen. */
function screenMessage(message: DoubleMessage): ScreenMessage {
  const blocks = message.blocks as unknown as readonly Wire[];
  const words = blocks.length === 0 ? message.text : wordsOf(blocks);
  return { message, text: message.text, words, buttons: buttonsOf(blocks) };
}

/** All words of a view. */
export function viewWords({ view }: DoubleView): string {
  const { title, blocks, submit, close } = view as unknown as { title?: Wire; blocks: readonly Wire[]; submit?: Wire; close?: Wire };
  return [title, submit, close]
    .map((each) => String(each?.["text"] ?? ""))
    .concat(wordsOf(blocks))
    .join("\n");
}

/** Every text in blocks, in order, one line each. */
function wordsOf(value: unknown): string {
  const found: string[] = [];
  const visit = (each: unknown): void => {
    if (Array.isArray(each)) return each.forEach(visit);
    if (typeof each !== "object" || each === null) return;
    for (const [key, inner] of Object.entries(each)) {
      if ((key === "text" || key === "alt_text") && typeof inner === "string") found.push(inner);
      else if (typeof inner === "object") visit(inner);
    }
  };
  visit(value);
  return found.join("\n");
}

/** Every button and menu option in blocks. */
export function buttonsOf(blocks: readonly Wire[]): readonly ScreenButton[] {
  return blocks.flatMap((block) => {
    const elements = [...((block["elements"] ?? []) as Wire[]), ...(block["accessory"] === undefined ? [] : [block["accessory"] as Wire])];
    const blockId = String(block["block_id"] ?? "");
    return elements.flatMap((each): readonly ScreenButton[] => {
      const actionId = String(each["action_id"] ?? "");
      const label = String((each["text"] as Wire | undefined)?.["text"] ?? "");
      if (each["type"] === "button")
        return [
          {
            label,
            actionId,
            blockId,
            value: String(each["value"] ?? ""),
            ...(each["style"] === undefined ? {} : { style: String(each["style"]) }),
            ...(each["url"] === undefined ? {} : { url: String(each["url"]) }),
          },
        ];
      if (each["type"] !== "overflow") return [];
      return ((each["options"] ?? []) as Wire[]).map((option) => ({
        label: String((option["text"] as Wire)["text"]),
        actionId,
        blockId,
        value: String(option["value"] ?? ""),
        option,
      }));
    });
  });
}
