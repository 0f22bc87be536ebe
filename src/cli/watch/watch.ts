import { readCursor } from "../../bot/publish/cursor.ts";
import { healthOf } from "../../core/health/judge.ts";
import { metricsOf, type ProcessStanding, type SlackStanding } from "../../core/health/metrics.ts";
import { type ClusterLook, createLooker, type Looker } from "../../core/health/standing.ts";
import { systemClock } from "../house/clock.ts";
import type { Opened } from "../bot/served.ts";
import { createTellAlerts, type TellAlerts } from "./alerts.ts";
import { openWatchDoor } from "./metrics-door.ts";
import { watchVitals } from "./vitals.ts";

/** How often the clusters are looked at, ms. */
const lookEveryMs = 10_000;
/** A look that takes longer than this is a reason to worry, ms. */
const lateMs = 60_000;

/** What watching needs. */
export interface WatchPlace {
  readonly clusters: ReadonlyMap<string, Opened>;
  /** Port of 127.0.0.1 for metrics and health; `undefined` = neither. */
  readonly port: number | undefined;
  /** How the way to Slack stands now; `undefined` = this process does not answer there. */
  readonly slack: () => SlackStanding;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
}

interface Watched {
  readonly look: Looker;
  readonly tell: TellAlerts;
  readonly opened: Opened;
  last: ClusterLook;
  slackLag: number;
}

/** Looks at what is served until the signal: tells alerts, and answers who asks for metrics and health. @throws `METRICS_PORT`. */
export async function watch(place: WatchPlace, signal: AbortSignal): Promise<{ ended: Promise<void> }> {
  const vitals = watchVitals();
  const watched = await Promise.all([...place.clusters.values()].map((opened) => firstLook(place, opened)));
  let lookedAt = systemClock.now();
  const standing = (): ProcessStanding => ({
    ...vitals.now(),
    slack: place.slack(),
    slackLag: new Map(watched.map(({ opened, slackLag }) => [opened.name, slackLag])),
  });
  const looks = (): readonly ClusterLook[] => watched.map(({ last }) => last);
  const closeDoor = await openWatchDoor(place.port, place.log, {
    metrics: () => metricsOf(looks(), standing()),
    health: () => healthOf(looks(), place.slack(), systemClock.now() - lookedAt > lateMs),
  });
  const work = async (): Promise<void> => {
    while (!signal.aborted) {
      await Promise.all(watched.map((each) => lookAgain(each, place)));
      lookedAt = systemClock.now();
      vitals.look();
      await systemClock.sleep(lookEveryMs, signal).catch(() => undefined);
    }
    vitals.end();
    await closeDoor();
  };
  return { ended: work() };
}

async function firstLook({ environment, log }: WatchPlace, opened: Opened): Promise<Watched> {
  const { house, name } = opened;
  const look = createLooker(name, house);
  const tell = createTellAlerts({ house, folder: house.folder, environment, log });
  return { look, tell, opened, last: await look(), slackLag: 0 };
}

/** Alerts take their own time: a receiver that hangs does not hold up the next look. */
async function lookAgain(each: Watched, { slack }: WatchPlace): Promise<void> {
  each.last = await each.look();
  if (!("head" in each.last)) return;
  const { head } = each.last;
  if (slack() !== undefined)
    each.slackLag = await readCursor(each.opened.house.store, each.opened.name).then(
      (told) => Math.max(0, head - (told ?? head)),
      () => 0,
    );
  void each.tell(each.last, slack());
}
