import type { CodeEntry } from "./entry.ts";

/** Problems of workers. */
export const workerCodes = {
  WORKER_STORE: {
    exit: 2,
    means: "A worker needs a store that other machines share.",
    cause: "`halligan worker` was started on an embedded store, which only processes of one machine can use.",
    action: "Give the address of the store on Redis: `halligan worker --state redis://HOST?site=NAME` (docs/workers.md).",
  },
  WORKER_NAME_TAKEN: {
    exit: 4,
    means: "Another worker has this name.",
    cause: "Two were started under one name, or this one was frozen for so long that another took its place.",
    action: "Start it under another `--name`. One that was killed gives its name free after six seconds.",
  },
  WORKER_MISSING: {
    exit: 4,
    means: "Nodes of a site that only workers may touch have none.",
    cause: "`workers.only` of the cluster file names the site, and no worker of the engine's version is there for it, or it takes no jobs.",
    action: "Start one for the site: `halligan worker --site NAME --state redis://...` (docs/workers.md). The run goes on by itself then.",
  },
  WORKER_VERSION: {
    exit: 4,
    means: "A worker is of another version than the engine and gets no jobs from it.",
    cause: "Halligan was upgraded on one machine and not on the other.",
    action: "Install the same version on both and restart the worker; until then the engine does the work.",
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
