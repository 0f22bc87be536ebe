import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseArguments } from "../../src/core/commands/arguments.ts";
import { commands } from "../../src/core/commands/registry.ts";
import { loadCluster } from "../../src/core/files/load-cluster.ts";
import { commandLines, documents, fences, root } from "./markdown.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");
const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly scripts: Readonly<Record<string, string>> })
  .scripts;

/** Problems of a command line as the program would tell them. The first word of a group alone is none: it gives help. */
function problemsOf(line: string): readonly string[] {
  return parseArguments(line.split(/\s+/u).slice(1), commands).problems.map((each) => `${line}: ${each.message}`);
}

describe("README", () => {
  const lines = commandLines(readme);

  test("names the commands of a first cluster, in their order", () => {
    const first = ["halligan init", "halligan validate", "halligan discover", "halligan plan", "halligan apply", "halligan status"];
    const blocks = fences(readme)
      .map((each) => each.text)
      .join("\n");
    const places = first.map((command) => blocks.indexOf(command, blocks.indexOf("halligan init")));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(lines.length).toBeGreaterThan(12);
  });

  test("every npm script that it names exists", () => {
    const named = [...readme.matchAll(/\bnpm (start|test|run [a-z:]+)/gu)].map(([, name = ""]) => name.replace("run ", ""));
    expect(new Set(named).size).toBeGreaterThan(2);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  test("its cluster file is valid", () => {
    const [yaml] = fences(readme).filter((each) => each.language === "yaml");
    const { cluster, problems } = loadCluster({ file: "cluster.yaml", text: yaml?.text ?? "", defaults: { user: "root" } });
    expect(problems).toEqual([]);
    expect(cluster?.nodes.map((node) => `${node.name} ${node.address}`)).toEqual(["web-1 10.77.2.11", "web-2 10.77.2.12"]);
  });

  test("what comes with the package is there", () => {
    expect(["LICENSE", "CHANGELOG.md", "bin/halligan", "examples"].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

test.each(documents().map((path) => [path]))("%s: every command line names a command, arguments and options that exist", (path) => {
  expect(commandLines(readFileSync(join(root, path), "utf8")).flatMap(problemsOf)).toEqual([]);
});

test("a command line that does not exist is found", () => {
  expect(commandLines("`halligan aply --yes`\n\n```sh\n$ halligan plan --fast # quick\n```\n").flatMap(problemsOf)).toEqual([
    "halligan plan --fast: `plan` has no option `--fast`.",
    "halligan aply --yes: There is no command `aply`.",
  ]);
});
