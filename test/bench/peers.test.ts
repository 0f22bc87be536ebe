import { expect, test } from "vitest";
import { peersChart } from "../../bench/peers/chart.ts";
import { ratio, type Sample, summarise } from "../../bench/peers/contender.ts";
import { holds, judgeDemands } from "../../bench/peers/demands.ts";
import { contenders } from "../../bench/peers/measure-peers.ts";
import { peersReport } from "../../bench/peers/report.ts";
import { contenderSets } from "../../bench/peers/run-peers.ts";

function sample(contender: Sample["contender"], wallMs: number, more: Partial<Sample> = {}): Sample {
  return {
    contender,
    wallMs,
    phase: "noop",
    nodes: 50,
    round: "one",
    load: 1,
    controllerMs: wallMs / 4,
    nodesMs: wallMs / 2,
    exit: 0,
    ...more,
  };
}

const samples = [
  sample("ssh", 1_000),
  sample("halligan", 1_100),
  sample("ssh", 4_000, { round: "two" }),
  sample("halligan", 4_800, { round: "two" }),
  sample("ansible", 120_000),
  sample("halligan", 300, { nodes: 10, round: "three" }),
  sample("halligan", 9_000, { nodes: 200, round: "four" }),
];
const machine = { processor: "P <1>", cores: 2, memoryGiB: 4, system: "Debian", kernel: "6", versions: { OpenSSH: "9" } };

test("a ratio is the middle of those within rounds, whatever the rounds have in common", () => {
  const [halligan, ssh] = [{ contender: "halligan", phase: "noop" } as const, { contender: "ssh", phase: "noop" } as const];
  expect(ratio(samples, 50, halligan, ssh)).toBeCloseTo(1.15);
  expect(ratio(samples, 10, halligan, ssh)).toBeUndefined();
  expect(summarise(samples).find((each) => each.contender === "ssh")).toMatchObject({
    samples: 2,
    wallMs: 2_500,
    leastMs: 1_000,
    mostMs: 4_000,
  });
});

test("demands say what was not measured, and growth is judged per node", () => {
  const all = judgeDemands(samples);
  const named = (part: string) => all.filter(({ what }) => what.includes(part)).map((each) => [each.measured?.toFixed(2), holds(each)]);
  expect(named("no-op, 50 nodes: wall")).toEqual([["1.15", true]]);
  expect(named("no-op: times faster than tuned Ansible, 50 nodes")).toEqual([["109.09", true]]);
  expect(named("no-op: wall at 200 nodes")).toEqual([["1.50", false]]);
  expect(named("first apply, 50 nodes: wall")).toEqual([[undefined, undefined]]);
});

test("report and chart hold every contender that was measured, and nothing that breaks them", () => {
  const report = peersReport({ machine, samples }, contenders);
  for (const title of ["Halligan", "plain script over parallel ssh", "Ansible, tuned"]) expect(report).toContain(`| ${title} |`);
  expect(report).not.toMatch(/NaN|undefined/u);
  for (const what of ["wall", "computing"] as const) {
    const chart = peersChart({ machine, samples }, contenders, what);
    expect(chart).toBe(peersChart({ machine, samples }, contenders, what));
    expect(chart).not.toMatch(/NaN|undefined|Infinity/u);
    expect(chart.match(/<rect [^>]*fill="#0f766e"/gu)).toHaveLength(1 + 5);
  }
});

test("what a person asks for becomes sets; unknown contenders are named", () => {
  const none = { nodes: undefined, contenders: undefined, rounds: undefined, noops: undefined };
  expect(contenderSets({ ...none, nodes: [100], contenders: ["halligan", "ssh"], noops: 2 })).toEqual([
    { nodes: 100, contenders: ["ssh", "halligan"], rounds: 1, noops: 2 },
  ]);
  expect(contenderSets(none).map(({ nodes }) => nodes)).toEqual([10, 10, 50]);
  expect(() => contenderSets({ ...none, contenders: ["puppet"] })).toThrow("no contender puppet");
});
