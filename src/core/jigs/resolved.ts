import type { Json } from "../ports.ts";
import type { Digest, NodeRoleId } from "../model/ids.ts";
import type { Change } from "../model/plan.ts";
import type { Script } from "./script.ts";

/** A step with every template rendered: what a jig carries out. */
export interface ResolvedStep {
  /** Unique within the node-role. */
  readonly id: string;
  readonly kind: string;
  /** One line for people, made from display values: never holds a secret. */
  readonly label: string;
  /** Arguments accepted by the kind's schema. Hold real secret values when `secret` is true: never print, store or log them then. */
  readonly args: Readonly<Record<string, Json>>;
  /** Binary contents by argument name (`source`), from the barclamp's files. */
  readonly blobs: Readonly<Record<string, Blob>>;
  /** Arguments depend on a secret: no diff, no content frames, output is redacted. */
  readonly secret: boolean;
  /** Arguments depend on a value that only the run will know: not checked while planning. */
  readonly unknown: boolean;
  /** Ids of steps of this node-role to run once, at the end, when this one changed something. */
  readonly notify: readonly string[];
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  /** How long a verification is asked again before it counts as failed. */
  readonly withinMs?: number;
}

/** Bytes addressed by content. */
export interface Blob {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** A condition that must hold before a node-role changes anything, and what its barclamp says when it does not. */
export interface ResolvedCheck {
  readonly code: string;
  readonly step: ResolvedStep;
  readonly message?: string;
  readonly hint?: string;
  readonly curedBy: readonly string[];
}

/** A node-role ready to be compiled. */
export interface ResolvedNodeRole {
  readonly id: NodeRoleId;
  readonly steps: readonly ResolvedStep[];
  readonly verify: readonly ResolvedStep[];
  readonly around: {
    readonly before: readonly ResolvedStep[];
    readonly after: readonly ResolvedStep[];
    readonly onFailure: readonly ResolvedStep[];
  };
  /** Outputs taken from the standard output of a named step, trailing newline removed. */
  readonly outputs: readonly { readonly name: string; readonly step: string }[];
}

/** A proof ready to be compiled. */
export interface ResolvedProof {
  readonly steps: readonly ResolvedStep[];
  readonly cleanup: readonly ResolvedStep[];
  /** How long all steps together may take. */
  readonly withinMs: number;
  /** What commands see as `$PROOF`: a name for what they make that nothing else has. Letters, digits and hyphens. */
  readonly token: string;
}

/** What was approved for a step; the script stops with `stale` before applying anything when it sees something else. */
export interface Expectation {
  readonly change: Change;
  readonly observed?: string;
}

/** Which part of a node-role a frame speaks of. */
export type Section = "steps" | "verify" | "before" | "after" | "on-failure" | "undo" | "checks" | "prove" | "cleanup";

/** A step by the number that frames have for it. */
export interface CompiledStep {
  readonly index: number;
  readonly section: Section;
  readonly id: string;
}

/** One script for one node-role. */
export interface CompiledScript {
  /** A POSIX sh script. Its data stand in a variable before it, or follow after its `exit`, found by byte offset. */
  readonly script: Script;
  readonly steps: readonly CompiledStep[];
  /** Frame index of `value` -> output name. */
  readonly outputs: readonly string[];
  /** Large contents, which must lie in the node's cache before a changing step runs. */
  readonly artefacts: readonly { readonly stepId: string; readonly blob: Blob }[];
}

/** One script that looks at several node-roles of a node. */
export interface CompiledLooks {
  readonly script: Script;
  /** In the order in which they were given. */
  readonly parts: readonly Pick<CompiledScript, "steps">[];
}

/** What to look at: a node-role, and conditions. */
export type LookInput = Pick<CompileInput, "nodeRole" | "checks">;

/** What to compile. */
export interface CompileInput {
  readonly mode: "check" | "apply" | "remove" | "prove";
  readonly nodeRole: ResolvedNodeRole;
  /** Only for `prove`, which carries out nothing else. */
  readonly proof?: ResolvedProof;
  /**
   * Read-only conditions. Mode `check`: `observed` says `none` when one holds, else `change` and why not; late-bound ones are left out. Mode
   * `apply`: judged again right before the first change, which is not made when one does not hold.
   */
  readonly checks?: readonly ResolvedStep[];
  /** With `checks`: steps whose services say what they know when one does not hold. */
  readonly served?: readonly ResolvedStep[];
  /** By step id; only for `apply`. Steps without an entry may do anything (late-bound). */
  readonly expected?: Readonly<Record<string, Expectation>>;
  /** `exact`: the observed text must be the approved one. `bounded`: an earlier node-role of this run changed this node; only an escalation is stale. */
  readonly staleness?: "exact" | "bounded";
  /** Only for `apply`: what is notified is not restarted; the notification stays on the node. */
  readonly restartsLater?: boolean;
  /** What the engine's clock says, in milliseconds since 1970: what `clock` checks compare the node's with. */
  readonly now?: number;
}

/** The frames that a script prints, decoded (docs/protocol.md, "Frames"). */
export type Frame =
  | {
      readonly type: "hello";
      readonly pid: number;
      readonly startTicks: number;
      readonly bootId: string;
      readonly pgrp: number;
      readonly session: number;
    }
  | {
      readonly type: "phase";
      readonly phase: "check" | "apply" | "verify" | "notify" | "undo" | "on-failure" | "before" | "after" | "prove" | "cleanup";
    }
  | { readonly type: "begin"; readonly index: number }
  | { readonly type: "observed"; readonly index: number; readonly change: Change; readonly observed: string }
  | { readonly type: "old" | "new" | "diff"; readonly index: number; readonly content: Uint8Array }
  /** What comes after `old`: that, with this line in place of the one of this number, or behind all others with 0. */
  | { readonly type: "line"; readonly index: number; readonly number: number; readonly content: Uint8Array }
  | { readonly type: "out"; readonly index: number; readonly content: Uint8Array }
  | { readonly type: "capped"; readonly index: number; readonly limitBytes: number }
  | {
      readonly type: "end";
      readonly index: number;
      readonly status: "ok" | "changed" | "failed" | "skipped" | "timeout" | "cancelled";
      readonly exitCode: number;
      readonly durationMs: number;
      /** What went wrong, as the step says it. */
      readonly message: string;
    }
  /** The node is about to reboot, as this step asked; the script is to be resumed when it is back, within this time. */
  | { readonly type: "reboot"; readonly index: number; readonly limitSeconds: number }
  /** The step waits so long for the engine to say, over a new connection, that the node can still be reached. */
  | { readonly type: "reconnect"; readonly index: number; readonly limitSeconds: number }
  | { readonly type: "value"; readonly index: number; readonly content: Uint8Array }
  | { readonly type: "done"; readonly status: "ok" | "changed" | "failed" | "stale" | "cancelled"; readonly message: string };
