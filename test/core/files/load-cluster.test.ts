import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Problem } from "../../../src/core/errors.ts";
import { loadCluster } from "../../../src/core/files/load-cluster.ts";
import { exampleCluster } from "./examples.ts";

const load = (text: string) => loadCluster({ file: "cluster.yaml", text, defaults: { user: "me" } });
const found = (text: string): readonly string[] => load(text).problems.map(brief);

function brief(each: Problem): string {
  const at = each.at !== undefined && "line" in each.at ? `${each.at.line}:${each.at.column}` : "nowhere";
  return `${each.code} ${at} ${each.message} ${each.hint}`;
}

describe("a good file", () => {
  const { cluster, problems } = load(exampleCluster);

  test("has no problems and 23 nodes", () => {
    expect(problems).toEqual([]);
    expect(cluster?.nodes.map((node) => node.name).slice(0, 5)).toEqual(["ctl-1", "ctl-2", "ctl-3", "cmp-01", "cmp-02"]);
    expect(cluster?.nodes.length).toBe(23);
    expect(cluster?.nodes.at(-1)).toMatchObject({ name: "cmp-20", address: "10.20.1.20", labels: { tier: "compute" } });
    expect(cluster?.nodes[1]).toMatchObject({
      address: "10.20.0.12",
      labels: { tier: "control", rack: "r2" },
      ssh: { user: "ops", port: 22, become: "sudo" },
    });
  });

  test("keeps placement, rollout, budget, secrets and approvals", () => {
    expect(cluster?.deployments[0]).toMatchObject({
      place: [
        { role: "mariadb-server", on: { op: "eq", label: "tier", value: "control" }, count: 3, spread: "rack", avoid: [] },
        { role: "keystone-server", avoid: [] },
      ],
      rollout: { batch: { percent: 25 }, maxFailures: 1, onUnreachable: "skip-and-report" },
      secrets: { "keystone.adminPassword": { kind: "generate", policy: { length: 32, alphabet: "alnum", minClasses: 1 } } },
      approvals: { default: { people: 1, ttlMs: 3_600_000 }, destructive: { people: 2, excludeAuthor: true } },
      budgetMs: 1_500_000,
    });
  });

  test("knows where every value was written, also for nodes of a range", () => {
    expect(cluster?.places.get("deployments.identity.set.keystone.region")).toMatchObject({ line: 13, column: 27 });
    expect(cluster?.places.get("nodes.cmp-07.address")).toMatchObject({ line: 6, column: 27 });
    expect(cluster?.places.get("nodes.cmp-[01-20]")).toBeUndefined();
  });

  test("is the same with CRLF line ends and a byte order mark", () => {
    const other = load(`\uFEFF${exampleCluster.replaceAll("\n", "\r\n")}`);
    expect(other.problems).toEqual([]);
    expect(other.cluster?.nodes).toEqual(cluster?.nodes);
  });

  test("takes node settings before those of the cluster, jump hosts and IPv6", () => {
    const text = `halligan: 1\ncluster: c\nssh: { port: 2222, jump: ["a@gate:2200", "[::1]:23"], password: { env: PW } }
nodes: { a: { address: "fe80::1", port: 22, ssh: { user: root, hostKeys: accept-new } }, b: { address: host.example.org } }\n`;
    const [a, b] = load(text).cluster?.nodes ?? [];
    expect(a?.ssh).toMatchObject({ user: "root", port: 22, hostKeys: "accept-new", password: { kind: "env", name: "PW" } });
    expect(b?.ssh).toMatchObject({
      user: "me",
      port: 2222,
      hostKeys: "strict",
      jump: [
        { user: "a", address: "gate", port: 2200 },
        { user: "me", address: "::1", port: 23 },
      ],
    });
  });
});

describe("problems", () => {
  test("all at once, each at its place, with suggestions", () => {
    const text = exampleCluster
      .replace("count: 3", "cuont: 3")
      .replace("{ on: tier=control,", "{ on: tier==control,")
      .replace("hostKeys: strict }", "hostKeys: strct }")
      .replace("10.20.1.[1-20]", "10.20.1.[1-21]")
      .replace("deployments:", "deploymnets:");
    const all = found(text);
    expect(all.find((each) => each.startsWith("KEY_UNKNOWN 7:1"))).toContain("Did you mean `deployments`?");
    expect(all.find((each) => each.startsWith("VALUE_INVALID 3:67"))).toContain("Did you mean `strict`?");
    expect(all.find((each) => each.startsWith("RANGE_INVALID 6:35"))).toContain("range of 21");
    const inner = found(text.replace("deploymnets:", "deployments:"));
    expect(inner.find((each) => each.startsWith("KEY_UNKNOWN 10:45"))).toContain("Did you mean `count`?");
    expect(inner.some((each) => each.startsWith("SELECTOR_INVALID 10:34"))).toBe(true);
  });

  test.each([
    ["", "KEY_MISSING 1:1"],
    ["# nothing\n", "KEY_MISSING 1:1"],
    ["[]", "VALUE_INVALID 1:1"],
    ["a: [1\nb: 2\n", "YAML_INVALID 2:1"],
    ["halligan: 1\n\tcluster: a\n", "YAML_INVALID 2:1"],
    ["halligan: 1\nhalligan: 1\n", "YAML_INVALID 2:1 The key `halligan` is written twice"],
    ["__proto__: { a: 1 }\n", "YAML_INVALID 1:1 The key `__proto__`"],
    ["<<: { a: 1 }\n", "YAML_INVALID 1:1 Merge keys"],
    ["a: *b\n", "YAML_INVALID 1:4"],
    ["a: !!js/function x\n", "YAML_INVALID 1:4"],
    ["a: 1\n---\nb: 1\n", "YAML_INVALID 2:1"],
    ["cluster: \u0000\n", "FILE_NOT_TEXT 1:10"],
    ["cluster: \uFFFD\n", "FILE_NOT_TEXT 1:10"],
    ["x".repeat(10_000_000), "FILE_TOO_LARGE 1:1"],
    ["[".repeat(100_000), "YAML_INVALID"],
    ["- ".repeat(20_000), "YAML_INVALID"],
    ["halligan: 1\ncluster: c\nnodes: {}\nnetworks: {}\n", "LATER_STAGE 4:1"],
    ["halligan: 1\ncluster: c\nnodes: { a: { address: h, kind: device } }\n", "LATER_STAGE 3:27"],
    ["halligan: 1\ncluster: c\nnodes: { a-[1-2]: { address: h-[1-2] }, a-2: { address: x } }\n", "NODE_TWICE 3:41"],
    ["halligan: 1\ncluster: c\nnodes: { a: { address: h }, b: { address: H } }\n", "NODE_TWICE 3:43"],
    ["halligan: 1\ncluster: c\nnodes: { a-[3-1]: { address: h } }\n", "RANGE_INVALID 3:10"],
    ["halligan: 1\ncluster: c\nnodes: { A_b: { address: h } }\n", "VALUE_INVALID 3:10"],
    ["halligan: 1\ncluster: c\nnodes: { a: { address: 10.0.0.256 } }\n", "VALUE_INVALID 3:24"],
    ["halligan: 2\ncluster: c\nnodes: {}\n", "VALUE_INVALID 1:11"],
    ["halligan: 1\ncluster: 5\nnodes: {}\n", "VALUE_INVALID 2:10 `cluster`: expected a text, found the number 5. Put the value in quotes"],
  ])("%#", (text, expected) => {
    const all = found(text);
    expect(all.filter((each) => each.startsWith(expected)).length, all.join("\n")).toBeGreaterThan(0);
  });

  test("schema problems before a syntax error are reported with it", () => {
    const all = found("halligan: 1\nclutser: x\nnodes: { a: [1 }\n");
    expect(all.map((each) => each.split(" ")[0])).toEqual(["KEY_UNKNOWN", "YAML_INVALID"]);
  });

  test("a secret that is written out is refused and shown nowhere", () => {
    const texts = [
      exampleCluster.replace("{ generate: 32 }", "hunter2hunter2"),
      exampleCluster.replace("become: sudo", "password: hunter2hunter2, becom: sudo"),
    ];
    const misspelt = load(exampleCluster.replace("become: sudo", "passwrd: hunter2hunter2")).problems;
    expect(misspelt.map((each) => each.code)).toEqual(["KEY_UNKNOWN"]);
    expect(JSON.stringify(misspelt)).not.toContain("hunter2");
    for (const text of texts) {
      const { problems } = load(text);
      expect(problems.map((each) => each.code)).toContain("SECRET_LITERAL");
      expect(JSON.stringify(problems)).not.toContain("hunter2");
    }
  });

  test.each([
    [
      "{ generate: { length: 24, alphabet: ascii, minClasses: 4 } }",
      { kind: "generate", policy: { length: 24, alphabet: "ascii", minClasses: 4 } },
    ],
    ["{ generate: {} }", { kind: "generate", policy: { length: 32, alphabet: "alnum", minClasses: 1 } }],
    ["{ command: [pass, show, lab/db] }", { kind: "command", words: ["pass", "show", "lab/db"] }],
  ])("a secret's source: %s", (source, wanted) => {
    const { cluster, problems } = load(exampleCluster.replace("{ generate: 32 }", source));
    expect(problems).toEqual([]);
    expect(Object.values(cluster?.deployments.find((each) => Object.keys(each.secrets).length > 0)?.secrets ?? {})).toEqual([wanted]);
  });

  test.each([
    ["{ generate: { length: 7 } }", "VALUE_INVALID", "must be at least 8"],
    ["{ generate: { lenght: 32 } }", "KEY_UNKNOWN", "`lenght`"],
    ["{ generate: { alphabet: letters } }", "VALUE_INVALID", "`alnum` or `ascii`"],
    ["{ generate: { alphabet: hex, minClasses: 3 } }", "VALUE_INVALID", "hex has 2 kinds of characters, fewer than 3"],
    ["{ command: pass show lab/db }", "VALUE_INVALID", "expected a list"],
    ["{ command: [] }", "VALUE_INVALID", "must not be shorter than 1"],
    ['{ command: ["a\\0b"] }', "VALUE_INVALID", "NUL"],
    ["{ env: hunter2-hunter2 }", "VALUE_INVALID", "name of an environment variable"],
    ["{ env: X, file: y }", "VALUE_INVALID", "exactly one of"],
  ])("a secret's source that is not valid is told with its place, and not repeated: %s", (source, code, says) => {
    const { problems } = load(exampleCluster.replace("{ generate: 32 }", source));
    expect(problems.map((each) => each.code)).toEqual([code]);
    expect(problems[0]?.message).toContain(says);
    expect(problems[0]?.at).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  test("every problem carries its line", () => {
    const [first] = load("halligan: 1\nclutser: x\nnodes: {}\ncluster: c\n").problems;
    expect(first?.at).toEqual({ file: "cluster.yaml", line: 2, column: 1, text: "clutser: x" });
  });

  test("aliases are followed, but not for ever", () => {
    expect(
      load(
        "halligan: 1\ncluster: c\nnodes: { a: &n { address: x }, b: { address: y, labels: &l { t: u } }, c: { address: z, labels: *l } }\n",
      ).cluster?.nodes[2]?.labels,
    ).toEqual({ t: "u" });
    const letters = "abcdefghi".split("");
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      ...letters.slice(1).map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${letters[index]}`).join(",")}]`),
    ];
    expect(found(bomb.join("\n")).some((each) => each.includes("once aliases are followed"))).toBe(true);
  });
});

describe("never throws", () => {
  test("on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => load(text).problems.length > 0),
      { numRuns: 300 },
    );
  });

  test("on a good file with pieces cut out, doubled and overwritten", () => {
    const piece = fc.constantFrom(
      "",
      "[",
      "{",
      "}",
      ":",
      "\n",
      "\t",
      "&a ",
      "*a",
      "!!x ",
      '"',
      "'",
      "|",
      "- ",
      "[1-",
      "__proto__",
      "null",
      "1e99",
      "\u0000",
      "🦊",
    );
    fc.assert(
      fc.property(fc.nat(exampleCluster.length), fc.nat(40), piece, (at, length, instead) => {
        const text = exampleCluster.slice(0, at) + instead + exampleCluster.slice(at + length);
        const { cluster, problems } = load(text);
        expect(cluster === undefined).toBe(problems.length > 0);
        for (const each of problems) expect(each.at).toMatchObject({ file: "cluster.yaml" });
      }),
      { numRuns: 400 },
    );
  });
});
