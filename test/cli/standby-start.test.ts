import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { halligan } from "./run-cli.ts";

/** More than the entry, the folder of kept code and the waiting itself have in sources or in a build; a start of the program reads fifty times as much. */
const mostBytes = 40_000;

test("a standby that waits has loaded nothing but the waiting", async () => {
  const folder = mkdtempSync(join(tmpdir(), "halligan-standby-"));
  try {
    const env = { NODE_V8_COVERAGE: folder, HOME: folder };
    const { code, stderr } = await halligan(["engine", "--standby", "starter"], { cwd: folder, env, stdin: "{}\ndismiss\n" });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const loaded = readdirSync(folder)
      .filter((name) => name.startsWith("coverage-"))
      .flatMap((name) => (JSON.parse(readFileSync(join(folder, name), "utf8")) as { result: { url: string }[] }).result)
      .flatMap(({ url }) => (url.startsWith("file:") ? fileURLToPath(url) : []));
    expect(loaded.some((file) => /standby[^/]*$/u.test(file))).toBe(true);
    expect(loaded.filter((file) => file.includes("/node_modules/"))).toEqual([]);
    expect(loaded.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(mostBytes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
