import type { CodeEntry } from "./entry.ts";

/** Problems of the store, the journal, the logs and the sealed secrets. */
export const storeCodes = {
  VERSION_CONFLICT: {
    exit: 4,
    means: "Somebody else wrote first.",
    cause: "Two commands changed the same thing at the same time.",
    action: "Look at the new state and run the command again.",
  },
  FENCED: {
    exit: 4,
    means: "This process lost its lease and may not write any more.",
    cause: "It was stopped or cut off for longer than the lease lasts, and another engine took over.",
    action: "Nothing to do: the other engine goes on. `halligan status` shows it.",
  },
  STORE_SCHEME: {
    exit: 2,
    means: "The store's address names a kind of store that this version cannot open.",
    cause: "A spelling mistake in `--state`, or a kind of store of a later version.",
    action: "Give a file path, `sqlite:PATH`, or an address such as `redis://HOST:PORT?site=NAME`.",
  },
  STORE_ADDRESS: {
    exit: 2,
    means: "The address of the shared store cannot be used as it is written.",
    cause:
      "A spelling mistake in `--state`, a setting that there is not, a password in the address, or a file it names that cannot be read.",
    action: "Write it as docs/store.md shows: `redis://HOST:PORT?site=NAME&passwordFile=FILE`.",
  },
  STORE_NOT_EMPTY: {
    exit: 4,
    means: "A store was to be filled that has something in it.",
    cause: "It is the store of a cluster that is in use, or a copy that was made before.",
    action: "Choose another place: another file, or another `site` on the same Redis server.",
  },
  STORE_MOVED: {
    exit: 4,
    means: "The cluster's state was moved to another store.",
    cause: "Somebody ran `halligan state copy FROM TO`; from then on this store is no longer the cluster's.",
    action: "Give the new address with `--state`.",
  },
  STORE_IN_USE: {
    exit: 4,
    means: "The store cannot be copied while an engine, a worker or a bot works with it.",
    cause:
      "A run goes on, an engine waits for the next one, or a worker or `halligan serve` has the store open; one that was killed counts for some seconds more.",
    action: "Wait until the run has ended (`halligan watch`), end `halligan serve` and all workers, and run the command again.",
  },
  STORE_COPY: {
    exit: 1,
    means: "A copy of a store is not what it was made from.",
    cause: "Somebody wrote to one of them meanwhile, or the file was changed or cut.",
    action: "End what uses the store (`halligan status` names the engine), and copy again to an empty place.",
  },
  STORE_UNSUITABLE: {
    exit: 2,
    means: "The store cannot be kept in this place.",
    cause:
      "The folder is on a network file system, where several processes cannot share the store safely, or the file belongs to another program.",
    action: "Choose a path on a local disk with `--state`.",
  },
  STORE_NEWER: {
    exit: 2,
    means: "The store was written by a newer version of Halligan.",
    cause: "Another person or machine has upgraded, and this one has not.",
    action: "Upgrade Halligan on this machine.",
  },
  STORE_FULL: {
    exit: 1,
    means: "There is no room left to write; nothing of the refused change was kept.",
    cause: "The disk is full, or a quota is used up.",
    action: "Free some space on the disk that holds the store and run the command again: it goes on where it was.",
  },
  STORE_UNAVAILABLE: {
    exit: 1,
    means: "The store cannot be read or written.",
    cause: "Missing permissions, a read-only disk, a failing disk, or another process that holds the store for very long.",
    action: "Check that this user may write to the store's folder and that the disk is healthy.",
  },
  STORE_CORRUPT: {
    exit: 1,
    means: "The store's file is damaged.",
    cause: "A failing disk, or something else wrote to the file.",
    action:
      "Stop every Halligan process and copy the file with its `-wal` neighbour to a safe place; `sqlite3 FILE .recover | sqlite3 NEW` saves what is readable, and NEW then takes the file's place.",
  },
  IDENTITY_UNUSABLE: {
    exit: 2,
    means: "The key file that opens the sealed secrets cannot be used.",
    cause: "It is not readable by this user, readable by others, or not an age key.",
    action: "Restore the key file, owned by this user and with mode 0600.",
  },
  SECRET_UNREADABLE: {
    exit: 2,
    means: "A sealed secret cannot be opened.",
    cause: "It was sealed for another key than the one on this machine, or its record was changed.",
    action: "Restore the key file that sealed it, or set the secret again.",
  },
} as const satisfies Record<string, CodeEntry>;
