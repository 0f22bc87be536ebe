import { momentWords } from "../../../core/authority/locks/freeze-words.ts";
import type { FreezeDocument } from "../../../core/commands/authority/freeze.ts";
import type { FreezeRow, FreezesDocument } from "../../../core/commands/authority/freezes.ts";
import { listed } from "../../../core/words/count.ts";
import { durationWords } from "../../../core/words/time.ts";
import { type Screen, table } from "../../screen.ts";

/** Freezes in force and ahead. */
export function freezesView({ freezes, lifted, shownIn, at }: FreezesDocument, screen: Screen): readonly string[] {
  const out = lifted.map(({ freeze, until }) => `${freeze} is left out until ${momentWords(until, shownIn)}.`);
  if (freezes.length === 0) return ["Nothing is frozen, now or ahead.", ...out];
  const rows = table<FreezeRow>(
    screen,
    [
      { title: "FREEZE", cell: (each) => each.freeze },
      { title: "WHAT", cell: (each) => (each.deployments.length === 0 ? "the cluster" : listed(each.deployments)) },
      {
        title: "STATE",
        cell: (each) => (each.from <= at ? `ends in ${durationWords(each.until - at)}` : `in ${durationWords(each.from - at)}`),
        paint: (each) => (each.from <= at ? screen.yellow : screen.dim),
      },
      { title: "FROM", cell: (each) => shortMoment(each.from, shownIn) },
      { title: "UNTIL", cell: (each) => shortMoment(each.until, shownIn) },
      { title: "BY", cell: (each) => each.by ?? "cluster file" },
      { title: "REASON", cell: (each) => each.reason, flexible: true },
    ],
    freezes,
  );
  return [...rows, "", screen.dim(`Times in ${shownIn}.`), ...out];
}

/** A freeze that was set or lifted. */
export function freezeView({ kind, freeze, shownIn, at }: FreezeDocument, screen: Screen): readonly string[] {
  const what = freeze.deployments.length === 0 ? "the cluster" : listed(freeze.deployments);
  if (kind === "unfrozen") {
    const begun = freeze.from <= at;
    const once = freeze.by === null ? ` once, until ${momentWords(freeze.until, shownIn)}` : "";
    return [
      `${freeze.freeze} is lifted${once}: ${begun ? "runs that waited for it go on" : `it would have begun ${momentWords(freeze.from, shownIn)}`}.`,
    ];
  }
  const begins = freeze.from <= at ? "Nothing starts" : `From ${momentWords(freeze.from, shownIn)} nothing starts`;
  return [
    `${begins} in ${what} until ${momentWords(freeze.until, shownIn)} (${freeze.freeze}). What runs comes to its end.`,
    `Next: ${screen.bold(`halligan unfreeze ${freeze.freeze}`)} lifts it.`,
  ];
}

/** Without the zone, which is said once. */
function shortMoment(at: number, zone: string): string {
  return momentWords(at, zone).split(" ").slice(0, 2).join(" ");
}
