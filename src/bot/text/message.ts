import type { ActionsBlock, Button, ContextBlock, DividerBlock, HeaderBlock, InputBlock, SectionBlock } from "@slack/types";
import type { SlackText } from "./slack-text.ts";

/** The blocks that we use: old enough to be shown by every client. */
export type OurBlock = HeaderBlock | SectionBlock | ContextBlock | ActionsBlock | DividerBlock | InputBlock;

/** A message: `text` is a full sentence with the state, for notifications and for who cannot see blocks. */
export interface Message {
  readonly text: SlackText;
  readonly blocks: readonly OurBlock[];
}

/** A modal. `metadata` comes back with its submission. */
export interface Modal {
  readonly type: "modal";
  readonly callbackId: string;
  readonly metadata: string;
  /** At most 24 characters. */
  readonly title: string;
  readonly submit?: string;
  readonly close: string;
  readonly blocks: readonly OurBlock[];
}

/** The Home tab of one person. */
export interface HomeView {
  readonly type: "home";
  readonly blocks: readonly OurBlock[];
}

export type { Button };
