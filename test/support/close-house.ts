import { findEngine } from "../../src/cli/house/engine-process.ts";
import type { House } from "../../src/core/house.ts";

/** Closes the house of a test lab, or of another cluster; an engine that it left behind is told to end. Nothing to do where none was opened. */
export async function closeHouse(house: House | undefined, cluster = "test-lab"): Promise<void> {
  if (house === undefined) return;
  const engine = await findEngine(house.store, cluster);
  if (engine !== undefined) process.kill(engine.pid, "SIGTERM");
  await house.close();
}
