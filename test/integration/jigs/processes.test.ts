import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { wholeOf } from "../../../src/core/jigs/script.ts";
import { compileScript } from "../../../src/core/jigs/shell/compile.ts";
import { shown } from "./circle.ts";
import { changes, expectDone, nodeRole, Place, step, withoutPerl } from "./run-script.ts";

/** What scripts call; a tool that is not among these is not counted. */
const tools = [
  ...[
    "awk",
    "cat",
    "chmod",
    "chown",
    "cp",
    "dd",
    "df",
    "dpkg-query",
    "env",
    "getent",
    "grep",
    "head",
    "ln",
    "mkdir",
    "mkfifo",
    "mv",
    "perl",
    "readlink",
  ],
  ...["rm", "sed", "sh", "sha256sum", "stat", "tail", "timeout", "tr", "wc"],
];

/** Puts a note before each tool. Its path is to be searched first; `calls` gives what was called since it was asked last. */
function counted(place: Place): { readonly path: string; readonly calls: () => readonly string[] } {
  const [folder, notes] = [place.path("counted"), place.path("calls")];
  mkdirSync(folder);
  for (const name of tools) {
    const tool = ["/usr/bin", "/bin"].map((at) => join(at, name)).find((file) => existsSync(file));
    if (tool === undefined) throw new Error(`this machine has no ${name}`);
    writeFileSync(join(folder, name), `#!/bin/sh\necho ${name} >>'${notes}'\nexec ${tool} "$@"\n`, { mode: 0o755 });
  }
  const calls = (): readonly string[] => {
    const names = existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n") : [];
    rmSync(notes, { force: true });
    return names.toSorted();
  };
  return { path: `${folder}:${process.env["PATH"]}`, calls };
}

test.each([
  ["a helper", 6],
  ["no Perl", 50],
] as const)(
  "a script with %s calls no more tools than it did: upper bounds without a clock, lowered by whoever makes one smaller",
  async (helper, most) => {
    const place = new Place();
    try {
      const { path, calls } = counted(place);
      if (helper === "no Perl") withoutPerl(place.path("counted"));
      const role = nodeRole([
        step("directory", { path: place.path("d"), mode: "0750" }),
        ...["a", "b", "c", "d"].map((name) => step("file", { path: place.path(`d/${name}`), content: `${name}\n`, mode: "0640" })),
        step("line", { path: place.path("lines"), line: "b = 3", match: "^b =" }),
        step("ini", { path: place.path("d/x.ini"), set: { "s.k": "v" } }, { id: "one" }),
        step("ini", { path: place.path("d/x.ini"), set: { "s.l": "w" } }, { id: "two" }),
        step("link", { path: place.path("l"), to: "d/a" }),
        ...["m", "n"].map((name) => step("command", { name, run: `: >'${place.path(name)}'`, unless: `[ -e '${place.path(name)}' ]` })),
      ]);
      const run = async (mode: "check" | "apply") => {
        const ran = await place.run({ mode, nodeRole: role }, { shell: "dash", env: { PATH: path, LC_ALL: "C" } });
        return { ran, names: calls() };
      };
      writeFileSync(place.path("lines"), "a = 1\nb = 2\n");
      const first = await run("check");
      expect(changes(first.ran)).not.toContain("none");
      expect(first.names.length, first.names.join(" ")).toBeLessThanOrEqual(7);
      const applied = await run("apply");
      expectDone(applied.ran, "changed");
      expect(applied.names.length, applied.names.join(" ")).toBeLessThanOrEqual(most);
      const again = await run("check");
      expect(new Set(changes(again.ran))).toEqual(new Set(["none"]));
      // One for each kind of question, and the guards in one shell.
      expect(again.names).toEqual(["cat", "env", "grep", "sh", "sha256sum", "stat", "timeout"]);
      for (const name of ["a", "b", "c", "d"]) writeFileSync(place.path(`d/${name}`), "other\n");
      const changed = await run("check");
      expect(shown(changed.ran, 1)).toEqual(["other\n", "a\n"]);
      // The old contents of all that changed come from one.
      expect(changed.names).toEqual(["awk", "cat", "env", "grep", "sh", "sha256sum", "stat", "timeout"]);
    } finally {
      place.remove();
    }
  },
  60_000,
);

test("a look at guards needs no folder of its own", () => {
  const guarded = ["a", "b"].map((name) => step("command", { name, run: "true", unless: "false" }));
  const role = nodeRole([step("line", { path: "/lines", line: "b" }), ...guarded]);
  const script = Buffer.from(wholeOf(compileScript({ mode: "check", nodeRole: role }).script)).toString();
  expect(script).toMatch(/^hg_guards /mu);
  // Where it needs one, it makes it before it begins.
  expect(script).toMatch(/^hg_borrow\nhg_phase check$/mu);
});

test("a helper does the same for steps that notify others", async () => {
  const place = new Place();
  try {
    const { path, calls } = counted(place);
    const run = "true";
    const role = nodeRole([
      step("directory", { path: place.path("d") }),
      ...["a", "b"].map((name) => step("file", { path: place.path(`d/${name}`), content: name, mode: "0640" }, { notify: ["reload"] })),
      step("command", { name: "reload", run, unless: "true" }, { id: "reload" }),
    ]);
    const ran = await place.run({ mode: "apply", nodeRole: role }, { shell: "dash", env: { PATH: path, LC_ALL: "C" } });
    expectDone(ran, "changed");
    expect(ran.frames).toContainEqual(expect.objectContaining({ type: "end", index: 3, status: "changed" }));
    // What keeps a notification, and the guard and the command themselves, are shells and folders of their own.
    const names = calls();
    expect(names.filter((name) => ["chmod", "mv", "sha256sum", "stat"].includes(name))).toEqual([]);
    expect(names).toContain("perl");
  } finally {
    place.remove();
  }
}, 60_000);
