import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runMigrationFixture } from "../../../src/core/commands/fixture-migration.ts";
import type { FoundBarclamp } from "../../../src/core/commands/local.ts";
import { carryCluster } from "../../../src/core/files/carry-cluster.ts";
import { deprecations } from "../../../src/core/files/deprecations.ts";
import { loadBarclamp } from "../../../src/core/files/load-barclamp.ts";
import { loadCluster } from "../../../src/core/files/load-cluster.ts";
import { carryAfter, stepsBetween } from "../../../src/core/files/migration-path.ts";
import { carriedText } from "../../../src/core/intent/carry-edits.ts";
import type { Barclamp } from "../../../src/core/model/barclamp.ts";
import type { Cluster } from "../../../src/core/model/cluster.ts";
import type { MigrationStep } from "../../../src/core/model/migration-file.ts";
import { fakeKinds } from "./kinds.ts";

const two = `barclamp: web
version: 2.0.0
attributes:
  address: { type: address, default: 0.0.0.0 }
  port: { type: port, default: 80 }
  pause: { type: duration, default: 5s }
  workers: { type: integer, default: 8 }
  verbose: { type: boolean, default: false, deprecated: { since: 2.0.0, use: journald, why: logs go there } }
  peers: { type: list, default: [] }
migrations:
  - to: 2.0.0
    up:
      - split: { whole: listen, pattern: "(?<address>[^:]+):(?<port>[0-9]+)", text: "{address}:{port}", defaults: { address: 0.0.0.0, port: 80 } }
      - convert: { attribute: seconds, from: integer, to: duration, text: "{value}s", pattern: "(?<value>[0-9]+)s" }
      - rename: { from: seconds, to: pause }
      - convert: { attribute: verbose, from: string, to: boolean, values: [["yes", true], ["no", false]] }
      - convert: { attribute: peers, from: string, to: list }
      - remove: { attribute: legacy }
      - default: { attribute: workers, was: 4 }
roles: { web: { deprecated: { since: 1.9.0, why: use a real one }, steps: [] } }
`;
const one = `barclamp: web
version: 1.0.0
attributes:
  listen: { type: string, default: 0.0.0.0:80 }
  seconds: { type: integer, default: 5 }
  workers: { type: integer, default: 4 }
  verbose: { type: string, default: "no" }
  peers: { type: string, default: "" }
  legacy: { type: string, default: "" }
roles: { web: { steps: [] } }
`;

function barclamp(text: string): Barclamp {
  const { barclamp: found, problems } = loadBarclamp(
    { folder: "web", files: new Map([["barclamp.yaml", new TextEncoder().encode(text)]]) },
    fakeKinds,
  );
  expect(problems).toEqual([]);
  return found as Barclamp;
}

function clusterText(set: string, more = ""): string {
  return `halligan: 1\ncluster: c\nnodes:\n  n-[1-2]: { address: "10.0.0.[1-2]"${more} }\ndeployments:\n  w:\n    place: { web: all }\n    set:\n      web: ${set}\n`;
}

function cluster(text: string): Cluster {
  const { cluster: found, problems } = loadCluster({ file: "cluster.yaml", text, defaults: { user: "u" } });
  expect(problems).toEqual([]);
  return found as Cluster;
}

const newer = barclamp(two);
const none = new Map<string, never>();
const carry = (text: string): ReturnType<typeof carryCluster> => carryCluster(cluster(text), new Map([["web", newer]]), none);
const setOf = (found: Cluster): unknown => found.deployments[0]?.set["web"];

describe("settings of the version before", () => {
  const old = clusterText('{ listen: "10.0.0.1:8080", seconds: 30, verbose: "yes", peers: a, legacy: x, workers: 2 }');

  test("are carried over in memory, each with a warning at its line", () => {
    const { cluster: now, notices, problems } = carry(old);
    expect(problems).toEqual([]);
    expect(setOf(now)).toEqual({ address: "10.0.0.1", port: 8080, pause: "30s", verbose: true, peers: ["a"], workers: 2 });
    expect(notices.map(({ code, at }) => [code, at !== undefined && "line" in at ? at.line : 0])).toEqual(
      Array(5).fill(["SETTING_CARRIED", 9]),
    );
    expect(notices.map((each) => each.message)).toContain(
      '`deployments.w.set.web.seconds` is written for another version of web; for 2.0.0 it is taken as `pause: "30s"`.',
    );
    expect(now.places.get("deployments.w.set.web.port")).toEqual(now.places.get("deployments.w.set.web.listen"));
  });

  test("are left alone once they were written anew", () => {
    const text = carriedText(old, new Map([["web", newer]]), none);
    expect(carry(text)).toMatchObject({ notices: [], problems: [] });
    expect(setOf(cluster(text))).toEqual(setOf(carry(old).cluster));
    expect(carriedText(text, new Map([["web", newer]]), none)).toBe(text);
  });

  test("stand where they stood when they are written anew, with the comments beside them", () => {
    const text = `${clusterText("").trimEnd()}
        # where it is reached
        listen: "10.0.0.1:8080" # by the balancer
        workers: 2 # enough
        seconds: 30 # not less
`;
    expect(carriedText(text, new Map([["web", newer]]), none)).toBe(`${clusterText("").trimEnd()}
        # where it is reached
        address: "10.0.0.1" # by the balancer
        workers: 2 # enough
        pause: 30s # not less
        port: 8080
`);
  });

  test("of nodes that are written together are told once, and edited once", () => {
    const text = clusterText("{ workers: 1 }", ', set: { web: { listen: "10.0.0.9:1" } }');
    const { cluster: now, notices } = carry(text);
    expect(notices).toHaveLength(1);
    expect(now.nodes.map((each) => each.set["web"])).toEqual(Array(2).fill({ address: "10.0.0.9", port: 1 }));
    expect(carriedText(text, new Map([["web", newer]]), none)).toContain('set: { web: { address: "10.0.0.9", port: 1 } }');
  });

  test.each([
    ["a form that is not known", '{ listen: "nowhere" }'],
    ["old and new side by side", '{ listen: "10.0.0.1:80", port: 81 }'],
    ["a list in place of a text", "{ listen: [a] }"],
    ["a value that no pair has", '{ verbose: "maybe" }'],
  ])("%s needs a person", (_what, set) => {
    const { problems, notices } = carry(clusterText(set));
    expect(problems.map((each) => each.code)).toEqual(["SETTING_NOT_CARRIED"]);
    expect(notices).toEqual([]);
  });

  test("a default that was is kept where the lock file says so, until something is set", () => {
    const steps = stepsBetween(newer.migrations, "1.0.0", "2.0.0").filter((each) => each.default !== undefined);
    const kept = (text: string): unknown =>
      setOf(carryCluster(cluster(text), new Map([["web", newer]]), new Map([["web", steps]])).cluster);
    expect(kept(clusterText("{ port: 1 }"))).toEqual({ port: 1, workers: 4 });
    expect(kept(clusterText("{ workers: 9 }"))).toEqual({ workers: 9 });
    expect(kept(`${clusterText("{ port: 1 }")}set: { web: { workers: 3 } }\n`)).toEqual({ port: 1 });
  });
});

test("the way back restores what was, whatever the values", () => {
  const older = barclamp(one);
  const down = new Map([["web", stepsBetween(newer.migrations, "2.0.0", "1.0.0")]]);
  const values = fc.record({
    port: fc.integer({ min: 1, max: 65_535 }),
    seconds: fc.nat(9999),
    verbose: fc.boolean(),
    workers: fc.nat(99),
  });
  fc.assert(
    fc.property(values, ({ port, seconds, verbose, workers }) => {
      const text = clusterText(
        `{ listen: "10.0.0.1:${port}", seconds: ${seconds}, verbose: "${verbose ? "yes" : "no"}", peers: a, workers: ${workers} }`,
      );
      const up = carriedText(text, new Map([["web", newer]]), none);
      const back = carriedText(up, new Map([["web", older]]), down);
      expect(setOf(cluster(back))).toEqual(setOf(cluster(text)));
      // settings that are of the older version already stay
      expect(carriedText(text, new Map([["web", older]]), down)).toBe(text);
    }),
    { numRuns: 40 },
  );
});

describe("a default that was another one, of an attribute that has another name since", () => {
  const text = (version: string, attribute: string, more: string): string =>
    `barclamp: web\nversion: ${version}\nattributes: { ${attribute} }\n${more}roles: { web: { steps: [] } }\n`;
  const up = `migrations:
  - to: 2.0.0
    up:
      - convert: { attribute: days, from: integer, to: duration, text: "{value}d", pattern: "(?<value>[0-9]+)d" }
      - rename: { from: days, to: keep }
      - default: { attribute: keep, was: 7d }
`;
  const [v1, v2] = [
    barclamp(text("1.0.0", "days: { type: integer, default: 7 }", "")),
    barclamp(text("2.0.0", "keep: { type: duration, default: 14d }", up)),
  ];
  const taken = (version: Barclamp, set: string, steps: readonly MigrationStep[]): unknown => {
    const { cluster: now, problems } = carryCluster(cluster(clusterText(set)), new Map([["web", version]]), new Map([["web", steps]]));
    return problems.length === 0 ? setOf(now) : problems;
  };
  const down = carryAfter([], v2.migrations, "2.0.0", "1.0.0");

  test("stays on the way back too, where nothing is set", () => {
    expect(taken(v1, "{}", down)).toEqual({ days: 14 });
    expect(taken(v1, "{ keep: 3d }", down)).toEqual({ days: 3 });
    expect(taken(v1, "{ days: 3 }", down)).toEqual({ days: 3 });
  });

  test("and what was noted for one way is not needed any more after the other", () => {
    const kept = carryAfter([], v2.migrations, "1.0.0", "2.0.0");
    expect(taken(v2, "{}", kept)).toEqual({ keep: "7d" });
    expect(carryAfter(kept, v2.migrations, "2.0.0", "1.0.0")).toEqual([]);
    expect(carryAfter(down, v2.migrations, "1.0.0", "2.0.0")).toEqual([]);
    const other = { to: "1.5.0", up: [{ remove: { attribute: "x" } }], down: [{ remove: { attribute: "y" } }] };
    const far = carryAfter([], [other, ...v2.migrations], "2.0.0", "1.0.0");
    expect(carryAfter(far, [other], "1.0.0", "1.5.0")).toEqual(down);
  });
});

test("parts that stand in different places are not joined by guessing", () => {
  const down = new Map([["web", stepsBetween(newer.migrations, "2.0.0", "1.0.0")]]);
  const text = `${clusterText("{ port: 81 }")}set: { web: { address: 10.0.0.7 } }\n`;
  const { problems } = carryCluster(cluster(text), new Map([["web", barclamp(one)]]), down);
  expect(problems.map((each) => each.code)).toEqual(["SETTING_NOT_CARRIED", "SETTING_NOT_CARRIED"]);
});

test("steps between versions: several versions at once, in order, and none beyond", () => {
  const step = (to: string) => ({
    to,
    up: [{ remove: { attribute: `up${to.replaceAll(".", "")}` } }],
    down: [{ remove: { attribute: `down${to.replaceAll(".", "")}` } }],
  });
  const all = [step("1.9"), step("1.10"), step("2.0")];
  const names = (from: string, to: string): unknown => stepsBetween(all, from, to).map((each) => each.remove?.attribute);
  expect(names("1.8", "2.0")).toEqual(["up19", "up110", "up20"]);
  expect(names("1.9", "1.10")).toEqual(["up110"]);
  expect(names("2.1", "1.9")).toEqual(["down20", "down110"]);
  expect(names("2.0", "2.0")).toEqual([]);
});

test.each([
  ["leads to an attribute that is not there", "rename: { from: a, to: nowhere }"],
  ["is no regular expression", 'split: { whole: a, pattern: "(", text: "{port}" }'],
  ["does not write its parts", 'split: { whole: a, pattern: "(?<port>.*)", text: "x" }'],
  ["would be done twice", "convert: { attribute: port, from: port, to: port }"],
  ["could be done twice", "convert: { attribute: port, from: integer, to: port, values: [[1, 2], [2, 3]] }"],
  ["has no way back", 'convert: { attribute: pause, from: integer, to: duration, text: "{value}s" }'],
])("a step that %s is refused while the barclamp is loaded", (_what, step) => {
  const text = `${two.slice(0, two.indexOf("migrations:"))}migrations: [ { to: 2.0.0, up: [ { ${step} } ] } ]\nroles: {}\n`;
  const { problems } = loadBarclamp({ folder: "web", files: new Map([["barclamp.yaml", new TextEncoder().encode(text)]]) }, fakeKinds);
  expect(problems.map((each) => each.code)).toEqual(["MIGRATION_INVALID"]);
});

test("a step with two keys, or none, is refused", () => {
  for (const step of ["{}", "{ remove: { attribute: a }, rename: { from: a, to: port } }"]) {
    const text = `${two.slice(0, two.indexOf("migrations:"))}migrations: [ { to: 2.0.0, up: [ ${step} ] } ]\nroles: {}\n`;
    const { problems } = loadBarclamp({ folder: "web", files: new Map([["barclamp.yaml", new TextEncoder().encode(text)]]) }, fakeKinds);
    expect(problems.map((each) => each.code)).toEqual(["VALUE_INVALID"]);
  }
});

describe("fixtures", () => {
  const found: FoundBarclamp = { name: "web", folder: "web", origin: "cluster", hides: false, barclamp: newer, problems: [] };
  const run = (text: string): readonly string[] => runMigrationFixture(found, { file: "f.yaml", text }).problems.map((each) => each.code);
  const way = "migrate: { from: 1.0.0, to: 2.0.0 }\n";
  test.each([
    ["as it comes out", `${way}before: { listen: "a:1" }\nafter: { address: a, port: 1, workers: 4 }`, []],
    ["back", 'migrate: { from: 2.0.0, to: 1.0.0 }\nbefore: { port: 1 }\nafter: { listen: "0.0.0.0:1", workers: 8 }', []],
    ["another value", `${way}before: { listen: "a:1" }\nafter: { address: a, port: 2, workers: 4 }`, ["MIGRATION_DIFFERS"]],
    [
      "a value that the version does not take",
      `${way}before: { listen: "a:99999" }\nafter: { address: a, port: 99999, workers: 4 }`,
      ["VALUE_INVALID"],
    ],
    ["what cannot be carried over", `${way}before: { listen: x }\nfails: [listen]`, []],
    [
      "what was renamed on the way, by its name before",
      `migrate: { from: 2.0.0, to: 1.0.0 }\nbefore: { pause: 1500ms }\nfails: [pause]`,
      [],
    ],
    ["what can, against what is said", `${way}before: { listen: "a:1" }\nfails: [listen]`, ["MIGRATION_DIFFERS"]],
    ["a version that is not there yet", "migrate: { from: 2.0.0, to: 3.0.0 }\nbefore: {}\nafter: {}", ["MIGRATION_DIFFERS"]],
    ["neither after nor fails", `${way}before: {}`, ["VALUE_INVALID"]],
  ])("%s", (_what, text, codes) => {
    expect(run(text)).toEqual(codes);
  });
});

test("what is deprecated is told where a cluster uses it, and nowhere else", () => {
  const found = deprecations(cluster(clusterText("{ verbose: true, port: 1 }")), new Map([["web", newer]]));
  expect(found.map(({ code, hint }) => [code, hint])).toEqual([
    ["ROLE_DEPRECATED", expect.stringContaining("Place what")],
    ["SETTING_DEPRECATED", "Use journald in its place."],
  ]);
  expect(deprecations(cluster(clusterText("{ port: 1 }")), new Map([["web", barclamp(one)]]))).toEqual([]);
});
