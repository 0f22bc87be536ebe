import { createIntake } from "../../core/run/intake.ts";
import { systemClock, systemMeter } from "./clock.ts";

/** What this process lets in, of all its plans and runs. */
export const intake = createIntake(systemClock, systemMeter);
