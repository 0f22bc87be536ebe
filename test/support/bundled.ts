import { join } from "node:path";
import { vi } from "vitest";
import type * as Package from "../../src/core/adapters/files/package.ts";

// A setup file of vitest (HALLIGAN_TEST_BUNDLE=1): programs that a test's own process starts (engines, lab daemons) are those of dist/, as people have
// them, and not src/ read file by file, which costs several times as much. Whoever sets the variable has built dist/.
vi.mock("../../src/core/adapters/files/package.ts", async (original) => {
  const { packageFolder, ...rest } = await original<typeof Package>();
  return { ...rest, packageFolder, programFile: (name: string) => join(packageFolder(), "dist", `${name}.cjs`) };
});
