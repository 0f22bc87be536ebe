import type { Connection, Conversation, Exit } from "../../../src/core/ports.ts";
import { collect } from "../../../src/core/run/remote/node-link.ts";
import { standingReceiver } from "../../../src/core/run/remote/node-shell.ts";
import { helperBundle } from "../../../src/core/run/remote/standing.ts";

/** A receiver that stays, whose scripts are sent by hand. */
export interface ReceiverByHand {
  /** Sends a script, of which the receiver is told that it has `size` bytes, and gives what comes until it is done or the channel ends. */
  turn(who: string, script: Uint8Array, size?: number): Promise<string>;
  /** Nothing more will be sent. */
  end(): void;
  exit(): Promise<Exit | undefined>;
  /** Ends it, whatever it still has to say. */
  leave(): Promise<void>;
}

/** Opens one under this shell; it starts with the first script, before which it gets a helper unless there is to be none. */
export function receiverByHand(connection: Connection, shell: string, helper: "helper" | "no helper"): ReceiverByHand {
  let conversation: Conversation | undefined;
  let said: AsyncIterator<Uint8Array> | undefined;
  const { converse } = connection;
  if (converse === undefined) throw new Error("this connection cannot converse");
  return {
    async turn(who, script, size = script.length) {
      const input = [Buffer.from(`HALLIGAN/1 ${who} ${size}\n`), script];
      if (conversation === undefined) {
        const stdin = helper === "helper" ? [...helperBundle(), ...input] : input;
        conversation = await converse.call(connection, `exec ${shell} -c '${standingReceiver}'`, { stdin, onWanted: () => undefined });
        said = conversation.stdout[Symbol.asyncIterator]();
        void collect(conversation.stderr, 0);
      } else conversation.say(input);
      let text = "";
      while (!/@ done [^]*\n$/u.test(text)) {
        const next = await said?.next();
        if (next === undefined || next.done === true) return text;
        text += Buffer.from(next.value).toString("utf8");
      }
      return text;
    },
    end: () => conversation?.end(),
    exit: async () => await conversation?.exit,
    async leave() {
      conversation?.end();
      while (said !== undefined && (await said.next()).done !== true);
      await conversation?.exit;
    },
  };
}
