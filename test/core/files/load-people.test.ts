import { describe, expect, test } from "vitest";
import { loadPeople } from "../../../src/core/files/load-people.ts";
import { peopleJsonSchema } from "../../../src/core/files/json-schemas.ts";

const keyOfAnn = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIJYNH+mDdPNXiStmMkYc1Xdc0bjA/ZuGqZw4gMWg4xo";

const whole = `halligan: 1
people:
  ann: { name: Ann Example, local: [ann], keys: ["${keyOfAnn} ann@desk"], slack: [T01/U02] }
  bob: { local: [bob, "uid:4711"] }
  carl: {}
groups:
  ops: [ann, leads]
  leads: [bob]
roles:
  observer: [everyone]
  operator: [ops]
  admin: [ann]
deployments:
  web: { roles: { approver: [leads, carl] } }
`;

const load = (text: string): ReturnType<typeof loadPeople> => loadPeople({ file: "people.yaml", text });
/** `CODE line:column` of every problem. */
const places = (text: string): readonly string[] =>
  load(text).problems.map(({ code, at }) => `${code} ${at !== undefined && "line" in at ? `${at.line}:${at.column}` : "nowhere"}`);

test("people, principals, opened groups and grants", () => {
  const { people, problems } = load(whole);
  expect(problems).toEqual([]);
  expect([...(people?.people.get("ann")?.principals ?? [])]).toEqual([
    "local:ann",
    "slack:T01/U02",
    "ssh:SHA256:HAl8sMRdgUH34pSx9z/dYm/r/JOuChmqI7cqq8sO988",
  ]);
  expect(people?.people.get("ann")?.keys).toEqual([keyOfAnn]);
  expect([...(people?.groups.get("ops") ?? [])]).toEqual(["ann", "bob"]);
  expect([...(people?.cluster.observer ?? [])]).toEqual(["ann", "bob", "carl"]);
  expect([...(people?.cluster.operator ?? [])]).toEqual(["ann", "bob"]);
  expect([...(people?.cluster.approver ?? [])]).toEqual([]);
  expect([...(people?.deployments.get("web")?.approver ?? [])]).toEqual(["bob", "carl"]);
  expect(people?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(load(`${whole}# a comment\n`).people?.digest).not.toBe(people?.digest);
});

test("every problem of a file at once, each at its place, with a suggestion", () => {
  const { people, problems } = load(`halligan: 1
peple: {}
people:
  Ann: { local: [ann] }
  bob: { locl: [bob], slack: ["@bob"], local: ["bad name"] }
roles: { oprator: [bob], admin: bob }
`);
  expect(people).toBeUndefined();
  expect(problems.map(({ code, hint }) => `${code} ${/mean `(\w+)`/u.exec(hint)?.[1] ?? "-"}`)).toEqual([
    "KEY_UNKNOWN people",
    "VALUE_INVALID -",
    "KEY_UNKNOWN local",
    "VALUE_INVALID -",
    "VALUE_INVALID -",
    "KEY_UNKNOWN operator",
    "VALUE_INVALID -",
  ]);
  expect(problems.every(({ at }) => at !== undefined && "line" in at && at.file === "people.yaml")).toBe(true);
});

const head = "halligan: 1\npeople:\n  ann: { local: [ann] }\n  bob: { local: [bob] }\n";
const key = (bytes: string): string => `halligan: 1\npeople:\n  ann: { keys: ["${bytes}"] }\n`;

describe("what a people file may not say", () => {
  test.each([
    ["an empty file", "", ["KEY_MISSING 1:1"]],
    ["only a comment", "# nobody\n", ["KEY_MISSING 1:1"]],
    ["nobody", "halligan: 1\n", ["KEY_MISSING 1:1"]],
    ["another version", "halligan: 2\npeople: {}\n", ["VALUE_INVALID 1:11"]],
    ["a list of people", "halligan: 1\npeople: [ann]\n", ["VALUE_INVALID 2:9"]],
    ["a user of two people", `${head}  carl: { local: [carl, bob] }\n`, ["PRINCIPAL_TWICE 5:25"]],
    ["a user twice in one person", "halligan: 1\npeople:\n  ann: { local: [ann, ann] }\n", ["PRINCIPAL_TWICE 3:23"]],
    [
      "a key of two people, written differently",
      `halligan: 1\npeople:\n  a: { keys: ["${keyOfAnn} x"] }\n  b: { keys: ["${keyOfAnn}   y z"] }\n`,
      ["PRINCIPAL_TWICE 4:15"],
    ],
    ["a chat account of two people", "halligan: 1\npeople:\n  a: { slack: [T1/U1] }\n  b: { slack: [T1/U1] }\n", ["PRINCIPAL_TWICE 4:16"]],
    ["a member who is nobody", `${head}roles: { admin: [ana] }\n`, ["PERSON_UNKNOWN 5:18"]],
    ["a member of a deployment who is nobody", `${head}deployments: { web: { roles: { admin: [x] } } }\n`, ["PERSON_UNKNOWN 5:40"]],
    [
      "words of the language as members",
      `${head}roles: { admin: [constructor, __proto__, toString] }\n`,
      ["PERSON_UNKNOWN 5:18", "PERSON_UNKNOWN 5:31", "PERSON_UNKNOWN 5:42"],
    ],
    ["a person called everyone", "halligan: 1\npeople:\n  everyone: { local: [a] }\n", ["NAME_TWICE 3:3"]],
    ["a group called everyone", `${head}groups: { everyone: [ann] }\n`, ["NAME_TWICE 5:11"]],
    ["a group called like a person", `${head}groups: { bob: [ann] }\n`, ["NAME_TWICE 5:11"]],
    ["everyone in a group", `${head}groups: { all: [everyone] }\n`, ["PERSON_UNKNOWN 5:17"]],
    ["a group in itself", `${head}groups: { a: [a] }\n`, ["GROUP_CIRCLE 5:15"]],
    ["groups in each other", `${head}groups: { a: [b], b: [c], c: [a] }\n`, ["GROUP_CIRCLE 5:31"]],
    ["a number as a user", "halligan: 1\npeople:\n  ann: { local: [1000] }\n", ["VALUE_INVALID 3:18"]],
    ["a key cut off", key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIJYNH"), ["KEY_INVALID 3:17"]],
    ["a key of another kind than it says", key(keyOfAnn.replace("ssh-ed25519", "ssh-rsa")), ["KEY_INVALID 3:17"]],
    ["options before a key", key(`restrict ${keyOfAnn}`), ["KEY_INVALID 3:17"]],
    ["a DSA key", key("ssh-dss AAAAB3NzaC1kc3MAAACBAA=="), ["KEY_INVALID 3:17"]],
    ["a private key", key("-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXkt"), ["SECRET_LITERAL 3:17"]],
    ["a key that is not quoted and a person twice", `${head}  bob: {}\n`, ["YAML_INVALID 5:3"]],
    ["__proto__ as a person", `${head}  __proto__: { local: [x] }\n`, ["YAML_INVALID 5:3"]],
    ["broken YAML", "halligan: 1\npeople:\n  ann: { local: [ann\nroles: {}\n", ["YAML_INVALID 4:1"]],
  ] as const)("%s", (_what, text, expected) => {
    expect(load(text).people).toBeUndefined();
    expect(places(text)).toEqual(expected);
  });

  test("a private key is never repeated", () => {
    expect(JSON.stringify(load(key("-----BEGIN OPENSSH PRIVATE KEY----- CANARY")).problems)).not.toContain("CANARY");
  });

  test("a file of aliases that grow is refused, and quickly", () => {
    const bomb = `halligan: 1\npeople: {}\ngroups:\n  a: &a [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 9 }, (_, at) => `  a${at}: &a${at} [${Array.from({ length: 9 }, () => `*a${at === 0 ? "" : at - 1}`).join(", ")}]`).join("\n")}\n`;
    expect(load(bomb).people).toBeUndefined();
  });
});

test("groups in groups in groups are opened once each: 2^40 ways through them take no time", () => {
  const groups = Array.from({ length: 40 }, (_, at) => `  g${at}: [${at === 39 ? "ann" : `g${at + 1}, g${at + 1}`}]`).join("\n");
  expect([...(load(`${head}groups:\n${groups}\nroles: { admin: [g0] }\n`).people?.cluster.admin ?? [])]).toEqual(["ann"]);
});

test("the schema for editors knows every key", () => {
  const schema = peopleJsonSchema() as { readonly properties: Readonly<Record<string, unknown>> };
  expect(Object.keys(schema.properties)).toEqual(["halligan", "people", "groups", "roles", "deployments"]);
});
