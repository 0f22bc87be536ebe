import { type ContenderName, type Phase, ratio, type Sample, summarise } from "./contender.ts";

/** One thing that is demanded of the figures, and how it stands. `measured` is `undefined` where nothing was measured for it. */
export interface Demand {
  readonly what: string;
  /** `most`: the measured figure may not be larger; `least`: not smaller. */
  readonly bound: "most" | "least";
  readonly limit: number;
  readonly measured: number | undefined;
}

/** At how many nodes the demands hold. */
const nodes = 50;

/** What is demanded, judged by these samples. Against slow peers it is judged at the most nodes at which both were measured. */
export function judgeDemands(samples: readonly Sample[]): readonly Demand[] {
  const own = (phase: Phase, key: "wallMs" | "controllerMs" = "wallMs", against: Phase = phase): number | undefined =>
    ratio(samples, nodes, { contender: "halligan", phase }, { contender: "ssh", phase: against }, key);
  const most = (what: string, limit: number, measured: number | undefined): Demand => ({ what, bound: "most", limit, measured });
  return [
    most(`no-op, ${nodes} nodes: wall, as a multiple of a plain script over parallel ssh`, 1.15, own("noop")),
    most(`no-op, ${nodes} nodes: controller's computing time, likewise`, 1.5, own("noop", "controllerMs")),
    most(`first apply, ${nodes} nodes: wall, likewise`, 1.15, own("first")),
    most(`no-op over open connections, ${nodes} nodes: wall, against fresh parallel ssh`, 0.7, own("open", "wallMs", "noop")),
    times(samples, "ansible", "noop", "no-op: times faster than tuned Ansible", 100),
    times(samples, "ansible", "first", "first apply: times faster than tuned Ansible", 70),
    times(samples, "mitogen", "noop", "no-op: times faster than Mitogen", 45),
    times(samples, "mitogen", "first", "first apply: times faster than Mitogen", 28),
    most(`no-op: wall at ${manyNodes} nodes, as a multiple of linear growth from ${fewNodes}`, 1.1, growth(samples, "noop")),
    most("first apply: likewise", 1.1, growth(samples, "first")),
  ];
}

function times(samples: readonly Sample[], contender: ContenderName, phase: Phase, what: string, limit: number): Demand {
  const counts = [...new Set(samples.map((each) => each.nodes))].toSorted((a, b) => b - a);
  const measured = counts.map((count) => ({ count, times: ratio(samples, count, { contender, phase }, { contender: "halligan", phase }) }));
  const found = measured.find((each) => each.times !== undefined);
  return { what: found === undefined ? what : `${what}, ${found.count} nodes`, bound: "least", limit, measured: found?.times };
}

/** The numbers of nodes between which growth is judged, where there were samples of both. */
const [fewNodes, manyNodes] = [10, 200];

/** The wall per node at many nodes, over that at few: 1 is linear, less is better. */
function growth(samples: readonly Sample[], phase: Phase): number | undefined {
  const own = summarise(samples).filter((each) => each.contender === "halligan" && each.phase === phase);
  const [few, many] = [fewNodes, manyNodes].map((nodes) => own.find((each) => each.nodes === nodes));
  return few === undefined || many === undefined ? undefined : many.wallMs / manyNodes / (few.wallMs / fewNodes);
}

/** True when it holds; `undefined` where nothing was measured. */
export function holds({ bound, limit, measured }: Demand): boolean | undefined {
  if (measured === undefined) return undefined;
  return bound === "most" ? measured <= limit : measured >= limit;
}
