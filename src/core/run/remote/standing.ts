import type { Script } from "../../jigs/script.ts";
import { wholeProgram } from "../../jigs/shell/prelude/helper-program.ts";
import type { Connection, Conversation, Exit, RemoteCommand } from "../../ports.ts";
import { collect, converse, headed, type NodeLink, sameBecome } from "./node-link.ts";
import { standingReceiver } from "./node-shell.ts";

/** A script that a receiver carries out which stays for the next one, over a channel that may have served others before. What it complains of need not be consumed. */
export interface Turn extends RemoteCommand {
  /** False where the channel has served before: when it ends without a word, the receiver may have been gone before this script came. */
  readonly first: boolean;
  /** To be called when the script has said its last word: the channel may serve the next one. Else `abandon`. */
  over(): void;
}

/** Reads what a command complains of, for whoever asks once it has ended. Of a turn only then: its channel serves on, and would keep each one's waiting for as long. */
export function complaintsOf(command: RemoteCommand | Turn): () => Promise<Buffer> {
  const read = (): Promise<Buffer> => collect(command.stderr, 16_384);
  if ("over" in command) return read;
  const reading = read();
  return () => reading;
}

/** The receiver that stays on each connection, if there is one: there is never more than one, and it does one thing at a time. */
const receivers = new WeakMap<Connection, Receiver | "starting">();

let helper: readonly Uint8Array[] | undefined;

/** What a receiver gets before its first script: those that follow each other need one helper, not one each. Put together when it is wanted, since most commands send none. */
export function helperBundle(): readonly Uint8Array[] {
  helper ??= headed("helper helper 0", [Buffer.from(`${wholeProgram()}\n`)]);
  return helper;
}

/** So many wait for their next script at once: each keeps some 10 KiB, and with thousands of nodes it is long until the same one has its turn again. */
const mostResting = 512;
const resting = new Set<Receiver>();

/**
 * Hands a script to the receiver that stays on this connection, which is started where there is none; `who` as for `runScript`. Nothing where it is at
 * work, or where the transport has no such channels: then a channel of its own serves. Problems as `Connection.exec`.
 */
export async function takeTurn(link: NodeLink, who: string, script: Script): Promise<Turn | undefined> {
  const there = receivers.get(link.connection);
  if (there === "starting") return undefined;
  if (there?.lives === true) return there.canServe(link) ? there.serve(headed(who, script)) : undefined;
  receivers.set(link.connection, "starting");
  try {
    const receiver = await started(link, [...helperBundle(), ...headed(who, script)]);
    if (receiver === undefined) receivers.delete(link.connection);
    else receivers.set(link.connection, receiver);
    return receiver?.turn(true);
  } catch (error) {
    receivers.delete(link.connection);
    throw error;
  }
}

async function started(link: NodeLink, input: readonly Uint8Array[]): Promise<Receiver | undefined> {
  let [receiver, wanted]: [Receiver | undefined, boolean] = [undefined, false];
  const conversation = await converse(link, standingReceiver, input, () => {
    wanted = true;
    receiver?.giveWay();
  });
  if (conversation === undefined) return undefined;
  receiver = new Receiver(link, conversation);
  // Somebody may wait for the place since it was taken.
  if (wanted) receiver.giveWay();
  return receiver;
}

/** Runs a text as the last thing that the receiver which stays on this connection does; nothing where there is none that could. @returns how it ended. */
export async function lastTurn(link: NodeLink, name: string, text: string): Promise<Exit | undefined> {
  const there = receivers.get(link.connection);
  if (there === undefined || there === "starting" || !there.canServe(link)) return undefined;
  const turn = there.serve(headed(`${name} check 0`, [Buffer.from(`${text}\nexit 0\n`)]));
  there.end();
  return await turn.exit;
}

class Receiver {
  /** False once it takes nothing more. */
  lives = true;
  #wanted = false;
  readonly #link: NodeLink;
  readonly #conversation: Conversation;
  readonly #said: AsyncIterator<Uint8Array>;
  readonly #complaints: Promise<Buffer>;

  constructor(link: NodeLink, conversation: Conversation) {
    this.#link = link;
    this.#conversation = conversation;
    this.#said = conversation.stdout[Symbol.asyncIterator]();
    this.#complaints = collect(conversation.stderr, 16_384);
    void conversation.exit.then(() => this.#leave());
  }

  canServe({ become }: NodeLink): boolean {
    return resting.has(this) && sameBecome(this.#link.become, become);
  }

  serve(input: readonly Uint8Array[]): Turn {
    resting.delete(this);
    this.#conversation.say(input);
    return this.turn(false);
  }

  /** Ends when what it was given is done. Its place is given back once its channel has been read to the end. */
  end(): void {
    this.#leave();
    this.#conversation.end();
    void this.#drain();
  }

  async #drain(): Promise<void> {
    while ((await this.#said.next()).done !== true);
  }

  /** Somebody else waits for the channel's place. */
  giveWay(): void {
    this.#wanted = true;
    if (resting.has(this)) this.end();
  }

  #leave(): void {
    this.lives = false;
    resting.delete(this);
    if (receivers.get(this.#link.connection) === this) receivers.delete(this.#link.connection);
  }

  #rest(): void {
    if (!this.lives) return;
    if (this.#wanted || resting.size >= mostResting) this.end();
    else resting.add(this);
  }

  turn(first: boolean): Turn {
    const [said, complaints, conversation] = [this.#said, this.#complaints, this.#conversation];
    return {
      first,
      // Whoever stops reading leaves the channel as it is.
      stdout: { [Symbol.asyncIterator]: () => ({ next: () => said.next() }) },
      stderr: (async function* () {
        yield await complaints;
      })(),
      exit: conversation.exit,
      delivered: async () => await conversation.delivered?.(),
      abandon: () => {
        this.#leave();
        conversation.abandon();
      },
      over: () => this.#rest(),
    };
  }
}
