import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { halligan } from "../cli/run-cli.ts";

const barclamps = join(import.meta.dirname, "../../barclamps");
const written = readdirSync(barclamps).filter((name) => existsSync(join(barclamps, name, "README.md")));

describe("pages of the shipped barclamps", () => {
  test("some are there", () => expect(written).toContain("mariadb"));

  test.each(written)("README.md of %s is what `barclamp docs` prints", async (name) => {
    expect(readFileSync(join(barclamps, name, "README.md"), "utf8")).toBe((await halligan(["barclamp", "docs", name])).stdout);
  });
});
