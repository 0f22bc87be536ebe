/**
 * Every method of Slack's Web API that the bot calls with its bot token, with the scopes of which Slack wants one: all of them are asked for,
 * since which one counts depends on the kind of conversation. A test holds this table against the sources.
 */
export const methodScopes = {
  "auth.test": [],
  "chat.postMessage": ["chat:write"],
  "chat.update": ["chat:write"],
  "chat.postEphemeral": ["chat:write"],
  "conversations.open": ["im:write"],
  // Whether a channel is shared with another organisation: a slash command does not tell.
  "conversations.info": ["channels:read", "groups:read"],
  // Whether a message whose fate is unknown is there.
  "conversations.history": ["channels:history", "groups:history", "im:history"],
  "conversations.replies": ["channels:history", "groups:history", "im:history"],
  "users.info": ["users:read"],
  "usergroups.users.list": ["usergroups:read"],
  "views.open": [],
  "views.update": [],
  "views.publish": [],
  "files.getUploadURLExternal": ["files:write"],
  "files.completeUploadExternal": ["files:write"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What is received needs scopes too. */
const receivingScopes = { "slash commands": "commands", app_mention: "app_mentions:read", "message.im": "im:history" } as const;

/** The scopes of the bot token, sorted. */
export const botScopes: readonly string[] = [
  ...new Set<string>([...Object.values(methodScopes).flat(), ...Object.values(receivingScopes)]),
].toSorted();

/** The scope of the app-level token of Socket Mode. */
export const appScope = "connections:write";
