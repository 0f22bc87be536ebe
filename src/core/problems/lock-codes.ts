import type { CodeEntry } from "./entry.ts";

/** Problems of locks, freezes, the queue and break-glass. */
export const lockCodes = {
  LOCK_HELD: {
    exit: 4,
    means: "Somebody else holds a lock on the cluster or on one of the deployments.",
    cause: "The holder wants nobody else to work there at present; the reason is shown.",
    action: "Ask the holder to `halligan unlock`, or wait; `halligan locks` lists the locks. A run that waits goes on by itself.",
  },
  LOCK_NOT_FOUND: {
    exit: 2,
    means: "There is no such lock.",
    cause: "It was released, its time is over, or a lock of the whole cluster was meant (or the other way round).",
    action: "`halligan locks` lists the locks.",
  },
  LOCK_NOT_YOURS: {
    exit: 4,
    means: "A lock belongs to somebody else.",
    cause: "Only its holder may release a lock; an admin may take it away with a reason.",
    action: "Ask the holder, or let an admin run `halligan unlock DEPLOYMENT --force --reason TEXT`.",
  },
  FREEZE_ACTIVE: {
    exit: 3,
    means: "Nothing may start now: a freeze is in force.",
    cause: "An admin set a freeze, or a window of the cluster file is open.",
    action:
      "Wait: the run starts by itself when the freeze is over. `halligan freezes` lists freezes; an admin can lift one with `halligan unfreeze F-n`.",
  },
  FREEZE_NOT_FOUND: {
    exit: 2,
    means: "There is no such freeze.",
    cause: "It is over, was lifted, or its name is mistyped.",
    action: "`halligan freezes` lists the freezes.",
  },
  FREEZE_INVALID: {
    exit: 2,
    means: "A freeze window of the cluster file cannot be understood.",
    cause: "Its times are not written alike, its zone is unknown, or it names a deployment that is not there.",
    action: "Correct the window; `docs/locks.md` has examples.",
  },
  TIME_INVALID: {
    exit: 2,
    means: "A time on the command line cannot be understood, or is not possible.",
    cause: "It is not written as shown, its zone is unknown, or it has passed.",
    action:
      "Write `2026-11-27 16:00`, `16:00` (the next time that clocks show it) or `2026-11-27T16:00+01:00`; name a zone with `--zone Europe/Berlin`.",
  },
  RUN_QUEUED: {
    exit: 4,
    means: "A run waits for another run of the same cluster.",
    cause: "Runs are carried out one after another, in the order in which they were asked for.",
    action: "Wait, or see `halligan queue`; `halligan cancel R-n` takes a run out of the queue.",
  },
  RUN_SCHEDULED: {
    exit: 4,
    means: "A run may not start before a certain time.",
    cause: "It was asked for with `schedule`.",
    action: "Wait, or take it back with `halligan unschedule R-n`.",
  },
  RUN_NOT_SCHEDULED: {
    exit: 2,
    means: "A run does not wait for a time.",
    cause: "It was not asked for with `schedule`, has started, or has ended.",
    action: "`halligan queue` lists runs that wait; `halligan cancel` ends a run.",
  },
  REASON_TOO_SHORT: {
    exit: 2,
    means: "A reason is needed that tells others something.",
    cause: "The reason is missing or has fewer than 10 characters.",
    action: "Give a reason of at least 10 characters with `--reason`, such as the number of the incident and what is wrong.",
  },
  REVIEW_NOT_FOUND: {
    exit: 2,
    means: "There is no open review of such a run.",
    cause: "The run did not use break-glass, or its review is closed.",
    action: "`halligan status` lists open reviews.",
  },
  REVIEW_NEEDS_ANOTHER: {
    exit: 3,
    means: "Whoever used break-glass cannot close the review of it.",
    cause: "A review is there for a second pair of eyes, and there is another admin.",
    action: "Ask another admin to look at it and to close the review.",
  },
  HANDOFF_IMPOSSIBLE: {
    exit: 2,
    means: "A run cannot be handed over to this person.",
    cause: "The person is not in people.yaml, may not operate the deployments of the run, or has the run already.",
    action: "Name a person who may operate all deployments of the run; `halligan whoami` tells what one may do.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
