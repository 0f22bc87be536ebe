/**
 * `node staying.ts`, in a cluster folder: opens the cluster as `halligan serve` does, which keeps its connections, and carries out one apply for each line of
 * its input. What came of it goes to the pipe `told`, as one line of JSON. Ends at the line `end`.
 */
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openHouse } from "../../src/cli/house/house.ts";
import { localPrincipal } from "../../src/cli/house/principal.ts";
import { applyCommand } from "../../src/core/commands/apply.ts";
import type { CommandContext } from "../../src/core/commands/command.ts";

const folder = process.cwd();
const house = await openHouse({
  file: join(folder, "cluster.yaml"),
  folder,
  stateUrl: undefined,
  user: "root",
  prove: () => Promise.resolve(localPrincipal()),
  environment: process.env,
  ask: () => Promise.resolve(undefined),
  stays: true,
});
// Both ways at once: who reads it comes and goes.
const told = openSync("told", "r+");
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "end") break;
  let changed = 0;
  const context: CommandContext = {
    house: () => Promise.resolve(house.as(house.principal)),
    local: { zone: "UTC" } as CommandContext["local"],
    pass(passing) {
      if (passing.type === "event" && passing.event.type === "step.finished" && passing.event.status === "changed") changed += 1;
    },
    confirm: () => Promise.resolve(true),
    signal: AbortSignal.timeout(600_000),
    by: "root",
    front: "slack",
    authorise: () => Promise.resolve(),
    cwd: folder,
  };
  const { exit } = await applyCommand.run(context, applyCommand.args.parse({}));
  writeSync(told, `${JSON.stringify({ exit, changed })}\n`);
}
await house.close();
process.exit();
