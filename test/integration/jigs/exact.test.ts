import { readFileSync, statSync } from "node:fs";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hexDigest } from "../../../src/core/jigs/shell/context.ts";
import { busyboxAlone, changes, done, nodeRole, output, Place, shells, step } from "./run-script.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const nasty = [
  "'",
  '"',
  "$(id)",
  "`id`",
  "\\",
  "\\n",
  "\n",
  "\n\n",
  "\r",
  "\t",
  "-",
  "--",
  "-n",
  "${x}",
  "$'",
  "*",
  "~",
  "!",
  "#",
  "%s",
  "\u0081\u0088",
  "ü",
  "🚒",
  " ",
  "\u0001",
  "&&",
  ";",
  "EOF\n",
];
const nastyText = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: "binary", maxLength: 4 })), { maxLength: 12 })
  .map((parts) => parts.join("").replaceAll("\0", ""));
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  nastyText.map((text) => new TextEncoder().encode(text)),
);
const mode = fc.constantFrom("0644", "0600", "0755", "4750", "0000", "2644", "1777");

describe.each([...shells, busyboxAlone])("%s", (shell) => {
  test("any bytes arrive in files, with any mode", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(bytes, mode), { minLength: 1, maxLength: 12 }), async (files) => {
        const at = (i: number) => place.path(`f${i}`);
        const steps = files.map(([content, wanted], i) =>
          step(
            "file",
            { path: at(i), source: "x", mode: wanted },
            { id: `f${i}`, blobs: { source: { digest: `sha256:${hexDigest(content)}`, bytes: content } } },
          ),
        );
        const ran = await place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell });
        expect(["ok", "changed"]).toContain(done(ran).status);
        for (const [i, [content, wanted]] of files.entries()) {
          expect(readFileSync(at(i)).equals(Buffer.from(content))).toBe(true);
          expect(statSync(at(i)).mode & 0o7777).toBe(Number.parseInt(wanted, 8));
        }
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  test("any text arrives in commands, environments, names and lines", async () => {
    await fc.assert(
      fc.asyncProperty(nastyText, nastyText, async (word, name) => {
        const line = word.replace(/[\n]/gu, " ");
        const path = place.path(`n-${name.replaceAll("/", "_").replaceAll("..", "_").slice(0, 40)}`);
        const steps = [
          step("command", { run: ["printf", "%s|%s", word, "end"], always: true }, { id: "c1" }),
          step("command", { run: 'printf %s "$V"', env: { V: word }, always: true }, { id: "c2" }),
          step("command", { run: 'printf %s "$V"', env: { V: word }, always: true }, { id: "c3", secret: true }),
          step("file", { path, content: word }, { id: "f" }),
          step("line", { path: place.path("lines"), line: `+${line}`, create: true }, { id: "l" }),
        ];
        const ran = await place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell });
        expect({ ...done(ran), trouble: ran.trouble }).toMatchObject({ message: "", trouble: "" });
        expect(output(ran, 0).toString()).toBe(`${word.toWellFormed()}|end`);
        expect(output(ran, 1).toString()).toBe(word.toWellFormed());
        expect(output(ran, 2).toString()).toBe(word.toWellFormed());
        expect(readFileSync(path, "utf8")).toBe(word.toWellFormed());
        expect(readFileSync(place.path("lines"), "utf8").split("\n")).toContain(`+${line.toWellFormed()}`);
        const again = await place.run({ mode: "check", nodeRole: nodeRole(steps.slice(3)) }, { shell });
        expect(changes(again)).toEqual(["none", "none"]);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  test("1 MB of every byte", async () => {
    const content = Uint8Array.from({ length: 1_048_576 }, (_, i) => (i * 31 + (i >> 8)) % 256);
    const one = step(
      "file",
      { path: place.path("big"), source: "big" },
      { blobs: { source: { digest: `sha256:${hexDigest(content)}`, bytes: content } } },
    );
    const ran = await place.run({ mode: "apply", nodeRole: nodeRole([one]) }, { shell });
    expect(done(ran).status).toBe("changed");
    expect(readFileSync(place.path("big")).equals(Buffer.from(content))).toBe(true);
  });
});
