import { HalliganError, type Problem, problem } from "../../core/errors.ts";
import type { Claims } from "./claims.ts";
import type { Handlers, Inbound } from "./inbound.ts";
import type { Screening } from "./screening.ts";

/** Between the transport and the handlers. */
export interface Pipeline {
  /** Takes something in that was acknowledged. Never rejects; ends when it is dealt with. */
  take(inbound: Inbound, shared?: boolean): Promise<void>;
  /** Returns when everything that was taken is dealt with. */
  drained(): Promise<void>;
}

/** What the pipeline is made of. */
export interface PipelineOptions {
  readonly claims: Claims;
  readonly screening: Screening;
  readonly handlers: Handlers;
  /** Tells whoever did it, and nobody else, what was wrong. */
  tell(inbound: Inbound, problems: readonly [Problem, ...Problem[]]): Promise<void>;
  log(line: string): void;
}

/** Claims, screens, hands over; what goes wrong is told to whoever asked, by code, message and hint. */
export function createPipeline({ claims, screening, handlers, tell, log }: PipelineOptions): Pipeline {
  const going = new Set<Promise<void>>();

  async function work(inbound: Inbound, shared: boolean): Promise<void> {
    try {
      if (!(await claims.claim(inbound.key))) return log(`slack: ${inbound.kind} of ${inbound.caller.user} came twice and was done once`);
      const screened = await screening.judge(inbound, shared);
      if (screened.kind === "silence") return;
      if (screened.kind === "refused") {
        log(`slack: ${inbound.kind} of ${inbound.caller.team}/${inbound.caller.user} was refused: ${screened.problem.code}`);
        return await tell(inbound, [screened.problem]);
      }
      await handle(handlers, inbound);
    } catch (error) {
      await tell(inbound, problemsOf(error, log)).catch((fault: unknown) => log(`slack: a problem could not be told: ${lineOf(fault)}`));
    }
  }

  return {
    async take(inbound, shared = false) {
      const task = work(inbound, shared).catch((error: unknown) => log(`slack: ${inbound.kind} was not dealt with: ${lineOf(error)}`));
      going.add(task);
      await task.finally(() => going.delete(task));
    },
    async drained() {
      while (going.size > 0) await Promise.all(going);
    },
  };
}

async function handle(handlers: Handlers, inbound: Inbound): Promise<void> {
  switch (inbound.kind) {
    case "command":
    case "mention":
    case "dm":
      return await handlers.typed(inbound);
    case "action":
      return await handlers.action(inbound);
    case "viewSubmission":
      return await handlers.viewSubmission(inbound);
    case "shortcut":
      return await handlers.shortcut(inbound);
    case "homeOpened":
      return await handlers.homeOpened(inbound);
    default:
      return inbound satisfies never;
  }
}

/** What is no problem of ours is a defect: its details are for the log, not for the channel. */
function problemsOf(error: unknown, log: (line: string) => void): readonly [Problem, ...Problem[]] {
  if (error instanceof HalliganError) return error.problems;
  log(`slack: a defect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return [problem("BUG", { message: "Halligan met a state that should be impossible; the log of `halligan serve` tells where." })];
}

function lineOf(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll(/\s*\n\s*/gu, " ") : String(error);
}
