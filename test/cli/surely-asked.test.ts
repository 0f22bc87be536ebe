import { expect, test } from "vitest";
import { surelyAsked } from "../../src/cli/house/surely-asked.ts";
import { loadCluster } from "../../src/core/files/load-cluster.ts";

const head = `halligan: 1
cluster: lab
ssh: { user: root, key: ~/.ssh/id }
nodes:
  a: { address: 192.0.2.1, labels: { tier: web } }
  b: { address: 192.0.2.2, labels: { tier: web }, ssh: { transport: openssh } }
  c: { address: 192.0.2.3, labels: { tier: web }, ssh: { jump: [root@192.0.2.9] } }
  d: { address: 192.0.2.4, labels: { tier: db } }
  e: { address: 192.0.2.5 }
`;
const placed = `deployments:
  web: { place: { nginx: { on: tier=web } } }
  db: { place: { postgresql: { on: tier=db } } }
  some: { place: { redis: { on: all, count: 1 }, memcached: { on: all, avoid: [nginx] } } }
`;

function asked(text: string, wanted: Partial<Parameters<typeof surelyAsked>[1]> = {}): readonly string[] {
  const { cluster, problems } = loadCluster({ file: "cluster.yaml", text, defaults: { user: "ops" } });
  if (cluster === undefined) throw new Error(JSON.stringify(problems));
  return surelyAsked(cluster, { deployments: [], ...wanted }).map(({ name }) => name);
}

test("nodes that a placement takes for sure, and that are connected to directly", () => {
  expect(asked(head + placed)).toEqual(["a", "d"]);
  expect(asked(head + placed, { deployments: ["db"] })).toEqual(["d"]);
  expect(asked(head + placed, { deployments: ["some"] })).toEqual([]);
});

test("none where a plan has bounds, or workers have nodes of their own", () => {
  expect(asked(head + placed, { limit: { only: new Set(), purpose: { kind: "retry" } } as never })).toEqual([]);
  expect(asked(`${head}workers: { only: [south] }\n${placed}`)).toEqual([]);
  expect(asked(head)).toEqual([]);
});
