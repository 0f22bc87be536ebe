import type { Problem } from "../../errors.ts";
import type { Clock } from "../../ports.ts";
import type { NamedSecret } from "../redactor.ts";
import type { NodeLink } from "../remote/node-link.ts";
import { type Login, type Way, type Whom, becomeFor } from "./become-for.ts";
import { keepOutput } from "./output.ts";
import { type NodeResult, type Outcome, runOnNode, unreachable } from "./run-on-node.ts";

/** A command for several nodes. */
export interface ExecuteOptions {
  readonly nodes: readonly string[];
  /** A line of shell, or several. */
  readonly command: string;
  readonly whom: Whom;
  /** What the command reads; absent = nothing. */
  readonly stdin?: Uint8Array;
  /** From the moment on at which the node is connected. */
  readonly timeoutMs: number;
  /** Nodes at once. */
  readonly parallel: number;
  readonly onEnd: (node: string, done: number) => void;
  readonly signal: AbortSignal;
}

/** What a command did on a node. */
export interface Executed extends NodeResult {
  readonly node: string;
  /** From connecting to the end. */
  readonly durationMs: number;
}

/** What executing needs. */
export interface ExecuteDeps {
  /** A link to a node, with how the cluster file says to become root there, and the login user's name. */
  link(node: string, signal: AbortSignal): Promise<NodeLink & { readonly user: string }>;
  readonly secrets: readonly NamedSecret[];
  readonly clock: Clock;
}

/** Kept at most from the beginning, and from the end, of each output of each node. */
const keptBytes = 64 * 1024;
/** Kept at most of all outputs together. */
const keptInAll = 64 * 1024 * 1024;

/** Runs a command on nodes, some at once; every node has a result, in the order given. */
export async function execute(deps: ExecuteDeps, options: ExecuteOptions): Promise<readonly Executed[]> {
  const results = new Map<string, Executed>();
  const waiting = [...options.nodes];
  const worker = async (): Promise<void> => {
    for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
      const from = deps.clock.now();
      const result = options.signal.aborted ? without({ kind: "not-started" }) : await onNode(deps, options, node);
      results.set(node, { node, ...result, durationMs: Math.max(0, deps.clock.now() - from) });
      options.onEnd(node, results.size);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.parallel, waiting.length) }, worker));
  return options.nodes.flatMap((node) => results.get(node) ?? []);
}

async function onNode(deps: ExecuteDeps, options: ExecuteOptions, node: string): Promise<NodeResult> {
  let login: NodeLink & { readonly user: string };
  try {
    login = await deps.link(node, options.signal);
  } catch (error) {
    return without(options.signal.aborted ? { kind: "not-started" } : unreachable(error));
  }
  const way = becomeFor({ node, user: login.user, become: login.become } satisfies Login, options.whom);
  if (isProblem(way)) return without({ kind: "unreachable", problem: way });
  return await runOnNode(
    { node, connection: login.connection, become: way.become },
    {
      command: options.command,
      su: way.su,
      stdin: options.stdin,
      timeoutMs: options.timeoutMs,
      // head and tail of two outputs
      keepBytes: Math.min(keptBytes, Math.floor(keptInAll / (4 * options.nodes.length))),
      secrets: deps.secrets,
      clock: deps.clock,
      signal: options.signal,
    },
  );
}

function isProblem(way: Way | Problem): way is Problem {
  return "code" in way;
}

function without(outcome: Outcome): NodeResult {
  return { outcome, stdout: keepOutput(0).finish(), stderr: keepOutput(0).finish() };
}
