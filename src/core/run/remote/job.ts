import { fail, hasCode } from "../../errors.ts";
import type { Frame } from "../../jigs/resolved.ts";
import { type Script, sizeOf } from "../../jigs/script.ts";
import type { Clock, RemoteCommand } from "../../ports.ts";
import { createFrameParser } from "../../jigs/shell/frame-parser.ts";
import { type NodeLink, notStarted, runScript, runText } from "./node-link.ts";
import { attachCommand, type JobRef, jobReceiver, nodeExit, resumeReceiver } from "./node-shell.ts";
import { createPrefaceReader, type Preface } from "./preface.ts";
import { pastDeadline } from "./deadline.ts";
import { nextOrSilence } from "./silence.ts";
import { complaintsOf, takeTurn, type Turn } from "./standing.ts";

/** One script to be run at most once on one node; its name is unique over all stores, runs and attempts, and safe as a file name (docs/protocol.md). */
export interface Job extends JobRef {
  /** Sent if the node does not have the job yet. */
  readonly script: Script;
}

/** How a job ended, as far as the engine could learn. */
export type JobEnd =
  | Extract<Frame, { type: "done" }>
  /** The process is gone without having said how it ended: node lost, or killed. Observe before anything else. */
  | {
      readonly type: "unknown";
      readonly reason: string;
      /** The node said that the process is gone: its files are of no more use. */
      readonly gone: boolean;
    }
  /** The node did not come back in time from the reboot that the job asked for: what stood after it was not started. */
  | { readonly type: "rebooting"; readonly limitMs: number; readonly reason: string }
  /** A newer engine, or another process that works for it, has spoken to the node. This one must stop. */
  | { readonly type: "fenced" };

/** What supervising a job needs from outside. */
export interface JobSurroundings {
  /** Gives a live link to the node, connecting again when needed. Problems as `Transport.connect`. */
  link(signal: AbortSignal): Promise<NodeLink>;
  readonly clock: Clock;
  /** Brings to the node what the script needs there; awaited each time before the script is sent, never when the node has the job already. */
  beforeSend(link: NodeLink): Promise<void>;
  /** Called for each frame, in order, each once; those that came together at once. Awaited then, so that slow recording slows reading. */
  onFrame(frame: Frame): Promise<void>;
  /** Told when contact is lost and when it is back, for people who watch. */
  onContact(contact: "lost" | "back", reason: string): Promise<void>;
  /** How long to go on reconnecting to a started job before its outcome counts as unknown, in ms. */
  readonly patienceMs: number;
}

/** A channel that has said nothing for this long is followed through the job's log instead: writes to it may have stopped at their limit. */
const silenceMs = 1_000;
/** The same while that is unlikely, since little was written so far: who follows a log asks for its length again and again, which costs the node more than the job. */
const earlySilenceMs = 10_000;
const endlessMs = 2 ** 31 - 1;
/** Up to here little was written; the limit is three times as much. */
const earlyBytes = 16_384;
/** Tries at handing over a script that was cut on its way. */
const unsentTries = 3;
/** Tries at handing over a script when each began well and the node has nothing of it afterwards: a link that is too slow for it would be tried for ever. */
const undeliveredTries = 8;
const firstBackoffMs = 200;
const longestBackoffMs = 5_000;
/** A try that seems to have taken longer was not longer: the clock was set. */
const longestRoundMs = 60_000;

/** Added to the time that a step gives the node for its reboot, so that the step's own message about it comes first. */
const rebootGraceMs = 15_000;

type Mode = "send" | "attach" | "resume";

/** Where one conversation with the node ended. */
type Contact =
  | { readonly kind: "end"; readonly end: JobEnd }
  /** The channel went silent or was cut; go on reading the log. */
  | { readonly kind: "again"; readonly reason: string; readonly lost: boolean }
  /** The node is back from the reboot that the job asked for. */
  | { readonly kind: "rebooted" };

/**
 * Starts a job, or finds it if it was started before, and follows it to its end over as many connections as that takes.
 * Nothing is ever started twice: the node's job folder is the judge.
 * @throws problems of connecting and of the receiver (`NODE_DISK_FULL`, `BECOME_*`, `NODE_SHELL`, `HOST_*` ...) only while it is sure that the job was not started.
 */
export async function superviseJob(
  job: Job,
  surroundings: JobSurroundings,
  how: {
    readonly attachFirst: boolean;
    /** With `attachFirst`: the job was seen to begin a reboot of the node. */
    readonly rebooting?: boolean;
    readonly signal: AbortSignal;
  },
): Promise<JobEnd> {
  const follower = createFollower(job, surroundings, how.rebooting === true);
  let mode: Mode = how.attachFirst ? "attach" : "send";
  let backoffMs = firstBackoffMs;
  let lost = false;
  let awayMs = 0;
  let rebootMs = 0;
  const late = (limitMs: number | undefined, roundAt: number): limitMs is number => {
    if (limitMs === undefined) return false;
    rebootMs += roundMs(surroundings.clock.now() - roundAt) + backoffMs;
    return rebootMs > limitMs + rebootGraceMs;
  };
  let unsent = 0;
  let undelivered = 0;
  const found = async (): Promise<void> => {
    lost = false;
    await surroundings.onContact("back", "");
  };
  for (;;) {
    how.signal.throwIfAborted();
    const roundAt = surroundings.clock.now();
    try {
      const link = await surroundings.link(how.signal);
      // A node that answers may still be on its way down.
      if (lost && follower.rebootLimitMs === undefined) await found();
      awayMs = 0;
      if (mode === "send") await surroundings.beforeSend(link);
      const contact: Contact = mode === "attach" ? await follower.attach(link, how.signal) : await follower.send(link, mode, how.signal);
      if (lost && (contact.kind !== "again" || !contact.lost)) await found();
      if (contact.kind === "end") {
        if (contact.end.type !== "unknown" || follower.mayBeStarted) return contact.end;
        if (++undelivered > undeliveredTries) {
          unsent = unsentTries; // no further try
          throw tooSlow(link, job, undelivered);
        }
        mode = "send"; // the node has no such job and never had: it is safe to send it
        continue;
      }
      mode = contact.kind === "rebooted" ? "resume" : "attach";
      if (contact.kind === "rebooted" || !contact.lost) {
        backoffMs = firstBackoffMs;
        continue;
      }
      const limitMs = follower.rebootLimitMs;
      if (late(limitMs, roundAt)) return { type: "rebooting", limitMs, reason: contact.reason };
      if (!lost) await surroundings.onContact("lost", limitMs === undefined ? contact.reason : "it reboots");
      lost = true;
    } catch (error) {
      const barred = follower.rebootLimitMs !== undefined || follower.confirming;
      if (!isContactProblem(error) && !(barred && isBootProblem(error))) throw error;
      if (!follower.mayBeStarted && (hasCode(error, "HOST_UNREACHABLE", "SSH_PROTOCOL") || ++unsent > unsentTries)) throw error;
      lost = true;
      awayMs += roundMs(surroundings.clock.now() - roundAt) + backoffMs;
      const reason = error instanceof Error ? error.message : String(error);
      const limitMs = follower.rebootLimitMs;
      if (late(limitMs, roundAt)) return { type: "rebooting", limitMs, reason };
      if (limitMs === undefined && awayMs > surroundings.patienceMs) return { type: "unknown", reason, gone: false };
    }
    await surroundings.clock.sleep(backoffMs, how.signal);
    backoffMs = Math.min(backoffMs * 2, longestBackoffMs);
  }
}

/** Why a script is not sent once more. */
function tooSlow({ node }: NodeLink, { script }: Job, tries: number): Error {
  return fail("CONNECTION_LOST", {
    message: `The connection to ${node} broke ${tries} times while ${Math.ceil(sizeOf(script) / 1024)} KiB of script were on their way; the node has none of it and nothing was started.`,
    at: { node },
    hint: "The link breaks too often, or carries less than 512 bytes a second: a connection that says nothing for too long is given up. Mend the link, or run a worker near the node (`halligan worker`), and run `halligan retry`.",
  });
}

/** What one try to reach the node took; a clock that was set meanwhile neither uses up the patience nor makes it endless. */
function roundMs(elapsedMs: number): number {
  return Math.min(Math.max(0, elapsedMs), longestRoundMs);
}

function isContactProblem(error: unknown): boolean {
  return hasCode(error, "HOST_UNREACHABLE", "CONNECTION_LOST", "CHANNEL_REFUSED", "SSH_PROTOCOL");
}

/** What a machine that goes down or comes up may answer, beside nothing: pam_nologin refuses ordinary users, sudo and the shell may fail. */
function isBootProblem(error: unknown): boolean {
  return hasCode(error, "AUTH_FAILED", "BECOME_REFUSED", "NODE_SHELL", "NODE_DISK_FULL");
}

/** How long a reboot may take where the job's log, which says it, was not read yet. */
const unknownRebootMs = 600_000;

/** Reads frames over several channels, remembering the byte it has read up to. */
function createFollower(job: Job, { clock, onFrame }: JobSurroundings, rebooting: boolean) {
  let offset = 0;
  let mayBeStarted = rebooting;
  let rebootLimitMs = rebooting ? unknownRebootMs : undefined;
  let confirm: number | undefined;
  let confirmedBy: number | undefined;

  async function send(link: NodeLink, mode: "send" | "resume", signal: AbortSignal): Promise<Contact> {
    mayBeStarted = true; // from here on the node may have it, whatever becomes of the channel
    let command: RemoteCommand | Turn;
    try {
      const who = `${job.name} ${job.scope} ${job.fence}`;
      const turn = mode === "send" ? await takeTurn(link, who, job.script) : undefined;
      command = turn ?? (await runScript(link, mode === "send" ? jobReceiver : resumeReceiver(offset), who, job.script));
    } catch (error) {
      if (mode === "send") mayBeStarted = false; // `exec` rejects only when the command surely did not start
      throw error;
    }
    const contact = await read(link, command, signal);
    if ("preface" in contact) {
      mayBeStarted = mode === "resume" || contact.preface.word === "exists";
      return refused(link, contact.preface);
    }
    return contact;
  }

  async function attach(link: NodeLink, signal: AbortSignal): Promise<Contact> {
    const contact = await read(link, await runText(link, attachCommand(job, offset, confirm)), signal);
    if (!("preface" in contact)) return contact;
    if (contact.preface.word === "fenced") return { kind: "end", end: { type: "fenced" } };
    if (contact.preface.word !== "absent")
      throw fail("PROTOCOL_ERROR", { message: `Unexpected answer "${contact.preface.word}" from ${link.node}.`, at: { node: link.node } });
    if (offset === 0 && !rebooting) mayBeStarted = false;
    return { kind: "end", end: { type: "unknown", reason: "the node no longer has the job's folder", gone: true } };
  }

  /** Follows one channel. Returns the preface when it says that nothing runs on this channel. */
  async function read(
    link: NodeLink,
    command: RemoteCommand | Turn,
    signal: AbortSignal,
  ): Promise<Contact | { readonly preface: Preface }> {
    const prefaceReader = createPrefaceReader(job.name);
    const parser = createFrameParser();
    const base = offset;
    let preface: Preface | undefined;
    const complaints = complaintsOf(command);
    const chunks = command.stdout[Symbol.asyncIterator]();
    let received = 0;
    const waits = "first" in command && !command.first;
    const silence = (until: AbortSignal): Promise<void> => {
      if (preface?.word === "started")
        return clock.sleep(received > earlyBytes || received > parser.offset ? silenceMs : earlySilenceMs, until);
      // Who was served before tidies up first, which may hang.
      if (preface === undefined && waits) return pastDeadline(clock, earlySilenceMs, () => command, until);
      return clock.sleep(endlessMs, until);
    };
    for (;;) {
      const next = await nextOrSilence(chunks, silence, signal);
      if (signal.aborted) {
        command.abandon();
        throw signal.reason;
      }
      if (next === "silence") {
        command.abandon();
        return { kind: "again", reason: "the channel fell silent", lost: false };
      }
      if (next.done === true) break;
      let bytes: Uint8Array = next.value;
      if (preface === undefined) {
        preface = prefaceReader.push(bytes);
        if (preface === undefined) continue;
        if (preface.word !== "started" && preface.word !== "attached") {
          command.abandon();
          return { preface };
        }
        mayBeStarted = true;
        bytes = preface.remainder;
      }
      received += bytes.length;
      const frames = parser.push(bytes);
      // What came together is recorded together, and waited for once.
      await Promise.all(frames.map((frame) => onFrame(frame)));
      for (const frame of frames) {
        if (frame.type === "reboot") rebootLimitMs = frame.limitSeconds * 1000;
        else if (frame.type === "reconnect") confirm = frame.index;
        else if (frame.type === "end") {
          rebootLimitMs = undefined;
          confirm = undefined;
        }
        if (frame.type === "done") {
          if ("over" in command) command.over();
          else command.abandon();
          return { kind: "end", end: frame };
        }
      }
      offset = base + parser.offset;
      if (confirm !== undefined && confirm !== confirmedBy) {
        // That the node can still be reached is shown by nothing but a connection that was made since.
        confirmedBy = confirm;
        command.abandon();
        await link.connection.close();
        return { kind: "again", reason: "the job asks for a new connection", lost: false };
      }
    }
    const exit = await command.exit;
    // The receiver may have gone before this script came, or after it: the node knows.
    if (preface === undefined && exit.kind !== "lost" && "first" in command && !command.first)
      return { kind: "again", reason: "the channel had ended", lost: false };
    if (preface === undefined && exit.kind !== "lost") {
      if (rebootLimitMs === undefined) mayBeStarted = false;
      throw notStarted(link, (await complaints()).toString("utf8"), exit);
    }
    if (exit.kind === "lost") return { kind: "again", reason: exit.reason, lost: true };
    if (exit.kind === "exited" && exit.code === nodeExit.gone) {
      return { kind: "end", end: { type: "unknown", reason: "the job's process is gone and left no result", gone: true } };
    }
    if (exit.kind === "exited" && exit.code === nodeExit.goingDown) return { kind: "again", reason: "the node goes down", lost: true };
    if (exit.kind === "exited" && exit.code === nodeExit.rebooted) return { kind: "rebooted" };
    // The script ended on its own channel without `done` there: the rest is in the log, or there is none.
    return { kind: "again", reason: "the channel ended", lost: false };
  }

  return {
    send,
    attach,
    /** True once the node may have the job. */
    get mayBeStarted() {
      return mayBeStarted;
    },
    /** True while a step waits to be told over a new connection that the node can be reached. */
    get confirming() {
      return confirm !== undefined;
    },
    /** Set while the node reboots because the job asked for it: how long it may take. */
    get rebootLimitMs() {
      return rebootLimitMs;
    },
  };
}

function refused(link: NodeLink, { word, rest }: Preface): Contact {
  const at = { node: link.node };
  if (word === "exists") return { kind: "again", reason: "the job was started before", lost: false };
  if (word === "fenced") return { kind: "end", end: { type: "fenced" } };
  if (word === "busy") throw fail("NODE_BUSY", { message: `Another job (${rest}) still goes on on ${link.node}.`, at });
  if (word === "cut") throw fail("CONNECTION_LOST", { message: `What was sent to ${link.node} did not arrive whole.`, at });
  if (word === "nospace") {
    throw fail("NODE_DISK_FULL", {
      message: `${link.node} has no room, or no write access, for the job.`,
      at,
      ...(rest === "" ? {} : { cause: rest }),
    });
  }
  throw fail("PROTOCOL_ERROR", { message: `Unexpected answer "${word}" from ${link.node}.`, at });
}
