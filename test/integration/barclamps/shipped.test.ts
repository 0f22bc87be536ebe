import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ClusterFolder } from "./halligan.ts";

const root = join(import.meta.dirname, "../../..");
const names = (folder: string): readonly string[] => readdirSync(join(root, folder));

test("every shipped barclamp says what it is for, and why its defaults are what they are", async () => {
  const list = await new ClusterFolder(root).run("barclamp", "list", "--json");
  expect(list.stdout).toContain('"hello-web"');
  for (const name of names("barclamps")) {
    const text = readFileSync(join(root, "barclamps", name, "barclamp.yaml"), "utf8");
    expect(text, name).toMatch(/^description: \|\n/mu);
    const attributes = text.slice(text.indexOf("\nattributes:"), text.indexOf("\nroles:")).match(/^ {2}\w+:.*$/gmu) ?? [];
    expect(
      attributes.filter((line) => !line.includes("why:")),
      name,
    ).toEqual([]);
    expect(names(`barclamps/${name}/fixtures`), name).toEqual(expect.arrayContaining(["fresh.yaml", "unchanged.yaml"]));
  }
});

test("the fixtures of all shipped barclamps hold", async () => {
  const { code, stdout } = await new ClusterFolder(root).run("barclamp", "test", "--json");
  const { summary, untested } = JSON.parse(stdout) as {
    readonly summary: { readonly passed: number; readonly failed: number };
    readonly untested: readonly string[];
  };
  expect({ code, failed: summary.failed, untested, some: summary.passed >= 28 }).toEqual({ code: 0, failed: 0, untested: [], some: true });
});

describe.each(names("examples"))("examples/%s", (name) => {
  test("is valid, and names the demonstration services by their digests", async () => {
    const folder = new ClusterFolder(join(root, "examples", name));
    const { code, stdout, stderr } = await folder.run("validate");
    expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
    const digestOf = (file: string): string =>
      createHash("sha256")
        .update(readFileSync(join(root, "barclamps/app/files", file)))
        .digest("hex");
    const text = readFileSync(folder.file, "utf8");
    for (const [, file = "", digest] of text.matchAll(/^ +archive: (\w+\.pl)\n +sha256: (\w+)$/gmu)) expect(digest).toBe(digestOf(file));
  });
});
