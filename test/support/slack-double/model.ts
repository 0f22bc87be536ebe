import type { KnownBlock, ModalView, View } from "@slack/types";

/** Any JSON object, as it comes over the wire. */
export type Wire = Record<string, unknown>;

/** A member of the double's workspace, or somebody who only looks like one. */
export interface DoubleUser {
  readonly id: string;
  readonly name: string;
  readonly team: string;
  readonly kind: "member" | "guest" | "stranger" | "bot" | "deleted";
}

/** A conversation. */
export interface DoubleChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: "channel" | "dm";
  readonly shared: boolean;
  /** Who is in it, by id; the bot is too unless `botIsOut`. */
  readonly members: Set<string>;
  archived: boolean;
}

/** A message as it stands now. */
export interface DoubleMessage {
  readonly ts: string;
  readonly channel: string;
  readonly thread?: string;
  readonly user: string;
  readonly bot: boolean;
  /** Only this user sees it. */
  readonly only?: string;
  readonly broadcast: boolean;
  text: string;
  blocks: readonly KnownBlock[];
  metadata?: Wire;
  files: readonly DoubleFile[];
  edits: number;
  deleted: boolean;
}

/** An uploaded file. */
export interface DoubleFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  bytes: Buffer;
}

/** A view that somebody has open: a modal, or their Home tab. */
export interface DoubleView {
  readonly id: string;
  hash: string;
  view: View | ModalView;
  readonly user: string;
  /** What the person has filled in: by block id, then by action id. */
  readonly filled: Record<string, Record<string, Wire>>;
  errors: Readonly<Record<string, string>>;
}

/** Something that went over `trigger_id` or `response_url`, with its limits. */
export interface DoubleTrigger {
  readonly user: string;
  readonly until: number;
  used: boolean;
}

/** Where a response_url leads. */
export interface DoubleResponseUrl {
  readonly channel: string;
  readonly user: string;
  readonly until: number;
  left: number;
  /** The message from which an action came, for `replace_original`. */
  readonly original?: string;
}

/** One call that the bot made. */
export interface DoubleCall {
  readonly method: string;
  readonly args: Wire;
  readonly at: number;
  readonly answer: string;
}
