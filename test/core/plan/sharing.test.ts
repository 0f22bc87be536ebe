import { describe, expect, test } from "vitest";
import { canonicalJson, digestOf } from "../../../src/core/plan/canonical.ts";
import { barclamp, cluster, deployment, make, names, role, settings, step } from "./support.ts";

/** Resolves role `app` on two nodes. */
function onTwoNodes(steps: Parameters<typeof role>[1]) {
  const made = make(cluster(names(2), [deployment("d", { app: "all" })]), [barclamp("x", [role("app", steps)])], {
    settings: settings({ level: "info" }),
  });
  return [made.resolve("n-1/app"), made.resolve("n-2/app")] as const;
}

describe("what node-roles share", () => {
  test("a step without templates is one object, one with them is made for each", () => {
    const [one, two] = onTwoNodes({
      steps: [step("file", { path: "/a", content: "x" }), step("file", { path: "/b", content: "{{ node.name }}" })],
    });
    expect(one.resolved.steps[0]).toBe(two.resolved.steps[0]);
    expect(one.resolved.steps[1]).not.toBe(two.resolved.steps[1]);
    expect(one.actions).not.toBe(two.actions);
  });

  test("a step that notifies others is shared as far as it notifies the same ones", () => {
    const service = step("service", { name: "web" }, { name: "web", when: "role.first" });
    const [one, two] = onTwoNodes({ steps: [step("file", { path: "/a", content: "x" }, { notify: ["web"] }), service] });
    expect(one.resolved.steps[0]?.notify).toHaveLength(1);
    expect(two.resolved.steps[0]?.notify).toEqual([]);
  });

  test("the digest of the actions is that of their canonical JSON", () => {
    const [one] = onTwoNodes({
      steps: [step("file", { path: "/a", content: "x" }), step("file", { path: "/b", content: "{{ node.name }}" })],
      verify: [step("file", { path: "/c", content: "é\u2028" })],
    });
    const { steps, verify, around, outputs } = one.resolved;
    const plain = (list: typeof steps) =>
      list.map((each) => ({ ...each, blobs: Object.fromEntries(Object.entries(each.blobs).map(([name, { digest }]) => [name, digest])) }));
    const body = {
      steps: plain(steps),
      verify: plain(verify),
      before: [],
      after: [],
      onFailure: [],
      undo: "auto",
      outputs,
      secrets: one.secrets,
    };
    expect(around).toEqual({ before: [], after: [], onFailure: [] });
    expect(one.actions).toBe(digestOf(body));
  });

  test("what many node-roles read is let go of, and is the same when it is worked out again", () => {
    const output = { url: { value: "http://{{ node.name }}/" } };
    const made = make(
      cluster(names(300), [deployment("d", { hub: "all", user: "all" })]),
      [
        barclamp("x", [
          role("hub", { outputs: output, steps: [step("file", { path: "/h", content: "{{ set.none }}{{ node.name }}" })] }),
          role("user", {
            inputs: { hubs: { from: "hub.url", all: true } },
            steps: [step("file", { path: "/u", content: "{{ inputs.hubs | json }}" })],
          }),
        ]),
      ],
      { settings: settings({ level: "info" }) },
    );
    const all = names(300).map(({ name }) => made.resolve(`${name}/user`));
    const [first] = all;
    expect(new Set(all.map((each) => each.actions)).size).toBe(1);
    expect(made.resolve("n-1/user").actions).toBe(first?.actions);
    expect(JSON.stringify(first?.inputs)).toContain("http://n-300/");
    const wrong = [made.resolve("n-1/hub"), made.resolve("n-2/hub"), made.resolve("n-1/hub")];
    expect(wrong.map((each) => each.problems.map(({ code }) => code))).toEqual([
      ["TEMPLATE_ERROR"],
      ["TEMPLATE_ERROR"],
      ["TEMPLATE_ERROR"],
    ]);
  });

  test("canonical JSON sorts keys at every depth and leaves out what is absent", () => {
    const list = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const value = { b: [{ d: 1, c: undefined, a: [undefined, { z: Number.NaN, y: list }] }], a: list, "\uffff": 1, "😀": 2 };
    const text = `["a","b","c","d","e","f","g","h"]`;
    expect(canonicalJson(value)).toBe(`{"a":${text},"b":[{"a":[null,{"y":${text},"z":null}],"d":1}],"😀":2,"\uffff":1}`);
  });
});
