import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../../src/core/adapters/store/open.ts";
import { nextNumber } from "../../src/core/run/numbers.ts";
import { entry, halligan, node, temporaryFolder } from "./run-cli.ts";

let bash = "";
beforeAll(async () => {
  bash = (await halligan(["completion", "bash"])).stdout;
});

/** What a real bash offers after these words, the last of which is being typed. */
function offered(folder: string, ...words: readonly string[]): readonly string[] {
  const program = join(folder, "halligan");
  writeFileSync(program, `#!/bin/sh\nexec '${node}' '${entry}' "$@"\n`);
  chmodSync(program, 0o755);
  writeFileSync(join(folder, "load"), bash);
  const script = 'source ./load; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _halligan; printf "%s\\n" "${COMPREPLY[@]}"';
  const ran = spawnSync("bash", ["--norc", "-c", script, "bash", program, ...words], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: folder },
  });
  expect(ran.stderr).toBe("");
  return ran.stdout.split("\n").filter((line) => line !== "");
}

describe("bash completion in a real bash", () => {
  test("commands, groups, choices, options", () => {
    using folder = temporaryFolder();
    expect(offered(folder.path, "va")).toEqual(["validate"]);
    expect(offered(folder.path, "lab", "")).toEqual(["up", "down", "status", "tour"]);
    expect(offered(folder.path, "--json", "lab", "up", "--dri")).toEqual(["--driver"]);
    expect(offered(folder.path, "lab", "up", "--driver", "n")).toEqual(["nspawn"]);
    expect(offered(folder.path, "completion", "")).toEqual(["bash", "zsh", "fish"]);
    expect(offered(folder.path, "nodes", "--js")).toEqual(["--json"]);
  });

  test("names from the cluster file, ranges expanded, -f respected, a broken file gives none", () => {
    using folder = temporaryFolder();
    writeFileSync(
      join(folder.path, "cluster.yaml"),
      "halligan: 1\nnodes:\n  ctl-[1-3]: { address: 10.0.0.1[1-3] }\n  web: {}\ndeployments: { identity: {} }\n",
    );
    writeFileSync(join(folder.path, "other.yaml"), "nodes: { other: {} }\n");
    writeFileSync(join(folder.path, "broken.yaml"), "nodes: [\n");
    expect(offered(folder.path, "facts", "ctl-")).toEqual(["ctl-1", "ctl-2", "ctl-3"]);
    expect(offered(folder.path, "facts", "")).toEqual(["ctl-1", "ctl-2", "ctl-3", "web"]);
    expect(offered(folder.path, "plan", "id")).toEqual(["identity"]);
    expect(offered(folder.path, "reset", "")).toEqual(["identity"]);
    expect(offered(folder.path, "reset", "--nodes", "w")).toEqual(["web"]);
    expect(offered(folder.path, "rebuild", "w")).toEqual(["web"]);
    expect(offered(folder.path, "lab", "up", "--nodes", "w")).toEqual([]);
    expect(offered(folder.path, "-f", "other.yaml", "facts", "")).toEqual(["other"]);
    expect(offered(folder.path, "-f", "broken.yaml", "facts", "")).toEqual([]);
    expect(offered(folder.path, "barclamp", "show", "ngi")).toEqual(["nginx"]);
  });
});

test("ids of plans and runs, newest first, beside the names; also at the second place", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "cluster.yaml"), "halligan: 1\nnodes: { n1: {} }\ndeployments: { web: {} }\nfreezes: { weekend: {} }\n");
  expect(offered(folder.path, "watch", "")).toEqual([]);
  expect(existsSync(join(folder.path, ".halligan"))).toBe(false);
  mkdirSync(join(folder.path, ".halligan"));
  const store = await openStore(join(folder.path, ".halligan", "state.db"));
  for (const series of ["plans", "plans", "runs", "runs", "runs"] as const) await nextNumber(store, series);
  const freeze = { v: 1, deployments: [], from: 0, reason: "x", by: "ann" };
  await store.append("freezes", [
    { type: "freeze.set", data: { ...freeze, freeze: "F-1", until: 1 } },
    { type: "freeze.set", data: { ...freeze, freeze: "F-2", until: Date.now() + 3_600_000 } },
  ]);
  await store.close();
  expect(offered(folder.path, "watch", "")).toEqual(["R-3", "R-2", "R-1"]);
  expect(offered(folder.path, "apply", "")).toEqual(["web", "P-2", "P-1"]);
  expect(offered(folder.path, "apply", "web", "P-")).toEqual(["P-2", "P-1"]);
  expect(offered(folder.path, "logs", "R-1", "n")).toEqual(["n1"]);
  expect(offered(folder.path, "schedule", "")).toEqual(["P-2", "P-1"]);
  expect(offered(folder.path, "breakglass", "")).toEqual(["P-2", "P-1"]);
  expect(offered(folder.path, "unfreeze", "")).toEqual(["F-2", "weekend"]);
});

test.each(["zsh", "fish"])("%s: the script names every command", async (shell) => {
  const { stdout, code } = await halligan(["completion", shell]);
  expect(code).toBe(0);
  for (const word of ["validate", "discover", "barclamp", "driver"]) expect(stdout).toContain(word);
  const checked = spawnSync(shell, ["-n"], { input: stdout, encoding: "utf8" });
  // where the shell is not installed there is no exit code; the bash script, which zsh uses too, runs above
  expect([0, null]).toContain(checked.status);
});
