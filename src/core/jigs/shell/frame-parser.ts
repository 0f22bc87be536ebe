import { fail } from "../../errors.ts";
import type { Change } from "../../model/plan.ts";
import type { Frame } from "../resolved.ts";

/** Decodes frames from a byte stream that arrives in any pieces (docs/protocol.md, "Frames"). */
export interface FrameParser {
  /** Takes the next bytes and returns the frames that are now complete. Problems: `PROTOCOL_ERROR`. */
  push(chunk: Uint8Array): readonly Frame[];
  /** Bytes of whole frames so far, from the first `@`: where an attaching reader goes on. */
  readonly offset: number;
}

/** A frame that is longer than this is not ours: the largest are 320 KiB of output and 64 KiB of values. */
const longestPayloadBytes = 1_048_576;
const longestHeaderBytes = 512;

const decoder = new TextDecoder();

/**
 * Makes a parser. With `job` all bytes before the line `HALLIGAN/1 <job> started` are noise of the login shell; without it the bytes start with
 * a frame: the engine has taken the line itself, or attaches at an offset.
 */
export function createFrameParser(job?: string): FrameParser {
  let pending: Uint8Array = new Uint8Array();
  let started = job === undefined;
  let offset = 0;
  const skipNoise = (): boolean => {
    const line = new TextEncoder().encode(`HALLIGAN/1 ${job} started\n`);
    const at = indexOf(pending, line);
    if (at < 0) {
      pending = pending.slice(Math.max(0, pending.length - line.length));
      return false;
    }
    pending = pending.slice(at + line.length);
    return true;
  };
  return {
    push(chunk) {
      pending = concatenate(pending, chunk);
      started ||= skipNoise();
      const frames: Frame[] = [];
      let at = 0;
      while (started) {
        const taken = takeFrame(pending.subarray(at), offset);
        if (taken === undefined) break;
        frames.push(taken.frame);
        at += taken.length;
        offset += taken.length;
      }
      if (at > 0) pending = pending.slice(at);
      return frames;
    },
    get offset() {
      return offset;
    },
  };
}

function takeFrame(bytes: Uint8Array, offset: number): { readonly frame: Frame; readonly length: number } | undefined {
  if (bytes.length === 0) return undefined;
  const end = bytes.subarray(0, longestHeaderBytes).indexOf(10);
  if (end < 0) {
    if (bytes.length >= longestHeaderBytes || bytes[0] !== 64) throw broken("no frame starts here", bytes, offset);
    return undefined;
  }
  const words = decoder.decode(bytes.subarray(0, end)).split(" ");
  const size = whole(words.at(-1));
  if (words[0] !== "@" || words.length < 3 || size === undefined || size > longestPayloadBytes)
    throw broken("no frame starts here", bytes, offset);
  const length = end + 1 + size + 1;
  if (bytes.length < length) return undefined;
  if (bytes[length - 1] !== 10) throw broken("a frame is longer than it says", bytes, offset);
  const frame = decode(words[1] ?? "", words.slice(2, -1), bytes.slice(end + 1, length - 1));
  if (frame === undefined) throw broken("a frame is not as the protocol wants it", bytes, offset);
  return { frame, length };
}

const phases = ["check", "before", "apply", "notify", "verify", "after", "on-failure", "undo", "prove", "cleanup"] as const;
const changes: readonly Change[] = ["none", "create", "change", "destroy", "unknown"];
const endings = ["ok", "changed", "failed", "skipped", "timeout", "cancelled"] as const;
const outcomes = ["ok", "changed", "failed", "stale", "cancelled"] as const;

function decode(type: string, args: readonly string[], content: Uint8Array): Frame | undefined {
  switch (type) {
    case "hello":
      return hello(args);
    case "phase": {
      const phase = oneOf(phases, args[0]);
      return phase === undefined || args.length !== 1 ? undefined : { type, phase };
    }
    case "done": {
      const status = oneOf(outcomes, args[0]);
      return status === undefined || args.length !== 1 ? undefined : { type, status, message: decoder.decode(content) };
    }
    default: {
      const index = whole(args[0]);
      return index === undefined ? undefined : indexed(type, index, args.slice(1), content);
    }
  }
}

function indexed(type: string, index: number, args: readonly string[], content: Uint8Array): Frame | undefined {
  switch (type) {
    case "begin":
      return { type, index };
    case "observed": {
      const change = oneOf(changes, args[0]);
      return change === undefined ? undefined : { type, index, change, observed: decoder.decode(content) };
    }
    case "old":
    case "new":
    case "diff":
    case "out":
    case "value":
      return { type, index, content };
    case "line": {
      const number = whole(args[0]);
      return number === undefined ? undefined : { type, index, number, content };
    }
    case "capped": {
      const limitBytes = whole(args[0]);
      return limitBytes === undefined ? undefined : { type, index, limitBytes };
    }
    case "reboot":
    case "reconnect": {
      const limitSeconds = whole(args[0]);
      return limitSeconds === undefined ? undefined : { type, index, limitSeconds };
    }
    case "end": {
      const [status, exitCode, durationMs] = [oneOf(endings, args[0]), whole(args[1]), whole(args[2])];
      if (status === undefined || exitCode === undefined || durationMs === undefined) return undefined;
      return { type, index, status, exitCode, durationMs, message: decoder.decode(content) };
    }
    default:
      return undefined;
  }
}

function hello(args: readonly string[]): Frame | undefined {
  const [pid, startTicks, pgrp, session] = [args[0], args[1], args[3], args[4]].map(whole);
  const bootId = args[2];
  if (pid === undefined || startTicks === undefined || pgrp === undefined || session === undefined || bootId === undefined)
    return undefined;
  return { type: "hello", pid, startTicks, bootId, pgrp, session };
}

function whole(word: string | undefined): number | undefined {
  return word !== undefined && /^\d{1,15}$/u.test(word) ? Number(word) : undefined;
}

function oneOf<T extends string>(known: readonly T[], word: string | undefined): T | undefined {
  return known.find((each) => each === word);
}

function broken(why: string, bytes: Uint8Array, offset: number): Error {
  const excerpt = decoder.decode(bytes.subarray(0, 80)).replace(/\p{C}/gu, "?");
  return fail("PROTOCOL_ERROR", { message: `The node's answer does not follow the protocol: ${why} (byte ${offset}): '${excerpt}'.` });
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = bytes.indexOf(wanted[0] ?? 0); at >= 0; at = bytes.indexOf(wanted[0] ?? 0, at + 1)) {
    if (at + wanted.length > bytes.length) return -1;
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

/** Always a copy, so that frames do not share memory with what the caller may use again. */
function concatenate(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
