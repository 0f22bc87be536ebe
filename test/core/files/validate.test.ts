import { describe, expect, test } from "vitest";
import { loadBarclamp } from "../../../src/core/files/load-barclamp.ts";
import { loadCluster } from "../../../src/core/files/load-cluster.ts";
import { resolveSettings } from "../../../src/core/files/settings.ts";
import { validateCluster } from "../../../src/core/files/validate-cluster.ts";
import type { Barclamp } from "../../../src/core/model/barclamp.ts";
import type { Cluster } from "../../../src/core/model/cluster.ts";
import { fakeKinds } from "./kinds.ts";

const webText = `barclamp: web
version: 1.0.0
attributes:
  port: { type: port, default: 80 }
  wait: { type: duration, default: 4h }
  size: { type: size }
  name: { type: string, required: true }
  token: { type: secret, required: true }
roles: { web: { provides: [site], conflicts: [lb] }, lb: {} }
`;
const web = loadBarclamp({ folder: "web", files: new Map([["barclamp.yaml", new TextEncoder().encode(webText)]]) }, fakeKinds)
  .barclamp as Barclamp;
const barclamps = new Map([["web", web]]);

const good = `halligan: 1
cluster: c
set: { web: { name: everywhere, port: 81 } }
nodes:
  a-[1-3]: { address: 10.0.0.[1-3], labels: { tier: web, rack: "r[1-3]" }, set: { web: { size: 2K } } }
  b: { address: 10.0.0.9, labels: { tier: lb } }
groups:
  first: { on: rack=r1, set: { web: { port: 83, wait: 5s } } }
  later: { on: tier=web, set: { web: { wait: 6s } } }
deployments:
  site:
    place: { web: { on: tier=web, count: 2, spread: rack }, lb: tier=lb }
    set: { web: { port: 82 } }
    secrets: { web.token: { env: TOKEN } }
    use: { site: web }
`;
const cluster = (text: string): Cluster => {
  const { cluster: made, problems } = loadCluster({ file: "c.yaml", text, defaults: { user: "u" } });
  if (made === undefined) throw new TypeError(JSON.stringify(problems));
  return made;
};
const found = (text: string): readonly string[] =>
  validateCluster(cluster(text), barclamps).map(
    (each) =>
      `${each.code} ${each.at !== undefined && "line" in each.at ? `${each.at.line}:${each.at.column}` : "-"} ${each.message} ${each.hint}`,
  );

describe("settings", () => {
  const made = cluster(good);
  const [site] = made.deployments;
  const at = (name: string) => resolveSettings(made, site!, made.nodes.find((node) => node.name === name)!, web);

  test("the first layer wins, normalised, with its origin", () => {
    const { values, problems } = at("a-1");
    expect(problems).toEqual([]);
    expect(values["port"]).toMatchObject({ value: 83, layer: "group", name: "first", place: { line: 8 } });
    expect(values["wait"]).toMatchObject({ value: 5000, layer: "group", name: "first" });
    expect(values["size"]).toMatchObject({ value: 2048, layer: "node", name: "a-1", place: { line: 5 } });
    expect(values["name"]).toMatchObject({ value: "everywhere", layer: "cluster", place: { line: 3 } });
    expect(values["token"]).toMatchObject({ value: { secret: "site/web.token" }, layer: "secrets", place: { line: 14 } });
    expect(at("a-2").values["wait"]).toMatchObject({ value: 6000, name: "later" });
    expect(at("b").values).toMatchObject({
      port: { value: 82, layer: "deployment" },
      wait: { value: 14_400_000, layer: "default" },
      size: { value: null, layer: "default" },
    });
  });
});

describe("validateCluster", () => {
  test("has nothing to say about a good cluster", () => {
    expect(found(good)).toEqual([]);
  });

  test.each([
    ["place: { web:", "place: { wbe:", "ROLE_UNKNOWN 12:14"],
    ["port: 82", "prot: 82", "SETTING_UNKNOWN 13:25 Barclamp web has no attribute `prot`. Did you mean `port`?"],
    ["port: 82", "port: 0", "VALUE_INVALID 13:25"],
    ["set: { web: { port: 82 } }", "set: { wbe: { port: 82 } }", "BARCLAMP_UNKNOWN 13:12"],
    ["name: everywhere, ", "", "SETTING_MISSING 11:3 Deployment site needs `name` of barclamp web"],
    ["web.token: { env: TOKEN }", "", "SETTING_MISSING 11:3 Deployment site needs `token`"],
    [
      "web.token: { env: TOKEN }",
      "web.tokn: { env: TOKEN }",
      "SETTING_UNKNOWN 14:16 Barclamp web has no secret `tokn`. Did you mean `token`?",
    ],
    ["web.token: { env: TOKEN }", "web.port: { env: TOKEN }", "SETTING_UNKNOWN 14:16 `port` of barclamp web is not a secret"],
    ["web.token: { env: TOKEN }", "wb.token: { env: TOKEN }", "BARCLAMP_UNKNOWN 14:16"],
    ["use: { site: web }", "use: { site: lb }", "PROVIDER_INVALID 15:18"],
    ["use: { site: web }", "use: { site: webb }", "ROLE_UNKNOWN 15:18"],
    ["on: rack=r1", "on: rack=r9", "SELECTOR_EMPTY 8:16 Group first"],
    ["count: 2", "count: 4", "PLACEMENT_SHORT 12:14 deployment site wants 4 nodes for web and gets 3"],
    ["lb: tier=lb", "lb: tier=nope", "PLACEMENT_EMPTY 12:65"],
    [
      "spread: rack",
      "spread: rak",
      "SELECTOR_EMPTY 12:53 web shall be spread over label `rak`, which none of its nodes has. Did you mean `rack`?",
    ],
    ["lb: tier=lb", "lb: all", "ROLE_CONFLICT -"],
  ])("%s -> %s", (from, to, expected) => {
    const all = found(good.replace(from, to));
    expect(all.filter((each) => each.startsWith(expected)).length, all.join("\n")).toBe(1);
  });

  test("a role that two deployments place on a node", () => {
    const all = found(`${good}  other: { place: { lb: all }, secrets: { web.token: { ask: true } } }\n`);
    expect(all.filter((each) => each.startsWith("ROLE_TWICE")).length, all.join("\n")).toBe(1);
  });

  test("a secret in a layer is refused, once, and shown nowhere", () => {
    const problems = validateCluster(cluster(good.replace("size: 2K", "token: hunter2hunter2")), barclamps);
    expect(problems.map((each) => each.code)).toEqual(["SECRET_LITERAL"]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });
});
