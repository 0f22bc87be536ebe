import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../../src/core/jigs/shell");

test("whoever keeps the log and the channel from what is started keeps the helper's pipes from it too", () => {
  const lines = globSync("**/*.ts", { cwd: root }).flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .flatMap((line) => (line.includes("4>&-") ? [`${file}: ${line.trim()}`] : [])),
  );
  expect(lines.length).toBeGreaterThan(15);
  expect(lines.filter((line) => !/7[<>]&- 8>&-/u.test(line))).toEqual([]);
});
