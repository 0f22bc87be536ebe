import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const launcher = join(import.meta.dirname, "..", "bin", "halligan");

describe("bin/halligan", () => {
  let root = "";

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "halligan launcher "));
    for (const folder of ["bin", "dist/cli", "node_modules/node/bin", "elsewhere", "path"])
      mkdirSync(join(root, folder), { recursive: true });
    copyFileSync(launcher, join(root, "bin/halligan"));
    writeFileSync(join(root, "dist/cli/main.cjs"), "console.log(JSON.stringify(process.argv.slice(2)))\n");
    script("node_modules/node/bin/node", `exec "${process.execPath}" "$@"`);
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function script(path: string, body: string): void {
    writeFileSync(join(root, path), `#!/bin/sh\n${body}\n`);
    chmodSync(join(root, path), 0o755);
  }

  /** A PATH on which `node` answers like the given version. */
  function nodeOnPath(version: string): NodeJS.ProcessEnv {
    script("path/node", `[ "$1" = --version ] && echo ${version} || exec "${process.execPath}" "$@"`);
    return { PATH: `${join(root, "path")}:/usr/bin:/bin` };
  }

  test("passes arguments through byte by byte, also through chains of relative symlinks", () => {
    symlinkSync("../bin/halligan", join(root, "elsewhere/one"));
    symlinkSync("one", join(root, "elsewhere/two"));
    const args = ["a b", "", "--x=$(id)", "*", "é\n", "-n"];
    for (const path of ["bin/halligan", "elsewhere/one", "elsewhere/two"]) {
      expect(JSON.parse(execFileSync(join(root, path), args, { encoding: "utf8" }))).toEqual(args);
    }
    expect(execFileSync("sh", ["halligan", "x"], { cwd: join(root, "bin"), encoding: "utf8" })).toBe('["x"]\n');
  });

  test("keeps memory small for itself and what it starts, unless the user says otherwise", () => {
    writeFileSync(join(root, "dist/cli/main.cjs"), "console.log(process.env.MALLOC_ARENA_MAX, process.execArgv.length > 0)\n");
    const limit = (env: NodeJS.ProcessEnv): string => execFileSync(join(root, "bin/halligan"), { env, encoding: "utf8" });
    expect(limit({ PATH: "/usr/bin:/bin" })).toBe("2 true\n");
    expect(limit({ PATH: "/usr/bin:/bin", MALLOC_ARENA_MAX: "9" })).toBe("9 true\n");
  });

  test("takes the machine's node when it is new enough and the project has none", () => {
    rmSync(join(root, "node_modules"), { recursive: true });
    for (const version of ["v24.15.0", "v25.0.0", "v100.1.0"]) {
      expect(execFileSync(join(root, "bin/halligan"), ["y"], { env: nodeOnPath(version), encoding: "utf8" })).toBe('["y"]\n');
    }
  });

  test("refuses an old or missing node and says what to do", () => {
    rmSync(join(root, "node_modules"), { recursive: true });
    for (const version of ["v24.14.9", "v20.20.2", ""]) {
      const result = spawnSync(join(root, "bin/halligan"), { env: nodeOnPath(version), encoding: "utf8" });
      expect(result.status).toBe(2);
      expect(result.stderr).toContain(`Node.js 24.15 or later is needed and ${version || "none"} was found`);
    }
  });

  test("says how to build when nothing is built", () => {
    rmSync(join(root, "dist"), { recursive: true });
    const result = spawnSync(join(root, "bin/halligan"), { encoding: "utf8" });
    expect(result.status).toBe(2);
    expect(result.stderr).toBe(`halligan: not built yet; run \`npm run build\` in ${root}\n`);
  });
});
