import { hasCode } from "../errors.ts";
import type { Clock, Doc, EpochMs, Json, Store } from "../ports.ts";
import type { Alert } from "./alert.ts";
import type { AlertReceiver } from "./settings.ts";

/** Collection of what was told to whom: key `RECEIVER/ALERT`. */
const collection = "alerts";
/** Who began to send has this long; then another process tries, ms. Sending itself takes at most half of it. */
const claimMs = 60_000;
const firstPauseMs = 15_000;
const longestPauseMs = 15 * 60_000;
/** What was told is remembered for so long, ms: longer than anything is told. */
const rememberedMs = 7 * 24 * 3_600_000;

/** How one alert stands with one receiver. `until`: nobody tries before. */
type Delivery =
  | { readonly phase: "trying"; readonly tries: number; readonly until: EpochMs }
  | { readonly phase: "told"; readonly tries: number; readonly at: EpochMs };

/** Sends one alert; says how it failed, without addresses and secrets. */
export type Send = (
  receiver: AlertReceiver,
  alert: Alert,
) => Promise<{ readonly sent: true } | { readonly sent: false; readonly why: string }>;

/** What delivering needs. */
export interface DeliverDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly send: Send;
  readonly log: (line: string) => void;
}

/**
 * Tells every alert to every receiver that wants it, at least once over all processes that serve the cluster, and as a rule exactly once: a process that dies
 * between sending and noting it down makes another one send again. What could not be sent is tried again with growing pauses.
 */
export async function deliver(deps: DeliverDeps, alerts: readonly Alert[], receivers: readonly AlertReceiver[]): Promise<void> {
  await Promise.all(
    receivers.map(async (receiver) => {
      for (const alert of alerts) if (receiver.on.has(alert.alert)) await deliverOne(deps, receiver, alert);
    }),
  );
}

async function deliverOne({ store, clock, send, log }: DeliverDeps, receiver: AlertReceiver, alert: Alert): Promise<void> {
  const key = `${receiver.name}/${alert.id}`;
  const before = await read(store, key);
  const last = before?.value;
  if (last?.phase === "told" || (last?.phase === "trying" && last.until > clock.now())) return;
  const tries = (last?.tries ?? 0) + 1;
  const claim = await write(store, key, { phase: "trying", tries, until: clock.now() + claimMs }, before?.rev ?? 0);
  if (claim === undefined) return; // another process was faster
  const outcome = await send(receiver, alert);
  const now = clock.now();
  if (outcome.sent) {
    await write(store, key, { phase: "told", tries, at: now }, claim);
    return log(`alerts: ${receiver.name} was told: ${alert.id}`);
  }
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(tries - 1, 10));
  await write(store, key, { phase: "trying", tries, until: now + pause }, claim);
  log(`alerts: ${receiver.name} could not be told (try ${tries}, the next in ${Math.round(pause / 1000)} s): ${alert.id}: ${outcome.why}`);
}

/** Forgets what was told long ago, and what nobody could be told while it lasted. */
export async function forgetOld({ store, clock }: Pick<DeliverDeps, "store" | "clock">): Promise<void> {
  for (const { key, value, rev } of await store.list<Json>(collection)) {
    const delivery = value as unknown as Delivery;
    const at = delivery.phase === "told" ? delivery.at : delivery.until;
    if (clock.now() - at < rememberedMs) continue;
    await store.delete(collection, key, rev).catch((error: unknown) => {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error; // another process does the same
    });
  }
}

async function read(store: Store, key: string): Promise<Doc<Json & Delivery> | undefined> {
  return (await store.get<Json>(collection, key)) as Doc<Json & Delivery> | undefined;
}

/** The new revision; `undefined` = somebody else wrote first. */
async function write(store: Store, key: string, value: Delivery, rev: number): Promise<number | undefined> {
  try {
    return await store.put(collection, key, { ...value }, rev);
  } catch (error) {
    if (hasCode(error, "VERSION_CONFLICT")) return undefined;
    throw error;
  }
}
