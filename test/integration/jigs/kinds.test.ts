import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hexDigest } from "../../../src/core/jigs/shell/context.ts";
import { inverseSteps } from "../../../src/core/jigs/shell/inverse.ts";
import type { Blob, ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { shown } from "./circle.ts";
import { busyboxAlone, changes, done, nodeRole, Place, type Ran, shells, step } from "./run-script.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

function blob(bytes: Uint8Array): Blob {
  return { digest: `sha256:${hexDigest(bytes)}`, bytes };
}

/** Everything below the place's `files`: name, type, mode and content. */
function listing(folder = place.path("")): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const info = lstatSync(path);
    const own = `${path} ${info.mode.toString(8)} ${info.isFile() ? readFileSync(path, "hex") : ""}`;
    return entry.isDirectory() ? [own, ...listing(path)] : [own];
  });
}

/** check, apply, check none, inverse, and then everything as before. */
async function circle(steps: readonly ResolvedStep[], shell: string, between: () => void = () => {}): Promise<Ran> {
  const before = listing();
  const planned = await place.run({ mode: "check", nodeRole: nodeRole(steps) }, { shell });
  expect(done(planned), planned.trouble).toMatchObject({ status: "ok" });
  expect(changes(planned).every((change) => change !== "none")).toBe(true);
  expect(listing()).toEqual(before);
  const applied = await place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell });
  expect({ ...done(applied), trouble: applied.trouble }).toMatchObject({ status: "changed", message: "", trouble: "" });
  expect(applied.channel.equals(applied.log)).toBe(true);
  between();
  const again = await place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell });
  expect(changes(again)).toEqual(steps.map(() => "none"));
  expect(done(again).status).toBe("ok");
  const removed = await place.run({ mode: "remove", nodeRole: nodeRole(inverseSteps(steps)) }, { shell });
  expect({ ...done(removed), trouble: removed.trouble }).toMatchObject({ message: "", trouble: "" });
  expect(listing()).toEqual(before);
  return planned;
}

describe.each([...shells, busyboxAlone])("%s", (shell) => {
  test("new files, templates, directories and links, and nothing left", async () => {
    const steps = [
      step("directory", { path: place.path("a/b c/d"), mode: "0750" }),
      step("file", { path: place.path("a/b c/-n\new'$(id)"), content: "it's $(id) `x` \\n\n\n", mode: "0640", owner: "root:root" }),
      step("file", { path: place.path("empty"), content: "" }),
      step("file", { path: place.path("touched"), mode: "4755" }),
      step("template", { path: place.path("t"), source: "t" }, { blobs: { source: blob(new Uint8Array([0, 255, 10, 13, 0x81, 0x88])) } }),
      step("link", { path: place.path("l"), to: "a/b c" }),
      step("link", { path: place.path("odd"), to: "-x\n y\n" }),
    ];
    await circle(steps, shell, () => {
      expect(statSync(place.path("a/b c/d")).mode & 0o7777).toBe(0o750);
      expect(readFileSync(place.path("a/b c/-n\new'$(id)"), "utf8")).toBe("it's $(id) `x` \\n\n\n");
      expect(statSync(place.path("a/b c/-n\new'$(id)")).mode & 0o7777).toBe(0o640);
      expect(statSync(place.path("empty")).mode & 0o7777).toBe(0o644);
      expect(statSync(place.path("touched")).mode & 0o7777).toBe(0o4755);
      expect([...readFileSync(place.path("t"))]).toEqual([0, 255, 10, 13, 0x81, 0x88]);
      expect(execFileSync("readlink", ["-n", place.path("odd")], { encoding: "utf8" })).toBe("-x\n y\n");
    });
    expect(existsSync(place.path("a"))).toBe(false);
  });

  test("what was there before comes back, with mode and owner", async () => {
    writeFileSync(place.path("f"), "theirs", { mode: 0o604 });
    writeFileSync(place.path("gone"), "keep me", { mode: 0o640 });
    writeFileSync(place.path("l"), "a file where the link shall be");
    execFileSync("chown", ["1:2", place.path("f")]);
    const steps = [
      step("file", { path: place.path("f"), content: "ours", mode: "0600", owner: "root:root" }),
      step("file", { path: place.path("gone"), state: "absent" }),
      step("link", { path: place.path("l"), to: "x" }),
    ];
    await circle(steps, shell, () => expect(statSync(place.path("f"))).toMatchObject({ uid: 0, gid: 0 }));
    expect(statSync(place.path("f"))).toMatchObject({ uid: 1, gid: 2 });
    expect(readFileSync(place.path("f"), "utf8")).toBe("theirs");
  });

  test("mode and owner that are not said stay", async () => {
    writeFileSync(place.path("f"), "theirs", { mode: 0o600 });
    execFileSync("chown", ["1:2", place.path("f")]);
    await circle([step("file", { path: place.path("f"), content: "ours" })], shell, () => {
      expect(statSync(place.path("f"))).toMatchObject({ uid: 1, gid: 2 });
      expect(statSync(place.path("f")).mode & 0o777).toBe(0o600);
    });
  });

  test("a symlink at the path of a file is replaced, its target is not touched", async () => {
    mkdirSync(place.path("d"));
    writeFileSync(place.path("target"), "untouched");
    execFileSync("ln", ["-s", "target", place.path("f")]);
    execFileSync("ln", ["-s", "d", place.path("g")]);
    await circle(
      [step("file", { path: place.path("f"), content: "x" }), step("file", { path: place.path("g"), content: "y" })],
      shell,
      () => {
        expect(readFileSync(place.path("target"), "utf8")).toBe("untouched");
        expect(readdirSync(place.path("d"))).toEqual([]);
      },
    );
  });

  test("lines are added, replaced and removed, and come back", async () => {
    writeFileSync(place.path("f"), "# head\nPermitRoot yes\n\n  indented\nold\nlast without newline", { mode: 0o640 });
    const f = place.path("f");
    const steps = [
      step("line", { path: f, line: 'it\'s "new" $(id) \\t %s' }, { id: "l1" }),
      step("line", { path: f, line: "PermitRoot no", match: "^#?PermitRoot " }, { id: "l2" }),
      step("line", { path: place.path("made"), line: "-e only", create: true }, { id: "l3" }),
    ];
    const planned = await place.run({ mode: "check", nodeRole: nodeRole(steps) }, { shell });
    expect(shown(planned, 1)[1]).toBe("# head\nPermitRoot no\n\n  indented\nold\nlast without newline\n");
    const applied = await place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell });
    expect({ ...done(applied), trouble: applied.trouble }).toMatchObject({ status: "changed", trouble: "" });
    expect(readFileSync(f, "utf8")).toBe('# head\nPermitRoot no\n\n  indented\nold\nlast without newline\nit\'s "new" $(id) \\t %s\n');
    expect(statSync(f).mode & 0o777).toBe(0o640);
    expect(readFileSync(place.path("made"), "utf8")).toBe("-e only\n");
    const again = await place.run({ mode: "check", nodeRole: nodeRole(steps) }, { shell });
    expect(changes(again)).toEqual(["none", "none", "none"]);
    const removed = await place.run({ mode: "remove", nodeRole: nodeRole(inverseSteps(steps)) }, { shell });
    expect({ ...done(removed), trouble: removed.trouble }).toMatchObject({ status: "changed", trouble: "" });
    expect(readFileSync(f, "utf8")).toBe("# head\nPermitRoot yes\n\n  indented\nold\nlast without newline\n");
    expect(existsSync(place.path("made"))).toBe(false);
    const absent = await place.run(
      { mode: "apply", nodeRole: nodeRole([step("line", { path: f, line: "old", state: "absent" })]) },
      { shell },
    );
    expect(changes(absent)).toEqual(["destroy"]);
    expect(readFileSync(f, "utf8")).not.toContain("old\n");
  });

  test("a match that is no regular expression is said, and odd names are no matter", async () => {
    writeFileSync(place.path("n\n'x"), "#a\nb\n");
    writeFileSync(place.path("f"), "b\n");
    const good = [
      step("line", { path: place.path("n\n'x"), line: "a", match: "^#?a" }),
      step("line", { path: place.path("f"), line: "c", match: "^c|^b$" }, { id: "l2" }),
    ];
    await circle(good, shell);
    const ran = await place.run(
      { mode: "apply", nodeRole: nodeRole([step("line", { path: place.path("f"), line: "x", match: "a(" })]) },
      { shell },
    );
    expect(done(ran).message).toBe("match is no regular expression: a(");
  });

  test("settings of an ini file, comments and order stay", async () => {
    writeFileSync(
      place.path("f"),
      "top = 1\n# note\n[database]\n; connection = x\nconnection=old value\n\n[token]\nexpiration: 5\n\n[last]\na = 1\n",
    );
    const steps = [
      step("ini", {
        path: place.path("f"),
        set: { "database.connection": "mysql://u:p'\"$(x)\\n@h/?a=b", "token.provider": "fernet", top: 2, "new.key": true, "last.b": "" },
        unset: ["token.expiration"],
      }),
      step("ini", { path: place.path("made"), set: { "a.b": "c", "net.x.y": "1" }, mode: "0600" }, { id: "i2" }),
    ];
    const planned = await circle(steps.slice(1), shell);
    expect(changes(planned)).toEqual(["create"]);
    const applied = await place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell });
    expect({ ...done(applied), trouble: applied.trouble }).toMatchObject({ status: "changed", trouble: "" });
    expect(readFileSync(place.path("f"), "utf8")).toBe(
      "top = 2\n# note\n[database]\n; connection = x\nconnection = mysql://u:p'\"$(x)\\n@h/?a=b\n\n[token]\nprovider = fernet\n\n[last]\na = 1\nb = \n\n[new]\nkey = true\n",
    );
    expect(readFileSync(place.path("made"), "utf8")).toBe("[a]\nb = c\n\n[net]\nx.y = 1\n");
    expect(changes(await place.run({ mode: "check", nodeRole: nodeRole(steps) }, { shell }))).toEqual(["none", "none"]);
    const removed = await place.run({ mode: "remove", nodeRole: nodeRole(inverseSteps(steps)) }, { shell });
    expect({ ...done(removed), trouble: removed.trouble }).toMatchObject({ status: "changed", trouble: "" });
    const back = readFileSync(place.path("f"), "utf8");
    for (const line of ["top = 1", "connection = old value", "expiration = 5"]) expect(back).toContain(`${line}\n`);
    for (const word of ["provider", "key = true", "b = \n"]) expect(back).not.toContain(word);
    expect(existsSync(place.path("made"))).toBe(false);
  });

  test("archives are unpacked, replaced as a whole and taken away", async () => {
    mkdirSync(place.path("src/top/bin"), { recursive: true });
    writeFileSync(place.path("src/top/bin/run"), "1", { mode: 0o755 });
    const tar = execFileSync("tar", ["-czf", "-", "-C", place.path("src"), "top"]);
    const steps = [step("archive", { source: "app.tar.gz", dest: place.path("dest"), strip: 1 }, { blobs: { source: blob(tar) } })];
    await circle(steps, shell, () => expect(statSync(place.path("dest/bin/run")).mode & 0o777).toBe(0o755));
    writeFileSync(place.path("app.tar"), execFileSync("tar", ["-cf", "-", "-C", place.path("src"), "top"]));
    await circle([step("archive", { path: place.path("app.tar"), dest: place.path("dest") })], shell);
  });

  test("a wrong archive leaves the old folder in place", async () => {
    mkdirSync(place.path("dest"));
    writeFileSync(place.path("dest/old"), "1");
    const steps = [
      step("archive", { source: "app.tar.gz", dest: place.path("dest") }, { blobs: { source: blob(new Uint8Array([1, 2, 3])) } }),
    ];
    const ran = await place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell });
    expect(done(ran).status).toBe("failed");
    expect(readdirSync(place.path(""))).toEqual(["dest"]);
    expect(readdirSync(place.path("dest"))).toEqual(["old"]);
  });

  test("ports and http answers are judged and waited for", async () => {
    const server = createServer((_request, response) => response.writeHead(201).end("hello there"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/x?y=[1]`;
    const good = [
      step("port", { port }),
      step("port", { port, host: "127.0.0.1" }, { id: "p2" }),
      step("http", { url, status: 201, contains: "hello" }),
    ];
    const bad = [
      step("port", { port, freeUnlessOurs: true }),
      step("http", { url }, { id: "h2" }),
      step("http", { url, status: 201, contains: "nope" }, { id: "h3" }),
    ];
    const checked = await place.run({ mode: "check", nodeRole: nodeRole([]), checks: [...good, ...bad] }, { shell });
    expect(checked.trouble).toBe("");
    expect(changes(checked)).toEqual(["none", "none", "none", "change", "change", "change"]);
    const texts = checked.frames.flatMap((frame) => (frame.type === "observed" ? [frame.observed] : []));
    expect(texts[3]).toContain("taken by another program");
    expect(texts[4]).toContain("status 201 instead of 200");
    await new Promise((resolve) => server.close(resolve));
    const role = nodeRole([step("command", { run: "true" })], { verify: [step("http", { url, within: "1s" })] });
    const failed = await place.run({ mode: "apply", nodeRole: role }, { shell });
    expect(done(failed).message).toContain("does not answer");
  });
});
