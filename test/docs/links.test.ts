import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { anchor, documents, prose, root } from "./markdown.ts";

/** Relative links of a document, as written. */
function links(markdown: string): readonly string[] {
  const found = [...prose(markdown).matchAll(/\]\(([^)\s]+)\)/gu)].map(([, target = ""]) => target);
  return found.filter((target) => !/^[a-z]+:/u.test(target));
}

function anchors(path: string): ReadonlySet<string> {
  const text = readFileSync(path, "utf8").replaceAll(/^```[\s\S]*?^```$/gmu, "");
  return new Set([...text.matchAll(/^#{1,6} (.+)$/gmu)].map(([, heading = ""]) => anchor(heading)));
}

/** What is wrong with a link, if anything. */
function broken(document: string, target: string): string | undefined {
  const [path = "", hash] = target.split("#", 2);
  const file = path === "" ? join(root, document) : join(root, dirname(document), path);
  if (!file.startsWith(root)) return `${document}: ${target} leads out of the repository`;
  if (!existsSync(file)) return `${document}: ${target} does not exist`;
  if (hash === undefined || statSync(file).isDirectory()) return undefined;
  return anchors(file).has(hash) ? undefined : `${document}: ${target} has no such heading`;
}

describe("links", () => {
  const all = documents();

  test("the documents that people are sent to are there", () => {
    expect(all).toEqual(
      expect.arrayContaining([
        "README.md",
        "CHANGELOG.md",
        "docs/README.md",
        "docs/architecture.md",
        "docs/threat-model.md",
        "docs/errors.md",
      ]),
    );
    expect(all.filter((path) => path.startsWith("docs/adr/")).length).toBeGreaterThan(4);
  });

  test("every relative link leads to a file, and to a heading in it", () => {
    const found = all.map((path) => ({ path, targets: links(readFileSync(join(root, path), "utf8")) }));
    expect(found.reduce((sum, { targets }) => sum + targets.length, 0)).toBeGreaterThan(40);
    expect(found.flatMap(({ path, targets }) => targets.flatMap((target) => broken(path, target) ?? []))).toEqual([]);
  });

  test("every document below docs can be reached from the index", () => {
    const index = new Set(
      links(readFileSync(join(root, "docs/README.md"), "utf8")).map((target) => join("docs", target.split("#")[0] ?? "")),
    );
    expect(all.filter((path) => path.startsWith("docs/") && path !== "docs/README.md" && !index.has(path))).toEqual([]);
  });

  test("source files and tests that documents name exist", () => {
    const named = all.flatMap((path) =>
      [...readFileSync(join(root, path), "utf8").matchAll(/`((?:src|test|docs|examples|barclamps|scripts|bin)\/[A-Za-z0-9_./-]+)`/gu)].map(
        ([, name = ""]) => ({ path, name }),
      ),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ name }) => !existsSync(join(root, name))).map(({ path, name }) => `${path}: ${name}`)).toEqual([]);
  });

  test("broken links are found", () => {
    expect(broken("README.md", "docs/nothing.md")).toContain("does not exist");
    expect(broken("README.md", "docs/errors.md#nothing")).toContain("no such heading");
    expect(broken("README.md", "../x")).toContain("leads out");
    expect(broken("docs/json.md", "errors.md")).toBeUndefined();
    expect(links("a [b](c.md) `[d](e.md)` <https://x> [y](https://z)")).toEqual(["c.md"]);
  });
});
