import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findBarclamps, shippedBarclamps } from "../../../../src/core/adapters/files/find-barclamps.ts";
import { readBarclampFolder } from "../../../../src/core/adapters/files/read-barclamp.ts";
import { readClusterFolder } from "../../../../src/core/adapters/files/read-cluster.ts";
import { scaffoldBarclamp } from "../../../../src/core/adapters/files/scaffold-barclamp.ts";
import { loadBarclamp } from "../../../../src/core/files/load-barclamp.ts";
import { loadFixture } from "../../../../src/core/files/load-fixture.ts";
import { fixtureStateSchema } from "../../../../src/core/jigs/shell/fixture-state.ts";
import { stepKinds } from "../../../../src/core/jigs/shell/kinds/index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "halligan-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a new barclamp", () => {
  test("loads without problems with the real step kinds, and so does its fixture", async () => {
    const written = await scaffoldBarclamp("my-app", join(folder, "barclamps/my-app"));
    expect(written.length).toBe(3);
    const source = await readBarclampFolder(join(folder, "barclamps/my-app"));
    const { barclamp, problems } = loadBarclamp(source, stepKinds);
    expect(problems).toEqual([]);
    const role = barclamp?.roles["my-app"];
    const text = new TextDecoder().decode(source.files.get("fixtures/first-time.yaml"));
    const { fixture, problems: wrong } = loadFixture({ file: "fixtures/first-time.yaml", text }, fixtureStateSchema);
    expect(wrong).toEqual([]);
    expect(fixture?.role).toBe(role?.name);
    expect(role?.undo?.length).toBe(3);
    expect((await findBarclamps(folder, join(folder, "none"))).barclamps).toEqual(
      new Map([["my-app", { folder: join(folder, "barclamps/my-app"), origin: "cluster" }]]),
    );
  });

  test("does not overwrite and refuses bad names", async () => {
    await scaffoldBarclamp("a", join(folder, "a"));
    const before = readFileSync(join(folder, "a/barclamp.yaml"), "utf8");
    await expect(scaffoldBarclamp("a", join(folder, "a"))).rejects.toMatchObject({ code: "BARCLAMP_EXISTS" });
    await expect(scaffoldBarclamp("A/../b", join(folder, "b"))).rejects.toMatchObject({ code: "VALUE_INVALID" });
    expect(readFileSync(join(folder, "a/barclamp.yaml"), "utf8")).toBe(before);
  });
});

describe("reading", () => {
  test("bytes arrive as they are; links are followed inside only", async () => {
    const bytes = new Uint8Array([0, 255, 10, 13, 128]);
    mkdirSync(join(folder, "files"));
    writeFileSync(join(folder, "barclamp.yaml"), "x");
    writeFileSync(join(folder, "files/a.bin"), bytes);
    symlinkSync("a.bin", join(folder, "files/b.bin"));
    const { files } = await readBarclampFolder(`${folder}/`);
    expect([...files.keys()]).toEqual(["barclamp.yaml", "files/a.bin", "files/b.bin"]);
    expect(files.get("files/b.bin")).toEqual(bytes);
    symlinkSync("/etc/passwd", join(folder, "files/c"));
    await expect(readBarclampFolder(folder)).rejects.toMatchObject({ code: "PATH_ESCAPES" });
  });

  test("a link to its own folder ends", async () => {
    mkdirSync(join(folder, "files"));
    symlinkSync(".", join(folder, "files/loop"));
    await expect(readBarclampFolder(folder)).rejects.toMatchObject({ code: "FILE_TOO_LARGE" });
  });

  test("a cluster file or its folder; what is missing is a problem", async () => {
    writeFileSync(join(folder, "cluster.yaml"), "halligan: 1\n");
    expect(await readClusterFolder(folder)).toEqual({ file: join(folder, "cluster.yaml"), text: "halligan: 1\n" });
    expect((await readClusterFolder(join(folder, "cluster.yaml"))).text).toBe("halligan: 1\n");
    await expect(readClusterFolder(join(folder, "nope.yaml"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    await expect(readBarclampFolder(join(folder, "nope"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    writeFileSync(join(folder, "big.yaml"), "x".repeat(20_000_000));
    await expect(readClusterFolder(join(folder, "big.yaml"))).rejects.toMatchObject({ code: "FILE_TOO_LARGE" });
  });

  test("shipped barclamps lie beside package.json, and those of the cluster come first", async () => {
    expect(shippedBarclamps()).toBe(join(import.meta.dirname, "../../../../barclamps"));
    for (const where of ["cluster/barclamps/a", "shipped/a", "shipped/b"]) {
      mkdirSync(join(folder, where), { recursive: true });
      writeFileSync(join(folder, where, "barclamp.yaml"), "");
    }
    const { barclamps: found } = await findBarclamps(join(folder, "cluster"), join(folder, "shipped"));
    expect([...found].map(([name, { origin }]) => `${name} ${origin}`)).toEqual(["a cluster", "b shipped"]);
  });
});
