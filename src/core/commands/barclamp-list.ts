import { z } from "zod";
import type { Problem } from "../errors.ts";
import { defineCommand } from "./command.ts";
import type { FoundBarclamp } from "./local.ts";

/** Where a fetched barclamp comes from. */
export interface FetchedFrom {
  readonly source: string;
  readonly path: string | null;
  readonly ref: string | null;
  readonly commit: string | null;
  readonly digest: string;
}

/** The source of a barclamp, as documents have it. */
export function fetchedFrom(found: FoundBarclamp): FetchedFrom | null {
  if (found.origin !== "fetched") return null;
  const { source, path, ref, commit, digest } = found.locked;
  return { source, path: path ?? null, ref: ref ?? null, commit: commit ?? null, digest };
}

/** `barclamp list`. */
export interface BarclampsDocument {
  readonly halligan: 1;
  readonly kind: "barclamps";
  readonly barclamps: readonly {
    readonly name: string;
    readonly origin: "cluster" | "fetched" | "shipped";
    /** From where it was fetched; null where it was not. */
    readonly source: FetchedFrom | null;
    /** It goes before one of the same name in halligan.lock. */
    readonly hides: boolean;
    readonly folder: string;
    /** Null, as all that follows, when the barclamp cannot be read. */
    readonly version: string | null;
    readonly description: string | null;
    readonly roles: readonly string[];
    readonly problems: readonly Problem[];
  }[];
}

/** Lists the barclamps that can be used here. */
export const barclampListCommand = defineCommand({
  id: "barclamp list",
  area: "barclamps",
  summary: "List the barclamps that can be used here",
  args: () => z.object({}),
  positionals: [],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    {
      line: "halligan barclamp list",
      does: "lists those beside the cluster file, those of halligan.lock and those shipped, and where each comes from",
    },
  ],
  async run(context) {
    const barclamps = (await context.local.barclamps()).map((found) => ({
      name: found.name,
      origin: found.origin,
      source: fetchedFrom(found),
      hides: found.origin === "cluster" && found.hides,
      folder: found.folder,
      version: found.barclamp?.version ?? null,
      description: found.barclamp?.description ?? null,
      roles: Object.keys(found.barclamp?.roles ?? {}),
      problems: found.problems,
    }));
    const document: BarclampsDocument = { halligan: 1, kind: "barclamps", barclamps };
    return { exit: 0, document: { ...document } };
  },
});
