import type { HomeView, Message, Modal } from "../text/message.ts";

/** A channel, or a thread in it. */
export interface Place {
  readonly channel: string;
  /** `ts` of the message that the thread hangs from. */
  readonly thread?: string;
}

/** A message that stands in a channel. */
export interface Posted {
  readonly channel: string;
  readonly ts: string;
}

/** A file for a thread. Its text must be redacted. */
export interface TextFile {
  /** With its ending: `P-7.txt`. */
  readonly name: string;
  readonly title: string;
  readonly text: string;
  /** Said above the file. */
  readonly comment?: Message["text"];
}

/** A modal that is open. `hash` guards an update against a later one. */
export interface OpenModal {
  readonly id: string;
  readonly hash: string;
}

/**
 * Everything that goes to Slack apart from acknowledgements. Every message is brought within the limits first, and nothing is posted twice:
 * `key` names a message for good (`R-7:failed`), over restarts and several instances. Problems: `SLACK_UNREACHABLE`, `SLACK_REFUSED`.
 */
export interface Sender {
  /** Posts a message, once per key. `broadcast`: shown in the channel too, from a thread. */
  post(to: Place & { readonly broadcast?: boolean }, message: Message, key: string): Promise<Posted>;
  /** Changes a message at once; where it cannot be changed any more, posts a new one, and says where it is. */
  update(at: Posted & { readonly thread?: string }, message: Message): Promise<Posted>;
  /** Shown to one person only, and gone when they reload: never the only copy of a decision. */
  ephemeral(to: Place & { readonly user: string }, message: Message): Promise<void>;
  /** To one person, by user id, once per key. */
  direct(user: string, message: Message, key: string): Promise<Posted>;
  /** A file for a channel or thread, once per key. */
  upload(to: Place, file: TextFile, key: string): Promise<void>;
  /** `trigger` is good for three seconds and one use. */
  openModal(trigger: string, modal: Modal): Promise<OpenModal>;
  updateModal(open: OpenModal, modal: Modal): Promise<OpenModal>;
  publishHome(user: string, home: HomeView): Promise<void>;
}
