import type { CommandDefinition, Passing } from "../../core/commands/command.ts";
import { HalliganError } from "../../core/errors.ts";
import type { ServedCluster } from "../ports.ts";
import type { Posted } from "../send/sender.ts";
import { section } from "../text/blocks.ts";
import type { Message } from "../text/message.ts";
import { bold, esc, mention, mrkdwn, type SlackText } from "../text/slack-text.ts";
import type { Talk, TalkParts } from "./talk.ts";

/** How far a long command has come, for who waits. */
export interface Progress {
  take(passing: Passing): void;
  /** Ends it and gives the message that can become the plan's review. */
  end(): Promise<Posted | undefined>;
  /** Ends it with a sentence. */
  close(text: SlackText): Promise<void>;
}

/** Commands that make a plan: everybody sees that, as everybody sees the plan. */
const planning = new Set(["plan", "apply", "retry", "rollback", "reset", "schedule"]);

/** A message that says what is being done, posted when the first progress is told, and kept up to date. */
export function startProgress({ sender, ports }: TalkParts, talk: Talk, cluster: ServedCluster, definition: CommandDefinition): Progress {
  const isPlanning = planning.has(definition.id);
  const slot = `progress:${talk.inbound.key}`;
  let begun: Promise<Posted | undefined> | undefined;
  let last: Extract<Passing, { type: "progress" }> | undefined;
  let over = false;
  const render = (): Message => {
    const what = isPlanning ? mrkdwn`Planning` : mrkdwn`Working on ${esc(definition.id)} of`;
    const far = last === undefined || last.total === 0 ? "" : `: ${words(last)}`;
    const text = mrkdwn`${what} ${bold(esc(cluster.name))} for ${mention(talk.inbound.caller.user)}…${esc(far)}`;
    return { text, blocks: [section(text)] };
  };
  const begin = async (): Promise<Posted | undefined> => {
    try {
      if (isPlanning || talk.direct) return await sender.post(talk.to, render(), slot);
      await talk.tell(render());
    } catch (error) {
      ports.log(`slack: progress could not be shown: ${error instanceof HalliganError ? error.code : String(error)}`);
    }
    return undefined;
  };
  return {
    take(passing) {
      if (over || passing.type !== "progress") return;
      last = passing;
      if (begun === undefined) {
        begun = begin();
        return;
      }
      void begun.then((at) => {
        if (at !== undefined && !over) sender.live.show(slot, { at, render });
      });
    },
    async end() {
      over = true;
      const at = await begun;
      sender.live.forget(slot);
      return at;
    },
    async close(text) {
      over = true;
      const at = await begun;
      sender.live.forget(slot);
      if (at !== undefined) await sender.update(at, { text, blocks: [section(text)] });
    },
  };
}

function words({ what, done, total, item }: Extract<Passing, { type: "progress" }>): string {
  const of = item === undefined ? "" : ` (${item})`;
  switch (what) {
    case "discover":
      return `${done} of ${total} nodes looked at${of}`;
    case "check":
      return `${done} of ${total} node-roles checked${of}`;
    case "wait":
    case "resume":
      return `waiting for ${item ?? "another run"}`;
    case "queue":
      return `behind ${item ?? "another run"}`;
    default:
      return `${what} ${done} of ${total}${of}`;
  }
}
