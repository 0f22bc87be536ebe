import { momentWords } from "../../../core/authority/locks/freeze-words.ts";
import type { QueueDocument, QueuedRun, Waits } from "../../../core/commands/authority/queue.ts";
import type { ScheduledDocument } from "../../../core/commands/authority/schedule.ts";
import type { UnscheduledDocument } from "../../../core/commands/authority/unschedule.ts";
import { listed } from "../../../core/words/count.ts";
import { agoWords, durationWords } from "../../../core/words/time.ts";
import type { Screen } from "../../screen.ts";
import { wrapText } from "../../screen.ts";

/** Runs that wait, each with its reasons. */
export function queueView({ running, waiting, at }: QueueDocument, screen: Screen): readonly string[] {
  const head =
    running === null ? ["No run goes on."] : [`${runWords(running, screen)} goes on since ${agoWords(at - (running.startedAt ?? at))}`];
  const held = running === null ? [] : running.held.flatMap((each) => waitLines(each, at, screen));
  if (waiting.length === 0) return [...head, ...held, "Nothing waits."];
  return [
    ...head,
    ...held,
    ...waiting.flatMap((run) => [
      "",
      `${run.place}. ${runWords(run, screen)}, asked for ${agoWords(at - run.requestedAt)}`,
      ...(run.waits.length === 0 ? ["   its turn is now"] : run.waits.flatMap((each) => waitLines(each, at, screen))),
    ]),
    "",
    `Next: ${screen.bold(`halligan cancel ${waiting.at(-1)?.run}`)} takes ${waiting.length === 1 ? "it" : "the last one"} out.`,
  ];
}

/** A run that starts later. */
export function scheduledView(
  { run, plan, notBefore, freezes, engine, shownIn, at }: ScheduledDocument,
  screen: Screen,
): readonly string[] {
  const frozen = freezes.map(({ message }) => screen.yellow(`It will wait longer: ${message}`));
  return [
    `${screen.bold(run)} (plan ${plan}) starts ${momentWords(notBefore, shownIn)}, in ${durationWords(notBefore - at)}.`,
    ...frozen,
    `The engine on ${engine.host} (process ${engine.pid}) waits for it. ${screen.bold(`halligan unschedule ${run}`)} takes it back.`,
  ];
}

/** A scheduled run that was taken back. */
export function unscheduledView({ run, plan }: UnscheduledDocument): readonly string[] {
  return [`${run} will not start. Plan ${plan} stays.`];
}

function runWords({ run, plan, by, owner, deployments, breakglass }: QueuedRun, screen: Screen): string {
  const who = owner === by ? by : `${by}, now ${owner}'s`;
  const loud = breakglass === null ? "" : ` ${screen.red(`BREAK-GLASS: ${breakglass}`)}`;
  return `${screen.bold(run)} plan ${plan} (${listed(deployments)}) by ${who}${loud}`;
}

function waitLines({ code, message, until }: Waits, at: number, screen: Screen): readonly string[] {
  const end = until === null || until <= at ? "" : ` Ends in ${durationWords(until - at)}.`;
  return wrapText(`${code} ${message}${end}`, Math.max(20, Math.min(screen.width, 120) - 3)).map((line) => `   ${line}`);
}
