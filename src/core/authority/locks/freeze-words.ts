import { zonedTime } from "../../model/civil-time.ts";
import type { EpochMs } from "../../ports.ts";
import { utcWords } from "../../words/time.ts";
import type { Freeze } from "./freeze-state.ts";
import { coveredWords, sentence } from "./lock-words.ts";

/** A moment as clocks in a zone show it: `2026-11-27 16:00 Europe/Berlin`; without a zone in UTC. */
export function momentWords(at: EpochMs, zone: string | undefined): string {
  if (zone === undefined || zone === "UTC") return utcWords(at);
  const { year, month, day, hour, minute } = zonedTime(at, zone);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)} ${zone}`;
}

/** A freeze in a sentence, without its full stop; always the same for the same freeze. */
export function freezeWords({ freeze, deployments, until, reason, by, zone }: Freeze): string {
  const who = by === undefined ? "" : ` by ${by}`;
  return sentence(
    `${coveredWords(deployments)} ${deployments.length > 1 ? "are" : "is"} frozen until ${momentWords(until, zone)} (${freeze}${who}): ${reason}`,
  );
}
