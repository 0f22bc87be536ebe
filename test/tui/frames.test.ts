import { describe, expect, test } from "vitest";
import { textWidth } from "../../src/core/words/text-width.ts";
import { problem } from "../../src/core/errors.ts";
import { samplePlan } from "../cli/views/sample-plan.ts";
import { Rig, type RigOptions, now } from "./rig.ts";

const sizes = [
  [60, 12],
  [80, 24],
  [100, 30],
  [200, 50],
  [300, 90],
] as const;

/** Ways to get to every screen and overlay. */
const situations: Readonly<Record<string, (rig: Rig) => Rig>> = {
  nodes: (rig) => rig,
  node: (rig) => rig.press("enter"),
  plan: (rig) => rig.press("2"),
  change: (rig) => rig.press("2", "enter"),
  apply: (rig) => rig.press("2", "A"),
  palette: (rig) => rig.press(":").type("log"),
  form: (rig) => rig.press(":").type("barclamp new").press("enter"),
  help: (rig) => rig.press("?"),
  filter: (rig) => rig.press("/").type("web"),
  barclamps: (rig) => rig.press("7"),
};

function rigOf(options: RigOptions = {}): Rig {
  return new Rig({ plan: samplePlan, ...options });
}

describe.each(sizes)("%dx%d", (columns, rows) => {
  test.each(Object.keys(situations))("%s fills the screen exactly", (name) => {
    const rig = situations[name]?.(rigOf({ size: [columns, rows] }));
    const lines = rig?.rows() ?? [];
    expect(lines).toHaveLength(rows);
    expect(lines.map((line) => textWidth(line))).toEqual(lines.map(() => columns));
  });

  test("the way out is always shown", () => {
    expect(
      rigOf({ size: [columns, rows] })
        .rows()
        .at(-1),
    ).toMatch(/\? help {3}q quit/);
    expect(situations["apply"]?.(rigOf({ size: [columns, rows] })).text()).toContain("esc");
  });
});

describe.each(sizes.slice(0, 3))("%dx%d", (columns, rows) => {
  test.each(Object.keys(situations))("%s looks as it did", async (name) => {
    const rig = situations[name]?.(rigOf({ size: [columns, rows] }));
    await expect(`${rig?.text()}\n`).toMatchFileSnapshot(`frames/${name}-${columns}x${rows}.txt`);
  });
});

test("a terminal that is too small says so and keeps everything", () => {
  const rig = rigOf().press("j", "j");
  rig.send({ type: "size", columns: 50, rows: 10 });
  expect(rig.text()).toContain("needs 60x12");
  expect(rig.text()).toContain("--plain");
  rig.send({ type: "size", columns: 100, rows: 30 });
  expect(rig.text()).toMatch(/^› {2}web3/mu);
});

test("without Unicode every sign is ASCII", () => {
  for (const go of Object.values(situations)) expect(go(rigOf({ unicode: false })).text()).toMatch(/^[\n\x20-\x7e]*$/u);
});

test("loading, failure, staleness and a lost store are told the same way everywhere", () => {
  const wrong = problem("YAML_INVALID", { message: "cluster.yaml is no YAML.", hint: "Correct line 3." });
  const failed = new Rig({ shelf: { files: { phase: "failed", problems: [wrong], at: now } } });
  expect(failed.text()).toContain("YAML_INVALID: cluster.yaml is no YAML.");
  expect(failed.text()).toContain("do: Correct line 3.");
  const loading = new Rig({ shelf: { files: { phase: "loading", since: now - 2_000 } } });
  expect(loading.text()).toContain("Reading the cluster's files ... 2.0s");
  const soon = new Rig({ shelf: { files: { phase: "loading", since: now - 100 } } });
  expect(soon.text()).not.toContain("Reading");
  const rig = rigOf();
  const files = rig.state.world.shelf.get("files");
  const value = files?.phase === "ready" ? files.value : undefined;
  rig.send({
    type: "world",
    world: {
      ...rig.state.world,
      shelf: new Map(rig.state.world.shelf).set("files", { phase: "stale", value, at: now, problems: [wrong] }),
    },
  });
  expect(rig.text()).toContain("Could not be read again: cluster.yaml is no YAML.");
  rig.send({ type: "world", world: { ...rig.state.world, link: { phase: "lost", since: now - 5_000, why: "disk" } } });
  expect(rig.text()).toContain("store lost 5.0s ago");
});

test("an engine that is gone is named, with what to do", () => {
  const rig = new Rig({ runs: [{ run: "R-3", plan: "P-7", by: "ann", at: now - 60_000, phase: "requested" }] });
  expect(rig.text()).toContain("engine gone: R-3 waits");
});
