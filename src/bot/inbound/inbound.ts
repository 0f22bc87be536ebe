/** Who is behind an envelope, by Slack's own ids. Names are for showing only. */
export interface SlackCaller {
  readonly enterprise?: string;
  readonly team: string;
  readonly user: string;
  readonly name?: string;
}

/** What every envelope has. */
interface Received {
  readonly caller: SlackCaller;
  /** The key under which it was deduplicated (SLACK.md 3.6): unique per human act. */
  readonly key: string;
}

/** A place in a conversation. */
export interface Place {
  readonly channel: string;
  /** The thread's first message, when in a thread. */
  readonly thread?: string;
}

/** `/halligan TEXT`. Slash commands do not work in threads. */
export interface CommandInbound extends Received, Place {
  readonly kind: "command";
  /** The slash command as it is called in this workspace. */
  readonly command: string;
  readonly text: string;
  readonly triggerId: string;
  readonly responseUrl: string;
  /** A direct conversation with the bot. */
  readonly direct: boolean;
}

/** `@halligan TEXT` in a channel; the mention of the bot is taken out of the text. */
export interface MentionInbound extends Received, Place {
  readonly kind: "mention";
  readonly text: string;
  readonly ts: string;
}

/** A message in the conversation with the bot. */
export interface DmInbound extends Received, Place {
  readonly kind: "dm";
  readonly text: string;
  readonly ts: string;
}

/** Where a button was pressed. */
export type ActionSource =
  | { readonly at: "message"; readonly channel: string; readonly ts: string; readonly thread?: string; readonly ephemeral: boolean }
  | { readonly at: "view"; readonly viewId: string; readonly hash: string; readonly privateMetadata: string }
  | { readonly at: "home"; readonly viewId: string };

/** A button, or an element of a message or view. */
export interface ActionInbound extends Received {
  readonly kind: "action";
  readonly actionId: string;
  readonly blockId: string;
  /** The button's value or the chosen option's; empty where there is none. */
  readonly value: string;
  readonly source: ActionSource;
  readonly triggerId: string;
  readonly responseUrl?: string;
}

/** What was filled into a view: by block id, then by action id; chosen options give their value, several joined by a newline. */
export type ViewValues = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A submitted modal. */
export interface ViewInbound extends Received {
  readonly kind: "viewSubmission";
  readonly callbackId: string;
  readonly privateMetadata: string;
  readonly viewId: string;
  readonly hash: string;
  readonly values: ViewValues;
  readonly triggerId?: string;
}

/** A message shortcut. */
export interface ShortcutInbound extends Received, Place {
  readonly kind: "shortcut";
  readonly callbackId: string;
  readonly triggerId: string;
  readonly responseUrl: string;
  readonly message: { readonly ts: string; readonly text: string; readonly user?: string; readonly bot?: string };
}

/** Somebody opened the Home tab. */
export interface HomeInbound extends Received {
  readonly kind: "homeOpened";
}

/** Everything that people do in Slack, after it was acknowledged, deduplicated and found to come from a full member. */
export type Inbound = CommandInbound | MentionInbound | DmInbound | ActionInbound | ViewInbound | ShortcutInbound | HomeInbound;

/** What was typed. */
export type TypedInbound = CommandInbound | MentionInbound | DmInbound;

/** What is wrong with a submitted view, by block id: shown in the view, which stays open. */
export type ViewErrors = Readonly<Record<string, string>>;

/**
 * What is done about it. Called after the acknowledgement, except `validateView`. What they throw becomes an ephemeral message with the
 * problem: code, message and hint.
 */
export interface Handlers {
  typed(inbound: TypedInbound): Promise<void>;
  action(inbound: ActionInbound): Promise<void>;
  /** Judges what was filled in before the acknowledgement. Synchronous and pure: nothing of the store or of Slack. */
  validateView(inbound: ViewInbound): ViewErrors | undefined;
  viewSubmission(inbound: ViewInbound): Promise<void>;
  shortcut(inbound: ShortcutInbound): Promise<void>;
  homeOpened(inbound: HomeInbound): Promise<void>;
}
