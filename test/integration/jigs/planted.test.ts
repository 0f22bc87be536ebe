import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { done, nodeRole, Place, shells, step } from "./run-script.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** An `rm` that puts a link to `victim` where it has just removed a temporary file: another user who wins the race every time. */
function plantingTools(victim: string): string {
  const folder = `${place.root}/tools`;
  mkdirSync(folder);
  writeFileSync(
    `${folder}/rm`,
    `#!/bin/sh\n/bin/rm "$@"\nfor last; do :; done\ncase $last in */.halligan.*) ln -s ${victim} "$last" ;; esac\n`,
  );
  chmodSync(`${folder}/rm`, 0o755);
  return `${folder}:${process.env["PATH"]}`;
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
    const ran = await place.run({ mode: "apply", nodeRole: nodeRole([make(target)]) }, { shell, env: { PATH: plantingTools(victim) } });
    expect(readFileSync(victim, "utf8")).toBe("theirs\n");
    expect(done(ran).status).toBe("failed");
    expect(readFileSync(target, "utf8")).toBe("[a]\nb = 0\n");
  },
);
