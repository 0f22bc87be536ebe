import { expect, test } from "vitest";
import { explain } from "../../../src/core/plan/explain.ts";
import { secretRef } from "../../../src/core/model/secret-ref.ts";
import { barclamp, cluster, deployment, make, names, place, role } from "./support.ts";

const sql = role("mariadb", { outputs: { url: { capability: "sql", value: "x://{{ node.address }}" } } });
const app = role("app", { requires: ["sql"], inputs: { db: "sql.url" } });
const lab = cluster(names(3), [deployment("d", { mariadb: "n-1", app: { on: "n-2 | n-3", count: 1 } }, { use: { sql: "mariadb" } })]);

test("tells placement, waits, inputs and settings, secrets masked", () => {
  const secret = secretRef("d", "x", "pw");
  const values = { port: { value: 80, layer: "group", name: "big", place }, pw: { value: { ...secret }, layer: "secrets" } };
  const made = make(lab, [barclamp("x", [sql, app])], { settings: () => ({ values, problems: [] }) });
  const found = explain({ id: "n-2/app", cluster: lab, graph: made.graph, resolver: made.resolver });
  expect(found).toEqual({
    why: {
      id: "n-2/app",
      node: "n-2",
      role: "app",
      barclamp: "x",
      cohort: 1,
      placement: { deployment: "d", on: "n-2 | n-3", count: 1, avoid: [], chosen: ["n-2"] },
      waits: [
        { why: "requires", name: "sql", wanted: "sql", rule: "deployment", byUse: true, providers: ["n-1/mariadb"] },
        { why: "input", name: "db", wanted: "sql", rule: "deployment", byUse: true, providers: ["n-1/mariadb"] },
      ],
      inputs: { db: { known: true, value: "x://10.0.0.1" } },
      settings: [
        { name: "port", value: 80, secret: false, type: "string", layer: "group", layerName: "big", place },
        { name: "pw", value: "[secret x.pw]", secret: true, type: "string", layer: "secrets" },
      ],
      problems: [],
    },
  });
});

test("a node-role that nobody placed is a problem with what there is", () => {
  const made = make(lab, [barclamp("x", [sql, app])]);
  const input = { cluster: lab, graph: made.graph, resolver: made.resolver };
  expect(explain({ ...input, id: "n-1/app" })).toMatchObject({ problem: { code: "NODE_ROLE_UNKNOWN", hint: "Roles on n-1: mariadb." } });
  expect(explain({ ...input, id: "n-9/app" })).toMatchObject({ problem: { message: "the cluster has no node n-9" } });
});
