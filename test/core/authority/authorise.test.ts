import { describe, expect, test } from "vitest";
import { type Action, authorise, type Resource, rolesOf } from "../../../src/core/authority/authorise.ts";
import { authorityOf, onePersonPerRole } from "../../support/people.ts";

const authority = authorityOf(onePersonPerRole);
const cluster: Resource = { kind: "cluster" };
const anywhere: Resource = { kind: "anywhere" };
const on = (...names: readonly string[]): Resource => ({ kind: "deployments", names });
const actions = ["read", "operate", "approve", "breakglass", "administer"] as const satisfies readonly Action[];
const may = (person: string, resource: Resource): readonly Action[] =>
  actions.filter((action) => authorise({ authority, who: { person }, action, resource }).allowed);

describe("what is not granted is refused", () => {
  test.each([
    ["nobody", []],
    ["observer", ["read"]],
    ["operator", ["read", "operate"]],
    ["approver", ["read", "approve"]],
    ["breakglass", ["breakglass"]],
    ["admin", actions],
    ["weboperator", []],
    ["stranger", []],
    ["", []],
    ["constructor", []],
  ] as const)("%s in the whole cluster", (person, expected) => {
    expect(may(person, cluster)).toEqual(expected);
  });

  test.each([
    ["a grant for the cluster holds for deployments", "operator", on("web", "db"), ["read", "operate"]],
    ["a grant for one deployment holds for it", "weboperator", on("web"), ["read", "operate"]],
    ["and not for another", "weboperator", on("db"), []],
    ["nor for both", "weboperator", on("web", "db"), []],
    ["no deployment named means the cluster", "weboperator", on(), []],
    ["one that is not in the file", "weboperator", on("wek"), []],
    ["a word of the language", "weboperator", on("constructor"), []],
    ["any part of the cluster", "weboperator", anywhere, ["read", "operate"]],
    ["an admin of one deployment", "webadmin", on("web"), actions],
    ["is none of the cluster", "webadmin", cluster, []],
  ] as const)("%s", (_what, person, resource, expected) => {
    expect(may(person, resource)).toEqual(expected);
  });

  test("a principal is the person who has it, letter by letter", () => {
    const known = (principal: string): boolean => authorise({ authority, who: { principal }, action: "read", resource: cluster }).allowed;
    expect(known("local:admin")).toBe(true);
    for (const other of ["local:Admin", "local: admin", "admin", "ssh:admin", "slack:admin", "local:admin\0", "", "local:"])
      expect(known(other)).toBe(false);
  });

  test("the refusal says what is missing, and who has it", () => {
    const verdict = authorise({ authority, who: { principal: "local:weboperator" }, action: "operate", resource: on("db", "web") });
    expect(verdict).toMatchObject({ allowed: false, person: "weboperator", problem: { code: "NOT_ALLOWED" } });
    if (verdict.allowed) return;
    expect(verdict.problem.message).toBe("weboperator may not do this: it needs the role operator for deployment db.");
    expect(verdict.problem.cause).toBe("weboperator is operator of web; admin and operator may each do it.");
    const stranger = authorise({ authority, who: { principal: "local:eve" }, action: "read", resource: cluster });
    expect(stranger).toMatchObject({ allowed: false, problem: { code: "PRINCIPAL_UNKNOWN" } });
  });
});

describe("without people.yaml", () => {
  const single = { mode: "single-user" } as const;
  const who = (principal: string): boolean =>
    actions.every((action) => authorise({ authority: single, who: { principal }, action, resource: cluster }).allowed);

  test("the local user may do everything, and nobody else can be anybody", () => {
    expect(who("local:ann")).toBe(true);
    expect(who("ssh:SHA256:x")).toBe(false);
    expect(who("slack:T1/U1")).toBe(false);
  });
});

test("roles of a person, by deployment", () => {
  const { cluster: none, deployments } = rolesOf(authority.people, "webadmin");
  expect(none).toEqual([]);
  expect([...deployments]).toEqual([["web", ["admin"]]]);
});
