import { expect, test } from "vitest";
import { loadBarclamp } from "../../../src/core/files/load-barclamp.ts";
import { loadCluster } from "../../../src/core/files/load-cluster.ts";
import { resolveSettings } from "../../../src/core/files/settings.ts";
import { kindView } from "../../../src/core/jigs/shell/kind-view.ts";
import { stepKinds } from "../../../src/core/jigs/shell/kinds/index.ts";
import type { Barclamp } from "../../../src/core/model/barclamp.ts";
import { explain } from "../../../src/core/plan/explain.ts";
import { make } from "./support.ts";

const clusterText = `
halligan: 1
cluster: lab-a
nodes:
  ctl-[1-3]: { address: 10.20.0.1[1-3], labels: { tier: control, rack: r[1-3] } }
deployments:
  identity:
    place:
      mariadb-server:  { on: tier=control, count: 1 }
      keystone-server: { on: tier=control & rack!=r1 }
    set:
      keystone: { region: RegionTwo, tokenLifetime: 4h }
    secrets:
      keystone.adminPassword: { generate: 32 }
      mariadb.password: { generate: 32 }
`;

const mariadbText = `
barclamp: mariadb
version: 1.0.0
attributes:
  password: { type: secret, required: true }
roles:
  mariadb-server:
    steps:
      - package: mariadb-server
    outputs: { url: { type: url, capability: sql, value: "mysql://root:{{ set.password }}@{{ node.address }}/" } }
`;

const keystoneText = `
barclamp: keystone
version: 1.0.0
attributes:
  region:        { type: string, default: RegionOne, why: one-region clouds dominate }
  tokenLifetime: { type: duration, min: 5m, max: 7d, default: 1h }
  adminPassword: { type: secret, required: true }
roles:
  keystone-server:
    requires: [sql]
    inputs: { db: { from: sql.url } }
    steps:
      - package: [keystone, apache2]
      - file: { path: /etc/keystone/keystone.conf, mode: "0640", notify: apache2, content: "db = {{ inputs.db }}\\nexpire = {{ set.tokenLifetime | seconds }}\\n" }
      - template: { path: /etc/motd, source: motd }
      - command: { name: schema, run: keystone-manage db_sync, once: deployment, unless: "test -e /x" }
      - service: { name: apache2, state: running, enabled: true }
    outputs: { endpoint: { type: url, capability: identity, value: "http://{{ node.address }}:5000/v3" } }
`;

function barclampOf(folder: string, yaml: string, files: Readonly<Record<string, string>> = {}): Barclamp {
  const bytes = new Map(Object.entries({ "barclamp.yaml": yaml, ...files }).map(([path, text]) => [path, new TextEncoder().encode(text)]));
  const { barclamp, problems } = loadBarclamp({ folder, files: bytes }, stepKinds);
  expect(problems).toEqual([]);
  if (barclamp === undefined) throw new Error("no barclamp");
  return barclamp;
}

test("cluster file and barclamps become resolved node-roles of real step kinds", () => {
  const { cluster, problems } = loadCluster({ file: "cluster.yaml", text: clusterText, defaults: { user: "ops" } });
  expect(problems).toEqual([]);
  if (cluster === undefined) throw new Error("no cluster");
  const barclamps = [
    barclampOf("barclamps/keystone", keystoneText, { "templates/motd": "{{ set.region }} on {{ node.name }}\n" }),
    barclampOf("barclamps/mariadb", mariadbText),
  ];
  const made = make(cluster, barclamps, {
    kinds: kindView,
    settings: (bound) => resolveSettings(cluster, bound.deployment, bound.node, bound.barclamp),
    secrets: () => ({ value: "s3cr3t", version: 2 }),
  });
  expect(made.problems).toEqual([]);
  expect(made.graph.nodeRoles.map((each) => [each.bound.id, each.cohort])).toEqual([
    ["ctl-1/mariadb-server", 0],
    ["ctl-2/keystone-server", 1],
    ["ctl-3/keystone-server", 1],
  ]);
  const { resolved, problems: wrong, inputs, secrets } = made.resolve("ctl-3/keystone-server");
  expect(wrong).toEqual([]);
  expect(resolved.steps.map((each) => [each.kind, each.secret])).toEqual([
    ["package", false],
    ["file", true],
    ["template", false],
    ["service", false],
  ]);
  expect(resolved.steps[1]?.args["content"]).toBe("db = mysql://root:s3cr3t@10.20.0.11/\nexpire = 14400\n");
  expect(resolved.steps[1]?.notify).toEqual([resolved.steps[3]?.id]);
  expect(new TextDecoder().decode(resolved.steps[2]?.blobs["source"]?.bytes)).toBe("RegionTwo on ctl-3\n");
  expect(inputs["db"]).toEqual({ known: true, value: "mysql://root:[secret mariadb.password]@10.20.0.11/" });
  expect(secrets).toEqual([{ name: "identity/mariadb.password", version: 2 }]);
  expect(made.resolve("ctl-2/keystone-server").resolved.steps.some((each) => each.kind === "command")).toBe(true);
  const why = explain({ id: "ctl-3/keystone-server", cluster, graph: made.graph, resolver: made.resolver });
  expect(why).toMatchObject({
    why: {
      placement: { on: "tier=control & rack!=r1", place: { file: "cluster.yaml", line: 10 } },
      settings: [
        { name: "adminPassword", value: "[secret keystone.adminPassword]", secret: true },
        { name: "region", value: "RegionTwo", layer: "deployment", layerName: "identity", place: { line: 12 } },
        { name: "tokenLifetime", value: 14_400_000 },
      ],
    },
  });
});
