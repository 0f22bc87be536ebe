import { z } from "zod";
import type { Json } from "../../ports.ts";

const job = z.object({
  kind: z.literal("job"),
  run: z.string(),
  /** The node-role. */
  id: z.string(),
  attempt: z.int(),
  /** The job's name on the node. */
  job: z.string(),
  /** The engine's fencing token. */
  token: z.int(),
  attachFirst: z.boolean(),
  staleness: z.enum(["exact", "bounded"]),
});

const clean = z.object({
  kind: z.literal("clean"),
  run: z.string(),
  /** Names of jobs that were read to their end, by node. */
  jobs: z.record(z.string(), z.array(z.string())),
  /** Nodes that Halligan leaves when nothing of it is left there. */
  emptied: z.array(z.string()),
});

const assignment = z.discriminatedUnion("kind", [job, clean]);

/** What an engine asks of a worker: references to what is in the store, nothing else. */
export type Assignment = z.infer<typeof assignment>;

/** Reads what came out of the queue; `undefined`: nobody of this version wrote it. */
export function readAssignment(data: Json): Assignment | undefined {
  return assignment.safeParse(data).data;
}
