import type { Job } from "../data/world.ts";
import type { Child, Sources, TuiPorts } from "../ports.ts";
import type { Intent } from "../screens/screen.ts";
import { joinWords } from "../state/command-line.ts";
import type { RunEffect } from "../state/state.ts";
import { readColoured } from "../text/ansi.ts";
import { lineText } from "../text/line.ts";

/** Commands that run in processes of their own. */
export interface Jobs {
  /** `stillHere`: the person has not gone elsewhere since; only then a page is opened when the command has ended. */
  start(effect: RunEffect, stillHere: () => boolean): void;
  stop(id: number): void;
  /** This program ends: what only looked is ended too. */
  end(): void;
}

/** Commands whose first line says what they did. */
const tellsFirst: ReadonlySet<string> = new Set([
  "apply",
  "approve",
  "reject",
  "withdraw",
  "lock",
  "unlock",
  "freeze",
  "unfreeze",
  "policy",
]);

const linesMost = 5_000;
const jobsMost = 50;

/** Starts commands and keeps their output. */
export function createJobs(
  ports: Pick<TuiPorts, "run"> & { readonly sources: Pick<Sources, "clock"> },
  changed: (jobs: ReadonlyMap<number, Job>) => void,
  say: (intents: readonly Intent[]) => void,
): Jobs {
  const jobs = new Map<number, Job>();
  const children = new Map<number, Child>();
  let last = 0;

  function put(job: Job): void {
    jobs.set(job.id, job);
    for (const [id, { end }] of jobs) if (jobs.size > jobsMost && end !== undefined) jobs.delete(id);
    changed(new Map(jobs));
  }

  return {
    start(effect, stillHere) {
      last += 1;
      const id = last;
      const { clock } = ports.sources;
      put({ id, command: joinWords(shown(effect.argv)), startedAt: clock.now(), lines: [], dropped: 0 });
      if (effect.show === "output") say([{ want: "open", screen: "output", param: `${id}` }]);
      let rest = "";
      const take = (text: string): void => {
        const job = jobs.get(id);
        if (job === undefined) return;
        const lines = `${rest}${text}`.split("\n");
        rest = lines.pop() ?? "";
        const all = [...job.lines, ...lines];
        const dropped = Math.max(0, all.length - linesMost);
        put({ ...job, lines: all.slice(dropped), dropped: job.dropped + dropped });
      };
      const child = ports.run(effect.argv, take);
      children.set(id, child);
      void child.done.then((exit) => {
        if (rest !== "") take("\n");
        children.delete(id);
        const job = jobs.get(id);
        if (job === undefined) return;
        const ended: Job = { ...job, end: { exit, at: clock.now() } };
        put(ended);
        say(afterEnd(effect, ended, exit, stillHere()));
      });
    },
    stop(id) {
      children.get(id)?.stop();
    },
    end() {
      for (const child of children.values()) child.stop();
    },
  };
}

/** The answer to the question is ours; what is shown is what a person would type. */
function shown(argv: readonly string[]): readonly string[] {
  return argv.filter((word) => word !== "--yes");
}

/** Exit code of what policy, approvals or rights do not let through. */
const exitNotAllowed = 3;

/** The request that `apply` opened, or found open. */
function askedFor(lines: readonly string[]): string | undefined {
  return lines.map((text) => /^Approval is needed.*\b(A-\d+) asks for it/u.exec(text)?.[1]).find((each) => each !== undefined);
}

function afterEnd(effect: RunEffect, job: Job, exit: number, here: boolean): readonly Intent[] {
  const lines = job.lines.map((text) => lineText(readColoured(text)).trim()).filter((text) => text !== "");
  if (effect.show === "output") return exit === 0 ? [] : [{ want: "notice", tone: "warn", text: `${job.command}: exit code ${exit}` }];
  const end = endOf(effect, job, exit, lines);
  const { opens, says, tone } = end;
  if (opens === undefined) return [{ want: "notice", tone, text: says }];
  // Nobody is taken away from what they have turned to meanwhile.
  if (!here) return [{ want: "notice", tone, text: `${says} ${end.elsewhere}` }];
  return [
    { want: "open", ...opens },
    { want: "notice", tone, text: says },
  ];
}

/** What a command came to, and the page about it; `elsewhere` tells how to get there. */
interface JobEnd {
  readonly says: string;
  readonly tone: "ok" | "warn" | "bad";
  readonly opens?: NonNullable<RunEffect["opens"]> | undefined;
  readonly elsewhere: string;
}

function endOf(effect: RunEffect, job: Job, exit: number, lines: readonly string[]): JobEnd {
  const asked = exit === exitNotAllowed && effect.argv[0] === "apply" ? askedFor(lines) : undefined;
  if (asked !== undefined)
    return {
      says: `Nothing was changed: ${asked} asks for approval first.`,
      tone: "warn",
      opens: { screen: "approval", param: asked },
      elsewhere: "`:approvals` shows it.",
    };
  if (exit !== 0)
    return {
      says: `${job.command} did not succeed: exit code ${exit}.`,
      tone: "bad",
      opens: { screen: "output", param: `${job.id}` },
      elsewhere: "`&` shows what it said.",
    };
  const { opens } = effect;
  const first = tellsFirst.has(effect.argv[0] ?? "") ? lines[0] : lines.at(-1);
  return {
    says: opens === undefined ? `${job.command}: ${first ?? "done"}` : `${job.command}: done.`,
    tone: "ok",
    opens,
    elsewhere: opens === undefined ? "" : `\`:${opens.screen}\` shows it.`,
  };
}
