import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = join(import.meta.dirname, "../../barclamps/nova/files/halligan-nova-cells");

/** In place of `runuser -u nova -- nova-manage ARGS`: writes the arguments down, knows the cells that were made, fails where it is told to. */
const fake = `#!/bin/sh
shift 4
echo "$*" >>"$FOLDER/calls"
case "$*" in *"$FAIL"*) [ -z "$FAIL" ] || exit 1 ;; esac
case "$1 $2" in
  'cell_v2 create_cell') touch "$FOLDER/cell1" ;;
  'cell_v2 list_cells')
    echo '+-------+--------------------------------------+---------------+'
    echo '|  Name |                 UUID                 | Transport URL |'
    echo '| cell0 | 00000000-0000-0000-0000-000000000000 |     none:/    |'
    [ ! -e "$FOLDER/cell1" ] || echo '| cell1 | 6d6ea0f8-1f2c-4b86-8b8a-b0e0fb0fe6f1 | rabbit://:*** |'
    ;;
esac
`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hg-cells-"));
  writeFileSync(join(folder, "runuser"), fake);
  chmodSync(join(folder, "runuser"), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true }));

function cells(word: string, members = 1, failing = ""): { readonly code: number | null; readonly calls: readonly string[] } {
  writeFileSync(join(folder, "calls"), "");
  const { status } = spawnSync("/bin/sh", [script, word], {
    env: {
      PATH: `${folder}:/usr/bin:/bin`,
      FOLDER: folder,
      FAIL: failing,
      MEMBERS: String(members),
      DONE_FILE: join(folder, "done"),
    },
  });
  return { code: status, calls: readFileSync(join(folder, "calls"), "utf8").split("\n").filter(Boolean) };
}

test("tables and cells are made in order, with patterns in place of addresses and passwords", () => {
  expect(cells("check").code).toBe(1);
  const database = "{scheme}://{username}:{password}@{hostname}:{port}";
  expect(cells("make")).toEqual({
    code: 0,
    calls: [
      "api_db sync",
      `cell_v2 map_cell0 --database_connection ${database}/nova_cell0?{query}`,
      "cell_v2 list_cells",
      `cell_v2 create_cell --name cell1 --database_connection ${database}/{path}?{query} --transport-url ${database}/{path}`,
      "db sync",
    ],
  });
  expect(cells("check")).toEqual({ code: 0, calls: [] });
});

test("what was cut off is begun again, and a cell that is there is not made twice", () => {
  expect(cells("make", 1, "db sync").code).toBe(1);
  expect(cells("check").code).toBe(1);
  expect(cells("make", 1, "create_cell").calls.at(-1)).toContain("create_cell");
  expect(cells("make").code).toBe(0);
  const again = cells("make");
  expect(again.code).toBe(0);
  expect(again.calls[3]).toContain("update_cell --cell_uuid 6d6ea0f8-1f2c-4b86-8b8a-b0e0fb0fe6f1");
});

test("more servers of the queue are another pattern", () => {
  expect(cells("make").code).toBe(0);
  expect(cells("check", 3).code).toBe(1);
  expect(cells("make", 3).calls[3]).toContain(
    "--transport-url {scheme}://{username1}:{password1}@{hostname1}:{port1},{username2}:{password2}@{hostname2}:{port2},{username3}:{password3}@{hostname3}:{port3}/{path}",
  );
  expect(cells("check", 3).code).toBe(0);
});
