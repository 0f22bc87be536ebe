import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadBarclamp } from "../../../src/core/files/load-barclamp.ts";
import { exampleBarclamp } from "./examples.ts";
import { fakeKinds } from "./kinds.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const load = (text: string, files: Readonly<Record<string, string | Uint8Array>> = {}) =>
  loadBarclamp(
    {
      folder: "barclamps/x",
      files: new Map([
        ["barclamp.yaml", bytes(text)],
        ...Object.entries(files).map(([path, content]) => [path, typeof content === "string" ? bytes(content) : content] as const),
      ]),
    },
    fakeKinds,
  );

function found(text: string, files: Readonly<Record<string, string | Uint8Array>> = {}): readonly string[] {
  return load(text, files).problems.map((each) => {
    const at =
      each.at !== undefined && "line" in each.at
        ? `${each.at.file.replace("barclamps/x/", "")}:${each.at.line}:${each.at.column}`
        : "nowhere";
    return `${each.code} ${at} ${each.message} ${each.hint}`;
  });
}

const role = (...lines: readonly string[]): string =>
  [
    "barclamp: x",
    "version: 1.0.0",
    "attributes: { port: { type: port, default: 80 } }",
    "roles:",
    "  web:",
    ...lines.map((line) => `    ${line}`),
  ].join("\n");

describe("a good barclamp", () => {
  const { barclamp, problems } = load(exampleBarclamp);
  const keystone = barclamp?.roles["keystone-server"];

  test("has no problems", () => {
    expect(problems).toEqual([]);
    expect(barclamp).toMatchObject({
      name: "keystone",
      version: "1.0.0",
      attributes: { adminPassword: { type: "secret", required: true } },
    });
  });

  test("steps have ids that do not move, common keys apart, and places", () => {
    expect(keystone?.steps.map((step) => step.id)).toEqual([
      "package:keystone,apache2",
      "ini:/etc/keystone/keystone.conf",
      "command:schema",
      "service:apache2",
    ]);
    expect(keystone?.steps[1]).toMatchObject({ common: { notify: ["apache2"] }, place: { line: 14, column: 9 } });
    expect(keystone?.steps[1]?.args).not.toHaveProperty("notify");
    expect(keystone?.steps[2]).toMatchObject({
      args: { run: "keystone-manage db_sync" },
      common: { name: "schema", once: "deployment", retries: 0 },
    });
    expect(keystone?.steps[3]).toMatchObject({ args: { name: "apache2" }, common: { name: "apache2" } });
  });

  test("checks and verify take arguments beside the kind", () => {
    expect(keystone?.checks[0]).toMatchObject({ code: "KEY-101", step: { kind: "port", args: { port: 5000, freeUnlessOurs: true } } });
    expect(keystone?.verify[0]).toMatchObject({ kind: "http", args: { status: 200 }, common: { withinMs: 90_000 } });
  });

  test("around, cluster, retries, each, when", () => {
    const text = role(
      "cluster: { order: founder-first, batch: 1, quorum: majority, founding: together }",
      "around: { before: [ { command: drain } ], onFailure: [ { command: back } ] }",
      "steps:",
      '- command: { run: a, each: [x, y], when: "set.port > 80", timeout: 2m, retries: { count: 3, delay: 5s } }',
      "- command: { run: b, retries: 2 }",
    );
    const { barclamp: made, problems: none } = load(text);
    expect(none).toEqual([]);
    expect(made?.roles["web"]).toMatchObject({
      cluster: { order: "founder-first", batch: 1, quorum: "majority", founding: "together" },
      around: { before: [{ id: "command:drain" }], after: [], onFailure: [{ id: "command:back" }] },
      steps: [
        { common: { each: '["x","y"]', when: "set.port > 80", timeoutMs: 120_000, retries: 3, retryDelayMs: 5000 } },
        { common: { retries: 2, retryDelayMs: 1000 } },
      ],
    });
  });

  test("the digest changes with any file, not with their order or with fixtures", () => {
    const digest = (files: Readonly<Record<string, string>>): string | undefined => load(exampleBarclamp, files).barclamp?.digest;
    const base = digest({ "files/a": "1", "files/b": "2" });
    expect(base).toMatch(/^sha256:[0-9a-f]{64}$/u);
    expect(digest({ "files/b": "2", "files/a": "1" })).toBe(base);
    expect(digest({ "files/b": "2", "files/a": "1", "fixtures/f.yaml": "x" })).toBe(base);
    expect(digest({ "files/a": "12", "files/b": "" })).not.toBe(base);
    expect(digest({ "files/a": "1", "files/c": "2" })).not.toBe(base);
  });
});

type BadCase = readonly [what: string, text: string, expected: string, files?: Readonly<Record<string, string | Uint8Array>>];

describe("problems", () => {
  const cases: readonly BadCase[] = [
    [
      "a misspelt kind",
      role("steps: [ { pakage: nginx } ]"),
      "STEP_KIND_UNKNOWN barclamp.yaml:6:16 `pakage` is not a kind of step. Did you mean `package`?",
    ],
    ["two kinds", role("steps:", "- package: a", "  service: b"), "STEP_KIND_UNKNOWN barclamp.yaml:8:7 One step has 2 kinds"],
    [
      "an argument beside the kind",
      role("steps:", "- directory: /a", "  mode: '0755'"),
      "KEY_UNKNOWN barclamp.yaml:8:7 `mode` stands beside `directory`",
    ],
    [
      "a misspelt argument",
      role("steps: [ { directory: { path: /a, mdoe: x } } ]"),
      "KEY_UNKNOWN barclamp.yaml:6:39 `mdoe` is not a key in `roles.web.steps.0.directory`. Did you mean `mode`?",
    ],
    ["a wrong argument", role("steps: [ { directory: { path: a } } ]"), "VALUE_INVALID barclamp.yaml:6:35"],
    ["a missing argument", role("steps: [ { directory: { mode: a } } ]"), "KEY_MISSING barclamp.yaml:6:16"],
    ["an empty step", role("steps: [ {} ]"), "STEP_KIND_UNKNOWN barclamp.yaml:6:14 The step is empty."],
    [
      "a missing template",
      role("steps: [ { template: { path: /a, source: a.liqid } } ]"),
      "SOURCE_MISSING barclamp.yaml:6:46 The barclamp has no `templates/a.liqid`. Did you mean `a.liquid`?",
      { "templates/a.liquid": "" },
    ],
    ["a path that escapes", role("steps: [ { template: { path: /a, source: ../../etc/shadow } } ]"), "PATH_ESCAPES barclamp.yaml:6:46"],
    ["an absolute source", role("steps: [ { template: { path: /a, source: /etc/shadow } } ]"), "PATH_ESCAPES barclamp.yaml:6:46"],
    ["a broken template in YAML", role('steps: [ { command: "echo {% if a %}" } ]'), "TEMPLATE_ERROR barclamp.yaml:6:31"],
    ["an unknown filter", role('steps: [ { command: "echo {{ set.port | nosuch }}" } ]'), "TEMPLATE_ERROR barclamp.yaml:6:"],
    [
      "a broken template in a block text",
      role("steps:", "- command:", "    run: |", "      one", "      two {{ set.prt }}"),
      "SETTING_UNKNOWN barclamp.yaml:10:18 `set.prt` is not an attribute of this barclamp. Did you mean `port`?",
    ],
    [
      "a broken template file",
      role("steps: [ { template: { path: /a, source: a } } ]"),
      "TEMPLATE_ERROR templates/a:2:3",
      { "templates/a": "x\n  {% for %}\n" },
    ],
    [
      "an unknown setting in a template file",
      role("steps: [ { template: { path: /a, source: a } } ]"),
      "SETTING_UNKNOWN templates/a:1:4",
      { "templates/a": "{{ set.pport }}" },
    ],
    [
      "a template that is no text",
      role("steps: [ { template: { path: /a, source: a } } ]"),
      "FILE_NOT_TEXT templates/a:1:1",
      { "templates/a": new Uint8Array([0xff, 0xfe, 0x7b, 0x7b]) },
    ],
    [
      "a template without quotes",
      role("steps: [ { command: {{ set.port }} } ]"),
      "YAML_INVALID barclamp.yaml:6:26 A template must stand in quotes",
    ],
    ["a broken condition", role('steps: [ { command: { run: a, when: "1 == " } } ]'), "WHEN_INVALID barclamp.yaml:6:"],
    [
      "an unknown setting in a condition",
      role('steps: [ { command: { run: a, when: "set.prt == 1" } } ]'),
      "SETTING_UNKNOWN barclamp.yaml:6:42",
    ],
    [
      "an unknown notify",
      role("steps: [ { command: { run: a, notify: ngnix } }, { service: nginx } ]"),
      "NOTIFY_UNKNOWN barclamp.yaml:6:16 `notify` names `ngnix`, and the role has no such step. Did you mean `nginx`?",
    ],
    ["an unknown fromStep", role("outputs: { a: { type: string, fromStep: nope } }"), "STEP_UNKNOWN barclamp.yaml:6:45"],
    ["an output with neither", role("outputs: { a: { type: string } }"), "VALUE_INVALID barclamp.yaml:6:19"],
    ["the same step twice", role("steps: [ { command: a }, { command: a } ]"), "STEP_ID_TWICE barclamp.yaml:6:32"],
    ["from without an output", role("inputs: { a: { from: sql } }"), "VALUE_INVALID barclamp.yaml:6:26"],
    ["requires itself", role("requires: [web]"), "VALUE_INVALID barclamp.yaml:6:16"],
    [
      "a reboot beside the steps",
      role("verify: [ { reboot: needed } ]"),
      "VALUE_INVALID barclamp.yaml:6:17 `reboot` stands in `steps` alone",
    ],
    ["a check that changes", role("checks: [ { code: A-1, package: x } ]"), "VALUE_INVALID barclamp.yaml:6:28 `package` changes things"],
    ["within outside of verify", role("steps: [ { command: { run: a, within: 5s } } ]"), "KEY_UNKNOWN barclamp.yaml:6:35"],
    ["a later jig", role("jig: ansible"), "LATER_STAGE barclamp.yaml:6:10"],
    [
      "a wrong default",
      "barclamp: x\nversion: 1.0.0\nattributes: { a: { type: port, default: 70000 } }\nroles: {}\n",
      "VALUE_INVALID barclamp.yaml:3:41",
    ],
    [
      "min above max",
      "barclamp: x\nversion: 1.0.0\nattributes: { a: { type: integer, min: 2, max: 1 } }\nroles: {}\n",
      "VALUE_INVALID barclamp.yaml:3:15",
    ],
    [
      "a secret with a default",
      "barclamp: x\nversion: 1.0.0\nattributes: { a: { type: secret, default: pw } }\nroles: {}\n",
      "SECRET_LITERAL barclamp.yaml:3:43",
    ],
    ["a version that YAML reads as a number", "barclamp: x\nversion: 1.0\nroles: {}\n", "VALUE_INVALID barclamp.yaml:2:10"],
  ];

  test.each(cases.map(([what, text, expected, files]) => ({ what, text, expected, files })))("$what", ({ text, expected, files }) => {
    const all = found(text, files);
    expect(all.filter((each) => each.startsWith(expected)).length, all.join("\n")).toBe(1);
  });

  test("those of one role do not hide those of another, nor of its own steps", () => {
    const codes = load(
      `${role("requires: 5", "jig: puppet", "steps: [ { pakage: a } ]")}\n  other:\n    steps: [ { directory: a } ]\n`,
    ).problems.map((each) => each.code);
    expect(codes.toSorted()).toEqual(["LATER_STAGE", "STEP_KIND_UNKNOWN", "VALUE_INVALID", "VALUE_INVALID"]);
  });

  test("values with templates are not judged before they are rendered", () => {
    expect(
      found(role('steps: [ { directory: { path: "{{ set.port }}" } } ]', 'checks: [ { code: A-1, port: "{{ set.port }}" } ]')),
    ).toEqual([]);
  });

  test("there is no barclamp.yaml", () => {
    expect(loadBarclamp({ folder: "b", files: new Map() }, fakeKinds).problems[0]?.code).toBe("FILE_NOT_FOUND");
  });
});

test("never throws on a good file with pieces cut out and overwritten", () => {
  const piece = fc.constantFrom("", "[", "{", "}", ":", "\n", "\t", "*a", '"', "|", "- ", "{{", "{%", "null", "7", "\u0000");
  fc.assert(
    fc.property(fc.nat(exampleBarclamp.length), fc.nat(40), piece, (at, length, instead) => {
      const { barclamp, problems } = load(exampleBarclamp.slice(0, at) + instead + exampleBarclamp.slice(at + length));
      expect(barclamp === undefined).toBe(problems.length > 0);
    }),
    { numRuns: 400 },
  );
});

test("a secret that a step prints is refused: it would be kept in clear", () => {
  const { problems } = load(role("steps: [ { command: { name: tok, run: token } } ]", "outputs: { t: { type: secret, fromStep: tok } }"));
  expect(problems.map((each) => each.code)).toEqual(["LATER_STAGE"]);
});
