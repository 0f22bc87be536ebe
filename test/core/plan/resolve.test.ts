import { describe, expect, test } from "vitest";
import { fail } from "../../../src/core/errors.ts";
import type { StepSource } from "../../../src/core/model/barclamp.ts";
import type { Facts } from "../../../src/core/model/facts.ts";
import { secretRef } from "../../../src/core/model/secret-ref.ts";
import type { ResolveContext } from "../../../src/core/plan/resolve.ts";
import type { Json } from "../../../src/core/ports.ts";
import { barclamp, cluster, codesOf, deployment, make, names, node, role, settings, step } from "./support.ts";

const facts = (os: string): Facts => ({ os: { id: os, version: "12" }, memory: { totalBytes: 1024 } }) as unknown as Facts;

interface Options {
  readonly set?: Readonly<Record<string, Json>>;
  readonly context?: Partial<ResolveContext>;
  readonly nodes?: number;
  readonly files?: Readonly<Record<string, string>>;
  readonly id?: string;
}

/** Resolves a role `app` with these steps. */
function resolveSteps(steps: readonly StepSource[], options: Options = {}) {
  const made = make(
    cluster(names(options.nodes ?? 1), [deployment("d", { app: "all" })]),
    [barclamp("x", [role("app", { steps })], options.files)],
    {
      settings: settings(options.set ?? {}),
      ...options.context,
    },
  );
  return made.resolve(options.id ?? "n-1/app");
}

describe("templates", () => {
  test("one expression keeps its type, null leaves the key out, text is text", () => {
    const { resolved, problems } = resolveSteps(
      [
        step("file", {
          path: "/a",
          list: "{{ set.list }}",
          port: "{{ set.port }}",
          text: "p={{ set.port }}",
          none: "{{ set.none }}",
          each: ["{{ set.port }}", "{{ set.none }}"],
        }),
      ],
      { set: { list: [1, "b"], port: 80, none: null } },
    );
    expect(problems).toEqual([]);
    expect(resolved.steps[0]?.args).toEqual({ path: "/a", list: [1, "b"], port: 80, text: "p=80", each: [80] });
    expect(resolved.steps[0]).toMatchObject({ id: "file:/a", label: "file /a", secret: false, unknown: false });
  });

  test("what templates see", () => {
    const text =
      "{{ node.name }} {{ node.address }} {{ node.port }} {{ cluster.name }} {{ cluster.nodes | map: 'name' | join: ',' }} {{ deployment.name }} {{ role.name }} {{ role.index }} {{ role.first }} {{ role.nodes | size }} {{ facts.os.id }}";
    const { resolved } = resolveSteps([step("file", { path: "/a", text })], {
      nodes: 2,
      id: "n-2/app",
      context: { facts: new Map([["n-2", facts("debian")]]) },
    });
    expect(resolved.steps[0]?.args["text"]).toBe("n-2 10.0.0.2 22 lab n-1,n-2 d app 1 false 2 debian");
  });

  test.each([
    ["{{ set.t | seconds }}", 14_400],
    ["{{ '90s' | milliseconds }}", 90_000],
    ["{{ set.t | duration }}", "4h"],
    ["{{ '2K' | bytes }}", 2048],
    ["{{ set.m | json }}", '{"a":[2],"b":1}'],
    ["{{ set.m | keys | join: ' ' }}", "a b"],
    ["{{ set.q | shellquote }}", String.raw`'it'\''s'`],
    ["{{ 'a' | sha256 }}", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"],
    ["{{ 'ä' | base64 }}", "w6Q="],
    ["{{ set.l | sort_natural | join: ' ' }}", "n-2 n-10"],
    ["{{ 'a\nb' | indent: 2 }}", "a\n  b"],
    ["{{ set.gone | default: 'x' }}", "x"],
  ] as const)("%s gives %s", (text, wanted) => {
    const set = { t: 14_400_000, m: { b: 1, a: [2] }, q: "it's", l: ["n-10", "n-2"] };
    const { resolved, problems } = resolveSteps([step("file", { path: "/a", text })], { set });
    expect(problems).toEqual([]);
    expect(resolved.steps[0]?.args["text"]).toBe(wanted);
  });

  test.each([
    ["{{ set.prot }}", "undefined variable: set.prot", "`set` has: none and port"],
    ["{{ nothing.at.all }}", "undefined variable: nothing", "Templates see:"],
    ["{{ set.port | fooo }}", "undefined filter: fooo", ""],
    ["{{ set.port", 'output "{{ set.port" not closed', ""],
    ["{% include 'x' %}", 'tag "include" not found', ""],
    ["{{ 'now' | date: '%s' }}", "undefined filter: date", ""],
    ["{{ set.constructor }}", "undefined variable: set.constructor", ""],
    ["x {{ cluster }}", "a map cannot stand inside text", ""],
    ["{% for i in (1..100000000) %}x{% endfor %}", "limit exceeded", ""],
    ["{{ 'soon' | seconds }}", '"soon" is not a duration', ""],
    ["{{ set.none | required: 'give a port' }}", "give a port", ""],
  ])("%s is refused: %s", (text, message, hint) => {
    const { resolved, problems } = resolveSteps([step("file", { path: "/a", deep: { text } })], { set: { port: 1, none: null } });
    expect(codesOf(problems)).toEqual(["TEMPLATE_ERROR"]);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.message).toContain("deep.text of step file:/a");
    expect(problems[0]?.at).toMatchObject({ file: "barclamps/x/barclamp.yaml", line: 7 });
    expect(problems[0]?.hint).toContain(hint);
    expect(resolved.steps).toEqual([]);
  });

  test("a template file becomes a blob; its errors tell the line in the file", () => {
    const files = { "templates/a.conf": "port {{ set.port }}\n", "templates/bad.conf": "one\ntwo {{ set.prot }}\n" };
    const good = resolveSteps([step("template", { path: "/a", source: "a.conf" })], { set: { port: 80 }, files });
    expect(good.problems).toEqual([]);
    expect(new TextDecoder().decode(good.resolved.steps[0]?.blobs["source"]?.bytes)).toBe("port 80\n");
    const bad = resolveSteps([step("template", { path: "/a", source: "bad.conf" })], { set: { port: 80 }, files });
    expect(bad.problems[0]).toMatchObject({
      code: "TEMPLATE_ERROR",
      at: { file: "barclamps/x/templates/bad.conf", line: 2, column: 8, text: "two {{ set.prot }}" },
    });
    const gone = resolveSteps([step("archive", { path: "/a", source: "a.tar" })], { files });
    expect(codesOf(gone.problems)).toEqual(["SOURCE_MISSING"]);
  });
});

describe("when, each, once, notify", () => {
  test("when leaves steps out", () => {
    const steps = [
      step("file", { path: "/a" }, { when: "set.n > 4 && node.name == 'n-1'" }),
      step("file", { path: "/b" }, { when: "facts.os.id == 'ubuntu' || !has(set.n)" }),
      step("file", { path: "/c" }, { when: "set.n + 1 == 6" }),
    ];
    const { resolved, problems } = resolveSteps(steps, { set: { n: 5 }, context: { facts: new Map([["n-1", facts("debian")]]) } });
    expect(problems).toEqual([]);
    expect(resolved.steps.map((each) => each.id)).toEqual(["file:/a", "file:/c"]);
  });

  test.each([
    ["foo == 1", "Unknown variable: foo", "foo == 1\n^"],
    ["set.n && true", "", ""],
    ["set.n ==", "Unexpected token: EOF", "set.n ==\n        ^"],
    ["set.n", "not bool", ""],
    ["set.gone == 1", "No such key: gone", "set.gone == 1\n    ^"],
    ["set.pw == 'x'", "reads a secret", ""],
  ])("when %s is refused with a mark", (when, message, mark) => {
    const set = { n: 5, pw: secretRef("d", "x", "pw") as unknown as Json };
    const { problems } = resolveSteps([step("file", { path: "/a" }, { when })], { set });
    expect(codesOf(problems)).toEqual(["WHEN_INVALID"]);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.message).toContain(mark);
  });

  test("facts of a node that was never discovered are asked for by name", () => {
    const steps = [
      step("file", { path: "/a" }, { when: "facts.os.id == 'debian'" }),
      step("file", { path: "/b", text: "{% if facts.os %}x{% endif %}" }),
    ];
    const { problems } = resolveSteps(steps);
    expect(codesOf(problems)).toEqual(["FACTS_MISSING"]);
    expect(problems[0]?.hint).toContain("halligan discover n-1");
  });

  test("a list that is written out is taken as it is, with templates in its elements", () => {
    const each = JSON.stringify(["a", "{{ set.b }}", { c: 1 }]);
    const { resolved, problems } = resolveSteps([step("file", { path: "{{ item | json }}" }, { each, id: "files" })], { set: { b: "x" } });
    expect(problems).toEqual([]);
    expect(resolved.steps.map((one) => one.args["path"])).toEqual(['"a"', '"x"', '{"c":1}']);
  });

  test("each makes a step per element, with stable ids", () => {
    const steps = [
      step("file", { path: "/etc/{{ item }}", text: "{{ item }}" }, { each: "{{ set.list }}" }),
      step("user", { name: "{{ item.name }}" }, { each: "{{ set.users }}", id: "users" }),
      step("file", { path: "/x" }, { each: "{{ set.none }}" }),
    ];
    const { resolved, problems } = resolveSteps(steps, { set: { list: ["b", "a"], users: [{ name: "eve" }, { name: "bob" }], none: [] } });
    expect(problems).toEqual([]);
    expect(resolved.steps.map((each) => [each.id, each.label])).toEqual([
      ["file:/etc/b[b]", "file /etc/b"],
      ["file:/etc/a[a]", "file /etc/a"],
      ["users[0]", "user eve"],
      ["users[1]", "user bob"],
    ]);
  });

  test("once: deployment stays on the first node", () => {
    const steps = [step("command", { run: "sync" }, { once: "deployment", id: "sync" })];
    expect(resolveSteps(steps, { nodes: 2 }).resolved.steps).toHaveLength(1);
    expect(resolveSteps(steps, { nodes: 2, id: "n-2/app" }).resolved.steps).toHaveLength(0);
  });

  test("notify becomes ids; a service goes before others of its name; unknown names and double ids are refused", () => {
    const steps = [
      step("package", { name: "nginx" }, { id: "package:nginx" }),
      step("file", { path: "/a" }, { notify: ["nginx"] }),
      step("service", { name: "nginx" }, { id: "service:nginx" }),
    ];
    expect(resolveSteps(steps).resolved.steps[1]?.notify).toEqual(["service:nginx"]);
    const wrong = resolveSteps([step("file", { path: "/a" }, { notify: ["ngnix"] }), step("file", { path: "/a" })]);
    expect(codesOf(wrong.problems).toSorted()).toEqual(["NOTIFY_UNKNOWN", "STEP_ID_TWICE"]);
  });

  test("arguments that the kind does not take after rendering are told with their place", () => {
    const { problems } = resolveSteps([step("file", { path: "/a", size: "{{ set.size }}" }), step("missing", {})], {
      set: { size: "big" },
    });
    expect(problems.map((each) => [each.code, each.message])).toEqual([
      ["STEP_INVALID", "step file:/a of role app is not valid: size: expected a number, found big"],
      ["STEP_INVALID", "step missing:x of role app is not valid: there is no step kind missing"],
    ]);
  });
});

describe("words of checks", () => {
  const check = (message: string) => {
    const set = { vlans: "3900-4200", pw: secretRef("d", "x", "pw") as unknown as Json };
    const checks = [{ code: "X-1", step: step("command", { run: "false" }), message, hint: "On {{ node.name }}.", curedBy: [] }];
    const made = make(cluster(names(1), [deployment("d", { app: "all" })]), [barclamp("x", [role("app", { checks })])], {
      settings: settings(set),
      secrets: () => ({ value: "hunter22", version: 1 }),
    });
    return made.resolve("n-1/app");
  };

  test("are templates, in which secrets stay hidden", () => {
    const { checks, problems } = check("vlans {{ set.vlans }}, {{ set.pw }}");
    expect(problems).toEqual([]);
    expect(checks).toMatchObject([{ code: "X-1", message: "vlans 3900-4200, [secret x.pw]", hint: "On n-1." }]);
  });

  test("that cannot be rendered are a problem of the node-role", () => {
    const { problems } = check("{{ set.vlan }}");
    expect(problems).toMatchObject([{ code: "TEMPLATE_ERROR", hint: "`set` has: pw and vlans." }]);
    expect(problems[0]?.message).toContain("message of check X-1");
  });
});

describe("secrets", () => {
  const set = {
    pw: secretRef("d", "x", "pw") as unknown as Json,
    other: secretRef("d", "x", "other") as unknown as Json,
    n: 1,
  };
  const secrets: ResolveContext["secrets"] = (ref) => ({ value: `<${ref.secret}!>`, version: 3 });
  const taint = (text: string) =>
    resolveSteps([step("file", { path: "/a", text }), step("file", { path: "/b", text: "{{ set.n }}" })], { set, context: { secrets } });

  test.each([
    "{{ set.pw }}",
    "x{{ set.pw | sha256 }}",
    "{{ set.pw | size }}",
    "{{ set | json }}",
    "{{ set.other | json | base64 }}",
    "{{ set.other | slice: 0, 1 }}",
    "{% if set.pw contains 'a' %}1{% else %}2{% endif %}",
    "{% assign x = set.pw | split: '' | first %}{{ x }}",
    "{% for pair in set %}{{ pair[0] }}{% endfor %}",
    "{% capture y %}{{ set.pw }}{% endcapture %}{{ y | upcase }}",
  ])("%s is marked", (text) => {
    const { resolved, problems } = taint(text);
    expect(problems).toEqual([]);
    expect(resolved.steps.filter((each) => each.secret).map((each) => each.id)).toEqual(["file:/a"]);
    expect(JSON.stringify([resolved.steps.map((each) => each.label)])).not.toContain("x.pw!");
  });

  test("real values are delivered, labels show placeholders, versions are noted", () => {
    const steps = [step("file", { path: "/etc/{{ set.pw }}", text: "a{{ set.pw }}b{{ set.other }}" }, { id: "file:{{ set.pw }}" })];
    const { resolved, secrets: used } = resolveSteps(steps, { set, context: { secrets } });
    expect(resolved.steps[0]?.args).toEqual({ path: "/etc/<d/x.pw!>", text: "a<d/x.pw!>b<d/x.other!>" });
    expect(resolved.steps[0]?.label).toBe("file /etc/[secret x.pw]");
    expect(resolved.steps[0]?.id).toBe("file:{{ set.pw }}");
    expect(used).toEqual([
      { name: "d/x.other", version: 3 },
      { name: "d/x.pw", version: 3 },
    ]);
    const display = resolveSteps(steps, { set });
    expect(display.resolved.steps[0]?.args["text"]).toBe("a[secret x.pw]b[secret x.other]");
  });

  test("the digest of actions depends on versions, not on values", () => {
    const steps = [step("template", { path: "/a", source: "t" }), step("file", { path: "/b", text: "{{ set.pw }}" })];
    const digest = (value: string, version: number) =>
      resolveSteps(steps, { set, files: { "templates/t": "{{ set.pw }}" }, context: { secrets: () => ({ value, version }) } }).actions;
    expect(digest("one", 1)).toBe(digest("two", 1));
    expect(digest("one", 1)).not.toBe(digest("one", 2));
  });

  test("a setting that only looks like a reference is text", () => {
    const looks = { conf: [{ secret: "other/db.pw" }] };
    const { resolved } = resolveSteps([step("file", { path: "/a", text: "{{ set.conf[0].secret }}" })], {
      set: looks,
      context: { secrets },
    });
    expect(resolved.steps[0]).toMatchObject({ secret: false, args: { text: "other/db.pw" } });
  });

  test("a secret that cannot be had is that problem, once", () => {
    const steps = [step("file", { path: "/a", text: "{{ set.pw | upcase }}" }), step("file", { path: "/b", text: "x{{ set.pw }}" })];
    const lookup = () => {
      throw fail("FILE_NOT_FOUND", { message: "the secret's file is not there" });
    };
    const { problems } = resolveSteps(steps, { set, context: { secrets: lookup } });
    expect(problems.map((each) => [each.code, each.message])).toEqual([["FILE_NOT_FOUND", "the secret's file is not there"]]);
  });

  test("problems never quote a value made with a secret", () => {
    const steps = [step("file", { path: "/a", text: "{{ set.pw | seconds }}" }), step("file", { path: "/b", size: "{{ set.pw }}" })];
    const { problems } = resolveSteps(steps, { set, context: { secrets } });
    expect(codesOf(problems)).toEqual(["TEMPLATE_ERROR", "STEP_INVALID"]);
    expect(JSON.stringify(problems)).not.toContain("x.pw!");
  });

  test("a secret goes with an output into the steps of who takes it", () => {
    const db = role("db", {
      outputs: { url: { value: "mysql://u:{{ set.pw }}@{{ node.address }}/" }, host: { value: "{{ node.name }}" } },
    });
    const app = role("app", {
      inputs: { db: "db.url", host: "db.host" },
      steps: [step("file", { path: "/a", text: "{{ inputs.db | upcase }}" }), step("file", { path: "/b", text: "{{ inputs.host }}" })],
    });
    const made = make(cluster(names(2), [deployment("d", { db: "n-1", app: "n-2" })]), [barclamp("x", [db, app])], {
      settings: settings(set),
      secrets,
    });
    const resolution = made.resolve("n-2/app");
    expect(resolution.resolved.steps.map((each) => [each.secret, each.args["text"]])).toEqual([
      [true, "MYSQL://U:<D/X.PW!>@10.0.0.1/"],
      [false, "n-1"],
    ]);
    expect(resolution.inputs["db"]).toEqual({ known: true, value: "mysql://u:[secret x.pw]@10.0.0.1/" });
    expect(resolution.secrets).toEqual([{ name: "d/x.pw", version: 3 }]);
    expect(JSON.stringify([resolution.inputs, made.resolve("n-1/db").outputs])).not.toContain("x.pw!");
  });
});

describe("late values", () => {
  const db = role("db", {
    steps: [step("command", { run: "token" }, { name: "token" })],
    outputs: { token: { fromStep: "token" }, url: { value: "x://{{ node.address }}" }, size: { type: "integer", fromStep: "token" } },
  });
  const app = role("app", {
    inputs: { token: "db.token", url: "db.url", size: "db.size", all: { from: "db.token", all: true } },
    steps: [
      step("file", { path: "/a", text: "{{ inputs.token | sha256 }}" }),
      step("file", { path: "/b", text: "{{ inputs.url }}" }),
      step("file", { path: "/c", size: "{{ inputs.size }}" }),
      step("file", { path: "/d" }, { when: "inputs.size > 4" }),
      step("file", { path: "/e", text: "{{ inputs.all | size }}" }),
      step("file", { path: "/f", text: "{{ inputs.all | map: 'value' | join }}" }),
      step("file", { path: "/g" }, { each: "{{ inputs.token }}" }),
      step("file", { path: "/h", text: "{{ inputs.size | plus: 1 }}" }),
      step("file", { path: "/{{ inputs.token }}" }),
    ],
  });
  const outputsOfStep = {
    resolved: [
      { name: "size", step: "token" },
      { name: "token", step: "token" },
    ],
  };
  const build = (context: Partial<ResolveContext> = {}) =>
    make(cluster([node("n-1"), node("n-2")], [deployment("d", { db: "n-1", app: "n-2" })]), [barclamp("x", [db, app])], context);

  test("steps that depend on them are unknown, the others are not", () => {
    const made = build();
    const { resolved, inputs, problems } = made.resolve("n-2/app");
    expect(problems).toEqual([]);
    expect(made.resolve("n-1/db").resolved.outputs).toEqual(outputsOfStep.resolved);
    expect(Object.fromEntries(resolved.steps.map((each) => [each.id, each.unknown]))).toEqual({
      "file:/a": true,
      "file:/b": false,
      "file:/c": true,
      "file:/d": true,
      "file:/e": false,
      "file:/f": true,
      "file:/g[*]": true,
      "file:/h": true,
      "file:/{{ inputs.token }}": true,
    });
    expect(resolved.steps.at(-1)?.label).toBe("file /(known after n-1/db.token)");
    expect(inputs["token"]).toEqual({ known: false, from: ["n-1/db"], output: "token" });
    expect(inputs["url"]).toEqual({ known: true, value: "x://10.0.0.1" });
  });

  test("known in the run, they are typed and rendered", () => {
    const made = build({ lateOutputs: new Map([["n-1/db" as const, { token: "[1]", size: "5" }]]) });
    const { resolved, seen } = made.resolve("n-2/app");
    expect(resolved.steps.some((each) => each.unknown)).toBe(false);
    expect(resolved.steps[2]?.args["size"]).toBe(5);
    expect(resolved.steps.find((each) => each.id === "file:/h")?.args["text"]).toBe(6);
    expect(resolved.steps.at(-1)).toMatchObject({ id: "file:/{{ inputs.token }}", args: { path: "/[1]" } });
    expect(seen.size).toBe(0);
  });

  test("known from an earlier run, the steps that use them are noted", () => {
    const made = build({ lateOutputs: new Map([["n-1/db" as const, { token: "abc", size: "5" }]]), lateOutputsSeen: true });
    const { resolved, seen } = made.resolve("n-2/app");
    expect(resolved.steps.filter((each) => each.unknown).map((each) => each.id)).toEqual([]);
    expect([...seen.keys()]).toEqual(["file:/a", "file:/c", "file:/d", "file:/f", "file:/h", "file:/{{ inputs.token }}"]);
    expect(seen.get("file:/a")).toEqual(["n-1/db"]);
  });
});
