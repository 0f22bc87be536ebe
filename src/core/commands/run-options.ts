import { z } from "zod";

/** Options of commands that make a plan with a purpose of its own and carry it out. */
export const runOptions = {
  planOnly: z.boolean().default(false).describe("Make and show the plan, do not run it"),
  queue: z.boolean().default(true).describe("Wait behind runs that were asked for before; `--no-queue` refuses instead"),
  wait: z.boolean().default(false).describe("Wait until the plan is approved"),
  detach: z.boolean().default(false).describe("Start the run and leave it to the engine"),
} as const;
