import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readLockText, writeLockText } from "../../../src/core/files/lock-text.ts";
import { partSource, readSource } from "../../../src/core/model/barclamp-source.ts";
import type { LockedBarclamp } from "../../../src/core/model/lock-file.ts";

const digest = `sha256:${"ab".repeat(32)}` as const;
const commit = "0123456789abcdef0123456789abcdef01234567";
const git: LockedBarclamp = { source: "https://git.example.org/b.git", path: "motd", ref: "v1.2", commit, version: "1.2.0", digest };

describe("halligan.lock", () => {
  test("what is written is read again, whatever the order in which it was added", () => {
    const carry = [{ default: { attribute: "workers", was: [1, { a: null }] } }, { rename: { from: "a", to: "b" } }];
    const folder: LockedBarclamp = { source: "../shared/a b", version: "1.0", digest, carry };
    const text = writeLockText({ zeta: git, alpha: folder });
    expect(text).toBe(writeLockText({ alpha: folder, zeta: git }));
    expect(readLockText("halligan.lock", text)).toEqual({ barclamps: { alpha: folder, zeta: git }, problems: [] });
    expect(readLockText("halligan.lock", writeLockText({}))).toEqual({ barclamps: {}, problems: [] });
  });

  test("changes of different barclamps touch different lines", () => {
    const before = writeLockText({ a: git, m: git, z: git }).split("\n");
    const after = writeLockText({ a: { ...git, version: "1.3.0" }, m: git, z: git }).split("\n");
    expect(after.filter((line, at) => line !== before[at])).toEqual(["    version: 1.3.0"]);
  });

  test.each([
    ["unknown keys", "halligan: 1\nbarclamps: { a: { source: x, version: 1.0.0, digest: D, hook: ls } }", "KEY_UNKNOWN"],
    ["a digest of another form", "halligan: 1\nbarclamps: { a: { source: x, version: 1.0.0, digest: sha256:00 } }", "VALUE_INVALID"],
    [
      "a way out of the source",
      "halligan: 1\nbarclamps: { a: { source: x, path: a/../../b, version: 1.0.0, digest: D } }",
      "VALUE_INVALID",
    ],
    [
      "an option in place of a ref",
      `halligan: 1\nbarclamps: { a: { source: x, ref: --upload-pack=ls, commit: ${commit}, version: 1.0.0, digest: D } }`,
      "VALUE_INVALID",
    ],
    [
      "a helper of git",
      `halligan: 1\nbarclamps: { a: { source: "ext::sh -c ls", commit: ${commit}, version: 1.0.0, digest: D } }`,
      "SOURCE_INVALID",
    ],
    [
      "a repository without a commit",
      "halligan: 1\nbarclamps: { a: { source: https://x/y, version: 1.0.0, digest: D } }",
      "SOURCE_INVALID",
    ],
    ["marks of a merge", "halligan: 1\n<<<<<<< HEAD\nbarclamps: {}\n=======\nbarclamps: {}\n>>>>>>> b\n", "YAML_INVALID"],
    ["nothing", "", "KEY_MISSING"],
  ])("%s is refused with its place", (_what, text, code) => {
    const { barclamps, problems } = readLockText("halligan.lock", text.replaceAll("D }", `${digest} }`));
    expect(barclamps).toEqual({});
    expect(problems.map((each) => each.code)).toContain(code);
    expect(problems.every((each) => each.at !== undefined)).toBe(true);
  });
});

describe("sources", () => {
  test.each([
    ["https://git.example.org/b.git@v1.2", "https://git.example.org/b.git", "v1.2"],
    ["https://ada@git.example.org/b.git", "https://ada@git.example.org/b.git", undefined],
    ["ssh://git@host:2222/b.git@feature/x", "ssh://git@host:2222/b.git", "feature/x"],
    ["git@host:team/b.git@v2", "git@host:team/b.git", "v2"],
    ["git@host:team/b.git", "git@host:team/b.git", undefined],
    ["../shared/b@main", "../shared/b", "main"],
    ["../shared/b", "../shared/b", undefined],
    ["@v1", "@v1", undefined],
  ])("%s", (typed, source, ref) => {
    expect(partSource(typed)).toEqual(ref === undefined ? { source } : { source, ref });
  });

  test.each([
    "",
    "--upload-pack=ls",
    "ext::sh -c id",
    "ftp://h/x",
    "https://a:secret@h/x",
    "ssh://-oProxyCommand=id/x",
    "a\nb",
    "https://h/a b",
  ])("%j is refused, and never repeated", (source) => {
    const read = readSource(source);
    expect(read).toEqual({ ok: false, message: expect.any(String) });
    expect(source.length > 3 && JSON.stringify(read).includes(source)).toBe(false);
  });

  test("no text makes a ref that git could take for an option or a range", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { ref } = partSource(`https://h/x@${text}`);
        expect(ref ?? "main").toMatch(/^(?!-)(?!.*\.\.)[\w./+-]+$/u);
      }),
    );
  });
});
