import { expect, test } from "vitest";
import { barclampJsonSchema } from "../../../src/core/files/json-schemas.ts";
import { loadBarclamp } from "../../../src/core/files/load-barclamp.ts";
import { stepKinds } from "../../../src/core/jigs/shell/kinds/index.ts";

function load(...lines: readonly string[]): ReturnType<typeof loadBarclamp> {
  const text = ["barclamp: x", "version: 1.0.0", "attributes: { port: { type: port, default: 80 } }", "roles:", "  web:", "    proves:"];
  const bytes = new TextEncoder().encode([...text, ...lines.map((line) => `      ${line}`)].join("\n"));
  return loadBarclamp({ folder: "x", files: new Map([["barclamp.yaml", bytes]]) }, stepKinds);
}

function wrong(...lines: readonly string[]): readonly string[] {
  return load(...lines).problems.map(
    (each) => `${each.code} ${each.at !== undefined && "line" in each.at ? each.at.line - 6 : "?"} ${each.message}`,
  );
}

test("a proof as written", () => {
  const { barclamp, problems } = load(
    "web-pages-answer:",
    "  means: A page is there.",
    "  once: deployment",
    "  after: [sql-rows-return]",
    "  within: 5m",
    '  steps: [ { http: "http://127.0.0.1:{{ set.port }}/", within: 10s }, { command: { name: use, run: "true" } } ]',
    "  cleanup: [ { command: { name: tidy, run: rm -f /tmp/x } } ]",
  );
  expect(problems).toEqual([]);
  expect(barclamp?.roles["web"]?.proves).toMatchObject([
    { id: "web-pages-answer", means: "A page is there.", once: "deployment", after: ["sql-rows-return"], withinMs: 300_000 },
  ]);
  const [proof] = barclamp?.roles["web"]?.proves ?? [];
  expect([proof?.steps.map((step) => step.kind), proof?.cleanup.map((step) => step.id)]).toEqual([["http", "command"], ["command:tidy"]]);
});

test("everything that is wrong is said, where it is", () => {
  expect(
    wrong(
      "pages:",
      "  means: One word is too few.",
      "  steps: [ { port: 80 } ]",
      "web-pages-fail:",
      "  means: Nothing to do.",
      "  steps: []",
    ),
  ).toEqual([
    expect.stringMatching(/^VALUE_INVALID 1 .*must be words of small letters/u),
    expect.stringMatching(/^VALUE_INVALID 6 .*must not be shorter than 1/u),
  ]);
  expect(
    wrong(
      "web-pages-answer:",
      "  means: It waits.",
      "  after: [web-pages-answer]",
      "  within: 2h",
      "  steps:",
      "    - file: { path: /x, content: y }",
      "    - command: { name: a, run: '{{ set.prt }}' }",
    ),
  ).toEqual([
    "VALUE_INVALID 3 web-pages-answer waits for itself.",
    "VALUE_INVALID 4 `within` of web-pages-answer must be more than nothing and at most 1h.",
    "VALUE_INVALID 6 `file` keeps the node in a state, and a proof leaves nothing behind.",
    "SETTING_UNKNOWN 7 `set.prt` is not an attribute of this barclamp.",
  ]);
});

test("editors complete the steps of proofs", () => {
  const text = JSON.stringify(barclampJsonSchema(stepKinds));
  expect(text).toMatch(/"cleanup":\{[^{}]*"type":"array","items":\{"\$ref":"#\/\$defs\/judgedStep"\}/u);
});
