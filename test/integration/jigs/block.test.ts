import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { circle, listing, shown, type World } from "./circle.ts";
import { busyboxAlone, changes, done, nodeRole, Place, shells, step } from "./run-script.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const world = (shell: string): World => ({ place, options: { shell }, look: () => listing(place.path("")) });
const read = (name: string): string => readFileSync(place.path(name), "utf8");

describe.each([...shells, busyboxAlone])("%s", (shell) => {
  test("blocks go to the end, after and before a line, and every other byte stays", async () => {
    const text = "\n# head\n\n[a]\nx = \t1 \\n %s\n[b]\n[b]\n\nlast without newline";
    for (const name of ["end", "after", "before", "nowhere", "last"]) writeFileSync(place.path(name), text);
    const block = 'it\'s "q" $(id) `x` \\t\n\n  indented %d\n';
    chownSync(place.path("end"), 1, 2);
    chmodSync(place.path("end"), 0o640);
    const steps = [
      step("block", { path: place.path("end"), block }, { id: "1" }),
      step("block", { path: place.path("after"), block, after: "^\\[b\\]$" }, { id: "2" }),
      step("block", { path: place.path("before"), block, before: "^\\[b\\]$", marker: "; {mark} [x]*" }, { id: "3" }),
      step("block", { path: place.path("nowhere"), block, after: "^never" }, { id: "4" }),
      step("block", { path: place.path("last"), block, after: "^last" }, { id: "5" }),
      step("block", { path: place.path("made"), block, create: true, mode: "0600", owner: "1:2" }, { id: "6" }),
    ];
    const marked = `# BEGIN halligan\n${block}# END halligan\n`;
    const planned = await circle(world(shell), steps, () => {
      expect(read("end")).toBe(`${text}\n${marked}`);
      expect(statSync(place.path("end"))).toMatchObject({ uid: 1, gid: 2, mode: 0o100640 });
      expect(read("after")).toBe(text.replace("[b]\n[b]\n", `[b]\n[b]\n${marked}`));
      expect(read("before")).toBe(text.replace("[b]\n[b]\n", `; BEGIN [x]*\n${block}; END [x]*\n[b]\n[b]\n`));
      expect(read("nowhere")).toBe(`${text}\n${marked}`);
      expect(read("last")).toBe(`${text}\n${marked}`);
      expect(read("made")).toBe(marked);
      expect(statSync(place.path("made"))).toMatchObject({ uid: 1, gid: 2, mode: 0o100600 });
    });
    expect(changes(planned)).toEqual(["change", "change", "change", "change", "change", "create"]);
    expect(shown(planned, 0)).toEqual([text, `${text}\n${marked}`]);
  });

  test("a block that was there comes back; edits around ours stay when it goes", async () => {
    writeFileSync(place.path("f"), "a\n# BEGIN halligan\nold\n\n# END halligan\nz");
    await circle(world(shell), [step("block", { path: place.path("f"), block: "new" })], () =>
      expect(read("f")).toBe("a\n# BEGIN halligan\nnew\n# END halligan\nz"),
    );
    writeFileSync(place.path("g"), "a\n");
    const run = (mode: "apply" | "remove", args: Parameters<typeof step>[1]) =>
      place.run({ mode, nodeRole: nodeRole([step("block", { path: place.path("g"), ...args })]) }, { shell });
    await run("apply", { block: "one" });
    writeFileSync(place.path("g"), `before\n${read("g")}behind\n`);
    expect(done(await run("apply", { block: "two\nlines\n" })).status).toBe("changed");
    expect(read("g")).toBe("before\na\n# BEGIN halligan\ntwo\nlines\n# END halligan\nbehind\n");
    expect(done(await run("remove", { state: "absent", restore: true })).status).toBe("changed");
    expect(read("g")).toBe("before\na\nbehind\n");
    expect(done(await run("apply", { state: "absent" })).status).toBe("ok");
  });

  test("hosts entries stand in one block", async () => {
    const text = "127.0.0.1\tlocalhost # mine\n\n::1 localhost";
    writeFileSync(place.path("hosts"), text);
    const path = place.path("hosts");
    const steps = [
      step("hosts", {
        path,
        entries: [
          { address: "10.0.0.5", names: ["db.example.org", "db"] },
          { address: "fd00::5", names: "db6" },
        ],
      }),
      step("hosts", { path, name: "more", entries: [{ address: "10.0.0.6", names: ["cache"] }] }, { id: "hosts:more" }),
    ];
    await circle(world(shell), steps, () =>
      expect(read("hosts")).toBe(
        `${text}\n# BEGIN halligan hosts\n10.0.0.5 db.example.org db\nfd00::5 db6\n# END halligan hosts\n# BEGIN halligan more\n10.0.0.6 cache\n# END halligan more\n`,
      ),
    );
  });

  test("what cannot be done is said", async () => {
    writeFileSync(place.path("half"), "# BEGIN halligan\nx\n");
    writeFileSync(place.path("binary"), "a\0b");
    writeFileSync(place.path("ok"), "a\n");
    const message = async (args: Parameters<typeof step>[1]): Promise<string> =>
      done(await place.run({ mode: "apply", nodeRole: nodeRole([step("block", { block: "b", ...args })]) }, { shell })).message;
    expect(await message({ path: place.path("half") })).toContain("but not '# END halligan' after it: mend the file by hand");
    expect(await message({ path: place.path("binary") })).toContain("it is no text file");
    expect(await message({ path: place.path("missing") })).toContain("does not exist: make it with a file step, or set create: true");
    expect(await message({ path: place.path("ok"), after: "a(" })).toBe("this is no regular expression: a(");
    expect(read("half")).toBe("# BEGIN halligan\nx\n");
  });
});

test("secrets of a block are in no frame", async () => {
  writeFileSync(place.path("f"), "a\n");
  const steps = [step("block", { path: place.path("f"), block: "hunter2" }, { secret: true })];
  const planned = await place.run({ mode: "check", nodeRole: nodeRole(steps) });
  const applied = await place.run({ mode: "apply", nodeRole: nodeRole(steps) });
  expect(done(applied).status).toBe("changed");
  expect(planned.log.toString() + applied.log.toString()).not.toMatch(/hunter2|sha256/u);
});

test.each(shells)("%s: blocks in files of a hundred kilobytes", async (shell) => {
  for (const name of ["f", "g"]) writeFileSync(place.path(name), `${"0123456789 ".repeat(9).trim()}\n`.repeat(1000));
  const at = (name: string) => step("block", { path: place.path(name), block: "b", before: "^0" }, { id: name });
  await circle(world(shell), [at("f"), at("g")]);
});
