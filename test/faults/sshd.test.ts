import { describe, expect, test } from "vitest";
import { seedsOf } from "./dice.ts";
import { installSshds, sshdPort, sshdRestarts } from "./real-sshd.ts";
import { beside, useTrials } from "./use-trials.ts";

const seeds = seedsOf(0);

// Other users' ids are needed in the node, which only a lab of root has.
describe.runIf(seeds.length > 0 && process.getuid?.() === 0)("a real OpenSSH server", beside, () => {
  const trials = useTrials({ sshPort: sshdPort, furnish: installSshds });

  test.each(seeds)("sshd restarts, seed %i", { timeout: 600_000 }, async (seed) => {
    const { broken } = await trials.run("sshd restarts", { seed, fault: sshdRestarts, mayLeaveFolders: true });
    expect(broken).toEqual([]);
  });
});
