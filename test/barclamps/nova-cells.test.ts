import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = join(import.meta.dirname, "../../barclamps/nova/files/halligan-nova-cells");

/** In place of Nova's own code: writes the arguments down, knows the cells that were made, fails where it is told to. */
const fake = `
import os, sys
def main():
    words = " ".join(sys.argv[1:])
    folder, fail = os.environ["FOLDER"], os.environ["FAIL"]
    with open(folder + "/calls", "a") as calls:
        calls.write(words + "\\n")
    if fail and fail in words:
        return 1
    if words.startswith("cell_v2 create_cell"):
        open(folder + "/cell1", "w").close()
    if words == "cell_v2 list_cells":
        print("+-------+--------------------------------------+---------------+")
        print("|  Name |                 UUID                 | Transport URL |")
        print("| cell0 | 00000000-0000-0000-0000-000000000000 |     none:/    |")
        if os.path.exists(folder + "/cell1"):
            print("| cell1 | 6d6ea0f8-1f2c-4b86-8b8a-b0e0fb0fe6f1 | rabbit://:*** |")
    sys.exit(0)
`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hg-cells-"));
  mkdirSync(join(folder, "nova/cmd"), { recursive: true });
  for (const name of ["nova/__init__.py", "nova/cmd/__init__.py"]) writeFileSync(join(folder, name), "");
  writeFileSync(join(folder, "nova/cmd/manage.py"), fake);
});
afterEach(() => rmSync(folder, { recursive: true }));

function cells(word: string, members = 1, failing = ""): { readonly code: number | null; readonly calls: readonly string[] } {
  writeFileSync(join(folder, "calls"), "");
  const { status } = spawnSync("python3", [script, word], {
    env: {
      PATH: "/usr/bin:/bin",
      PYTHONPATH: folder,
      NOVA_USER: userInfo().username,
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
  expect(again.calls[3]).toContain("update_cell --cell_uuid 6d6ea0f8-1f2c-4b86-8b8a-b0e0fb0fe6f1 --database_connection {scheme}");
});

test("more servers of the queue are another pattern", () => {
  expect(cells("make").code).toBe(0);
  expect(cells("check", 3).code).toBe(1);
  expect(cells("make", 3).calls[3]).toContain(
    "--transport-url {scheme}://{username1}:{password1}@{hostname1}:{port1},{username2}:{password2}@{hostname2}:{port2},{username3}:{password3}@{hostname3}:{port3}/{path}",
  );
  expect(cells("check", 3).code).toBe(0);
});
