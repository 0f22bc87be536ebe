import type { Clock, EpochMs } from "../../core/ports.ts";
import type { Message } from "../text/message.ts";
import { type Budget, createBudget, updateBudget } from "./budget.ts";
import type { Posted } from "./sender.ts";
import type { SlackFault } from "./slack-fault.ts";

/** What happens with an attempt to change a message. */
export type Attempt = { readonly done: true } | { readonly done: false; readonly fault: SlackFault };

/** What the updater works with. */
export interface UpdaterPorts {
  readonly clock: Clock;
  /** Changes a message; never retries by itself. */
  change(at: Posted, message: Message): Promise<Attempt>;
  /** Puts a new message in place of one that cannot be changed any more. @throws when that is impossible. */
  replace(slot: string, at: Posted, message: Message): Promise<Posted>;
  log(line: string): void;
}

/** Makes a message when its turn comes. `beat`: nothing was shown for a while, so the moment is told. */
export type Render = (beat: EpochMs | undefined) => Message;

/** One message that is kept up to date. */
export interface Shown {
  readonly at: Posted;
  readonly render: Render;
  /** A state changed: may use what is held back for that. */
  readonly urgent?: boolean;
  /** The last that is to be seen of it: tried until it succeeds, then forgotten. */
  readonly final?: boolean;
  /** Says now and then that it is still going on, when nothing changes. */
  readonly beats?: boolean;
  /** Told where the message is now, when it had to be posted anew. */
  readonly moved?: (to: Posted) => Promise<void>;
}

/** Keeps messages up to date within the budget of the workspace: the latest state wins, events never queue. */
export interface LiveUpdater {
  /** Sets what a message is to show. Returns at once. */
  show(slot: string, shown: Shown): void;
  /** Takes a message out, whatever it still had to show. */
  forget(slot: string): void;
  /** Resolves when everything that was shown is there. */
  idle(): Promise<void>;
  /** The budget, for changes that others make at once. */
  readonly budget: Budget;
  /** Ends when the signal of its making aborts. */
  readonly ended: Promise<void>;
}

interface Slot {
  shown: Shown;
  dirty: boolean;
  /** Since when the present content waits. */
  since: EpochMs;
  sentAt: EpochMs;
  /** What was shown last, without what only tells that time has passed. */
  sent: string;
  /** Not before that, after a fault. */
  notBefore: EpochMs;
  faults: number;
  busy: boolean;
}

/** Between two changes of one message; longer while many are open. */
const intervalMs = 1_000;
const crowdedIntervalMs = 3_000;
const crowd = 5;
const heartbeatMs = 60_000;
const longestWaitMs = 30_000;
/** What people wait for is there soon after Slack is back. */
const longestUrgentWaitMs = 4_000;
/** A message that is gone, and for which no new one can be posted, is given up after so many attempts. */
const mostFaults = 20;

/** Starts an updater; it lives until the signal aborts. */
export function startUpdater(ports: UpdaterPorts, signal: AbortSignal): LiveUpdater {
  const { clock } = ports;
  const slots = new Map<string, Slot>();
  const budget = createBudget(updateBudget, clock.now());
  let wake = new AbortController();
  let idle: (() => void)[] = [];
  const isIdle = (): boolean => [...slots.values()].every((slot) => !slot.dirty && !slot.busy);
  const settle = (): void => {
    if (!isIdle()) return;
    for (const resolve of idle) resolve();
    idle = [];
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const now = clock.now();
      beat(slots, now);
      const [name, slot] = nextSlot(slots, now) ?? [];
      if (name !== undefined && slot !== undefined && budget.nextAt(now, isUrgent(slot)) <= now) {
        try {
          const fresh = news(slot, now);
          if (fresh === undefined) done(slots, name, slot, slot.shown);
          else if (budget.take(now, isUrgent(slot))) await send(ports, budget, slots, name, slot, fresh);
        } catch (error) {
          // One message that cannot be made must not stop the others.
          slot.dirty = true;
          slot.notBefore = now + longestWaitMs;
          ports.log(`slack: the message of ${name} cannot be made: ${error instanceof Error ? error.message : String(error)}`);
        }
        settle();
        continue;
      }
      settle();
      wake = new AbortController();
      await clock.sleep(Math.max(1, wakeAt(slots, budget, now) - now), AbortSignal.any([signal, wake.signal])).catch(() => undefined);
    }
    for (const resolve of idle) resolve();
  };
  return {
    show(name, shown) {
      const now = clock.now();
      const before = slots.get(name);
      if (before === undefined)
        slots.set(name, { shown, dirty: true, since: now, sentAt: -Infinity, sent: "", notBefore: 0, faults: 0, busy: false });
      else {
        // What was urgent stays so until it has been shown.
        const urgent = shown.urgent === true || (before.dirty && before.shown.urgent === true);
        before.shown = { ...shown, urgent };
        if (!before.dirty) before.since = now;
        before.dirty = true;
      }
      wake.abort();
    },
    forget(name) {
      slots.delete(name);
      settle();
    },
    async idle() {
      if (!isIdle() && !signal.aborted) await new Promise<void>((resolve) => idle.push(resolve));
    },
    budget,
    ended: run(),
  };
}

function isUrgent({ shown }: Slot): boolean {
  return shown.urgent === true || shown.final === true;
}

/** Messages that stand still do not count. */
function intervalOf(slots: ReadonlyMap<string, Slot>): number {
  return [...slots.values()].filter(({ dirty }) => dirty).length > crowd ? crowdedIntervalMs : intervalMs;
}

/** When a slot may be sent, as far as it alone decides. */
function readyAt(slot: Slot, interval: number): EpochMs {
  return Math.max(slot.notBefore, slot.sentAt + interval);
}

/** The slot whose turn it is: what is urgent first, then what waits longest. */
function nextSlot(slots: ReadonlyMap<string, Slot>, now: EpochMs): readonly [string, Slot] | undefined {
  const interval = intervalOf(slots);
  const ready = [...slots].filter(([, slot]) => slot.dirty && !slot.busy && readyAt(slot, interval) <= now);
  return ready.toSorted(([, a], [, b]) => Number(isUrgent(b)) - Number(isUrgent(a)) || a.since - b.since)[0];
}

/** Marks what has not been heard of for a while. */
function beat(slots: ReadonlyMap<string, Slot>, now: EpochMs): void {
  for (const slot of slots.values()) {
    if (slot.dirty || slot.shown.beats !== true || slot.shown.final === true || now < slot.sentAt + heartbeatMs) continue;
    slot.dirty = true;
    slot.since = now;
  }
}

function wakeAt(slots: ReadonlyMap<string, Slot>, budget: Budget, now: EpochMs): EpochMs {
  const interval = intervalOf(slots);
  let at = now + heartbeatMs;
  for (const slot of slots.values()) {
    if (slot.dirty) at = Math.min(at, Math.max(readyAt(slot, interval), budget.nextAt(now, isUrgent(slot))));
    else if (slot.shown.beats === true && slot.shown.final !== true) at = Math.min(at, slot.sentAt + heartbeatMs);
  }
  return at;
}

/** A message, and the same without what only tells that time has passed. */
interface Fresh {
  readonly message: Message;
  readonly plain: string;
}

/** What there is to show; `undefined` = what stands there already. Takes the mark away that there is something. */
function news(slot: Slot, now: EpochMs): Fresh | undefined {
  const { shown, sent } = slot;
  const beating = sent !== "" && now >= slot.sentAt + heartbeatMs && shown.beats === true && shown.final !== true;
  slot.dirty = false;
  const message = shown.render(undefined);
  const plain = JSON.stringify(message);
  if (plain !== sent) return { message, plain };
  return beating ? { message: shown.render(now), plain } : undefined;
}

async function send(ports: UpdaterPorts, budget: Budget, slots: Map<string, Slot>, name: string, slot: Slot, fresh: Fresh): Promise<void> {
  const { shown } = slot;
  slot.busy = true;
  try {
    const attempt = await ports.change(shown.at, fresh.message);
    if (!attempt.done) return await failed(ports, budget, name, slot, fresh, attempt.fault);
    slot.sentAt = ports.clock.now();
    slot.sent = fresh.plain;
    slot.faults = 0;
    done(slots, name, slot, shown);
  } finally {
    slot.busy = false;
  }
}

/** A final state that is shown needs no slot any more, unless something newer came meanwhile. */
function done(slots: Map<string, Slot>, name: string, slot: Slot, shown: Shown): void {
  if (shown.final === true && !slot.dirty && slots.get(name) === slot) slots.delete(name);
}

async function failed(
  ports: UpdaterPorts,
  budget: Budget,
  name: string,
  slot: Slot,
  { message, plain }: Fresh,
  fault: SlackFault,
): Promise<void> {
  const { shown } = slot;
  const now = ports.clock.now();
  slot.dirty = true;
  slot.faults += 1;
  const again = Math.min(isUrgent(slot) ? longestUrgentWaitMs : longestWaitMs, 1000 * 2 ** (slot.faults - 1));
  switch (fault.kind) {
    case "limited":
      budget.block(now + fault.retryAfterMs);
      return;
    case "unknown":
      slot.notBefore = now + again;
      return;
    case "refused":
      ports.log(`slack: the message of ${name} cannot be changed: ${fault.code}`);
      // A message that Slack does not take today may be taken with other content.
      slot.notBefore = now + longestWaitMs;
      return;
    case "gone":
      try {
        const to = await ports.replace(name, shown.at, message);
        slot.shown = { ...slot.shown, at: to };
        slot.sent = plain;
        slot.sentAt = now;
        await shown.moved?.(to);
      } catch (error) {
        slot.notBefore = now + longestWaitMs;
        slot.dirty = slot.faults < mostFaults;
        ports.log(`slack: the message of ${name} is gone, and no new one can be posted: ${error instanceof Error ? error.message : ""}`);
      }
      return;
    default:
      return fault satisfies never;
  }
}
