import type { Intake } from "../../src/core/run/intake.ts";

/** Lets everything in at once. */
export const wideIntake: Intake = { take: async (_signal, work) => await work() };
