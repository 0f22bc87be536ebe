import { foldNames } from "../model/fold-names.ts";
import { compareNatural } from "../model/natural-order.ts";
import type { Problem } from "../errors.ts";
import type { ExitCode } from "../problems/entry.ts";
import type { Executed } from "../run/exec/execute.ts";
import type { Output } from "../run/exec/output.ts";
import type { Outcome } from "../run/exec/run-on-node.ts";

/** One output, for people and JSON. */
export interface ShownOutput {
  readonly totalBytes: number;
  /** Of the whole output. */
  readonly sha256: string;
  /** `base64` where the bytes are no UTF-8. */
  readonly encoding: "utf8" | "base64";
  readonly head: string;
  /** Bytes between `head` and `tail` that were not kept. */
  readonly omittedBytes: number;
  readonly tail: string;
}

/** Nodes that answered the same. */
export interface ExecGroup {
  readonly nodes: readonly string[];
  /** The same with ranges: `web[1-3]`. */
  readonly folded: readonly string[];
  readonly outcome: Exclude<Outcome, { kind: "unreachable" | "not-started" }>;
  readonly stdout: ShownOutput;
  readonly stderr: ShownOutput;
}

/** `exec --json`. */
export interface ExecDocument {
  readonly halligan: 1;
  readonly kind: "exec";
  readonly command: string;
  /** Largest groups first. */
  readonly groups: readonly ExecGroup[];
  /** Nodes on which it did not begin, by what was wrong; `problem` is the one of the first of them. */
  readonly unreachable: readonly { readonly nodes: readonly string[]; readonly folded: readonly string[]; readonly problem: Problem }[];
  /** Nodes whose turn did not come before the person left. */
  readonly notStarted: readonly string[];
  readonly counts: ExecCounts;
  /** By node, in natural order. */
  readonly durations: readonly { readonly node: string; readonly durationMs: number }[];
}

/** Nodes by how it ended there; they add up to all nodes. */
export interface ExecCounts {
  readonly ok: number;
  /** Another exit code than 0, a signal, or a timeout. */
  readonly failed: number;
  /** Not reached, or the outcome is not known. */
  readonly unknown: number;
  readonly interrupted: number;
}

/** Groups results by equal answers. */
export function execDocument(command: string, results: readonly Executed[]): ExecDocument {
  const answered = new Map<string, { readonly nodes: string[]; readonly first: Executed; readonly outcome: ExecGroup["outcome"] }>();
  const unreached = new Map<string, { readonly nodes: string[]; readonly problem: Problem }>();
  const notStarted: string[] = [];
  for (const result of results.toSorted((a, b) => compareNatural(a.node, b.node))) {
    const { node, outcome, stdout, stderr } = result;
    if (outcome.kind === "not-started") notStarted.push(node);
    else if (outcome.kind === "unreachable") {
      const { problem } = outcome;
      const key = JSON.stringify([problem.code, problem.cause, problem.hint]);
      const group = unreached.get(key) ?? { nodes: [], problem };
      group.nodes.push(node);
      unreached.set(key, group);
    } else {
      const key = JSON.stringify([outcome, stdout.sha256, stderr.sha256]);
      const group = answered.get(key) ?? { nodes: [], first: result, outcome };
      group.nodes.push(node);
      answered.set(key, group);
    }
  }
  return {
    halligan: 1,
    kind: "exec",
    command,
    groups: [...answered.values()]
      .toSorted((a, b) => b.nodes.length - a.nodes.length)
      .map(({ nodes, first, outcome }) => ({
        nodes,
        folded: foldNames(nodes),
        outcome,
        stdout: shown(first.stdout),
        stderr: shown(first.stderr),
      })),
    unreachable: [...unreached.values()].map(({ nodes, problem }) => ({ nodes, folded: foldNames(nodes), problem })),
    notStarted,
    counts: countsOf(results),
    durations: results.map(({ node, durationMs }) => ({ node, durationMs })).toSorted((a, b) => compareNatural(a.node, b.node)),
  };
}

/** 6 when the person left, else 1 when it failed somewhere, else 5 when a node was not reached or its outcome is not known. */
export function execExit({ failed, unknown, interrupted }: ExecCounts): ExitCode {
  return interrupted > 0 ? 6 : failed > 0 ? 1 : unknown > 0 ? 5 : 0;
}

function countsOf(results: readonly Executed[]): ExecCounts {
  const kinds = results.map(({ outcome }) => kindOf(outcome));
  const count = (kind: keyof ExecCounts): number => kinds.filter((each) => each === kind).length;
  return { ok: count("ok"), failed: count("failed"), unknown: count("unknown"), interrupted: count("interrupted") };
}

function kindOf(outcome: Outcome): keyof ExecCounts {
  switch (outcome.kind) {
    case "exited":
      return outcome.code === 0 ? "ok" : "failed";
    case "signalled":
    case "timeout":
      return "failed";
    case "lost":
    case "unreachable":
      return "unknown";
    case "interrupted":
    case "not-started":
      return "interrupted";
    default:
      return outcome satisfies never;
  }
}

function shown({ totalBytes, sha256, head, tail, omittedBytes }: Output): ShownOutput {
  const cut = omittedBytes > 0;
  const first = cut ? withoutCutEnd(head) : head;
  const last = cut ? withoutCutBeginning(tail) : tail;
  // where nothing is missing between them, a character may lie across the border
  const whole = cut ? undefined : utf8(Buffer.concat([head, tail]));
  const texts = cut ? [utf8(first), utf8(last)] : [whole, whole === undefined ? undefined : ""];
  const [headText, tailText] = texts;
  if (headText !== undefined && tailText !== undefined) {
    const omitted = omittedBytes + (head.length - first.length) + (tail.length - last.length);
    return { totalBytes, sha256, encoding: "utf8", head: headText, omittedBytes: omitted, tail: tailText };
  }
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  return { totalBytes, sha256, encoding: "base64", head: base64(head), omittedBytes, tail: base64(tail) };
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // bytes of another kind
  }
}

/** Without the first bytes of a character whose other bytes are missing (RFC 3629: at most three). */
function withoutCutEnd(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return back < lengthOf(byte) ? bytes.subarray(0, -back) : bytes;
    if (byte < 0x80) return bytes;
  }
  return bytes;
}

function lengthOf(first: number): number {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

function withoutCutBeginning(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 3 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start);
}
