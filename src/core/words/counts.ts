import type { JournalEvent } from "../journal/events.ts";

/** How a run's node-roles ended, bad news first: `1 failed, 2 not started, 9 active (4 changed), 3 unchanged`. */
export function countsWords({
  active,
  changed,
  skipped,
  retired,
  failed,
  blocked,
  unknown,
}: Extract<JournalEvent, { type: "run.ended" }>["nodeRoles"]): string {
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(unknown > 0 ? [`${unknown} with unknown outcome`] : []),
    ...(blocked > 0 ? [`${blocked} not started`] : []),
    ...(active > 0 ? [`${active} active${changed > 0 && changed <= active ? ` (${changed} changed)` : ""}`] : []),
    ...(retired > 0 ? [`${retired} removed`] : []),
    ...(skipped > 0 ? [`${skipped} unchanged`] : []),
  ];
  return parts.join(", ");
}
