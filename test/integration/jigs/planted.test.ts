import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { done, nodeRole, Place, shells, step, withoutPerl } from "./run-script.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/**
 * Tools of another user who wins the race every time: `stat` plants links to `victim` under the names that the script could use for its temporary
 * files in `folder`, and `rm` puts one back where it has just removed one.
 */
function plantingTools(victim: string, folder: string): string {
  const tools = `${place.root}/tools`;
  mkdirSync(tools);
  withoutPerl(tools);
  const write = (name: string, text: string): void => {
    writeFileSync(`${tools}/${name}`, text);
    chmodSync(`${tools}/${name}`, 0o755);
  };
  write("rm", `#!/bin/sh\n/bin/rm "$@"\nfor last; do :; done\ncase $last in */.halligan.*) ln -s ${victim} "$last" ;; esac\n`);
  const parent = "p=$(awk '/^PPid:/{print $2}' /proc/$p/status)";
  const plant = `for n in 0 1 2; do ln -s ${victim} ${folder}/.halligan.$p.$n 2>/dev/null; done`;
  write("stat", `#!/bin/sh\np=$PPID\nwhile [ "$p" -gt 1 ]; do ${plant}; ${parent}; done\nexec /usr/bin/stat "$@"\n`);
  return `${tools}:${process.env["PATH"]}`;
}

const writers = [
  ["file", (path: string) => step("file", { path, content: "ours\n" })],
  ["line", (path: string) => step("line", { path, line: "ours", create: true })],
  ["ini", (path: string) => step("ini", { path, set: { "a.b": "1" } })],
] as const;

test.each(shells.flatMap((shell) => writers.map(([kind, make]) => [shell, kind, make] as const)))(
  "%s: %s does not write through a link that somebody plants in its place",
  async (shell, _kind, make) => {
    const victim = `${place.root}/victim`;
    writeFileSync(victim, "theirs\n");
    const target = place.path("target");
    writeFileSync(target, "[a]\nb = 0\n");
    const ran = await place.run(
      { mode: "apply", nodeRole: nodeRole([make(target)]) },
      { shell, env: { PATH: plantingTools(victim, dirname(target)) } },
    );
    expect(readFileSync(victim, "utf8")).toBe("theirs\n");
    expect(done(ran).status).toBe("failed");
    expect(readFileSync(target, "utf8")).toBe("[a]\nb = 0\n");
  },
);
