import type { Asked } from "./receiver.ts";

/** What goes wrong with simulated nodes; `nodes` are numbers from 0. */
export type Fault =
  /** Nothing listens there. */
  | { readonly kind: "down"; readonly nodes: readonly number[] }
  /** The first connections are reset before the server has said anything. */
  | { readonly kind: "refused"; readonly nodes: readonly number[]; readonly times: number }
  /** The connection is reset in the middle of what the first jobs say, or before that when they say less. */
  | { readonly kind: "reset"; readonly nodes: readonly number[]; readonly times: number; readonly afterBytes: number }
  /** Every answer takes so much longer. */
  | { readonly kind: "slow"; readonly nodes: readonly number[]; readonly ms: number };

/** What a simulator is started with. */
export interface SimOptions {
  readonly nodes: number;
  /** Time between a command and its answer, in ms: the round trip and the start of a shell. */
  readonly latencyMs: number;
  /** Time between the frames of a job, in ms. */
  readonly pauseMs: number;
  readonly faults: readonly Fault[];
}

/** A simulated node, as a cluster file needs it. */
export interface SimNode {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** What all nodes together have seen since the start. */
export interface SimCounts {
  readonly connections: number;
  readonly logins: number;
  readonly channels: number;
  /** Commands by what they asked. */
  readonly asked: Readonly<Record<Asked, number>>;
  /** Jobs that a node has begun, and how many of those it had begun before: none, whatever goes wrong. */
  readonly begun: number;
  readonly begunAgain: number;
  /** Bytes of commands and their input, and of answers: what is inside of SSH. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Texts that no simulated node understands, the first of them. */
  readonly unknown?: string;
  /** Computing time of the simulator, in ms. */
  readonly cpuMs: number;
}

/** What the simulator's process is told. */
export type ToSimulator =
  | { readonly type: "start"; readonly options: SimOptions; readonly hostKey: string; readonly loginKey: string }
  | { readonly type: "faults"; readonly faults: readonly Fault[] }
  | { readonly type: "counts" };

/** What it tells. */
export type FromSimulator =
  | { readonly type: "up"; readonly nodes: readonly SimNode[] }
  | { readonly type: "counts"; readonly counts: SimCounts }
  | { readonly type: "failed"; readonly message: string };
