import { findEngine } from "../../src/cli/house/engine-process.ts";
import type { House } from "../../src/core/house.ts";

/** Closes the house of a test lab; an engine that it left behind is told to end. Nothing to do where none was opened. */
export async function closeHouse(house: House | undefined): Promise<void> {
  if (house === undefined) return;
  const engine = await findEngine(house.store, "test-lab");
  if (engine !== undefined) process.kill(engine.pid, "SIGTERM");
  await house.close();
}
