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

/** What is demanded, judged by these samples. */
export function judgeDemands(samples: readonly Sample[]): readonly Demand[] {
  const own = (phase: Phase, key: "wallMs" | "controllerMs" = "wallMs", against: Phase = phase): number | undefined =>
    ratio(samples, nodes, { contender: "halligan", phase }, { contender: "ssh", phase: against }, key);
  const times = (contender: ContenderName, phase: Phase): number | undefined =>
    ratio(samples, nodes, { contender, phase }, { contender: "halligan", phase });
  const most = (what: string, limit: number, measured: number | undefined): Demand => ({ what, bound: "most", limit, measured });
  const least = (what: string, limit: number, measured: number | undefined): Demand => ({ what, bound: "least", limit, measured });
  return [
    most(`no-op, ${nodes} nodes: wall, as a multiple of a plain script over parallel ssh`, 1.15, own("noop")),
    most(`no-op, ${nodes} nodes: controller's computing time, likewise`, 1.5, own("noop", "controllerMs")),
    most(`first apply, ${nodes} nodes: wall, likewise`, 1.15, own("first")),
    most(`no-op over open connections, ${nodes} nodes: wall, against fresh parallel ssh`, 0.7, own("open", "wallMs", "noop")),
    least(`no-op, ${nodes} nodes: times faster than tuned Ansible`, 100, times("ansible", "noop")),
    least(`first apply, ${nodes} nodes: times faster than tuned Ansible`, 70, times("ansible", "first")),
    least(`no-op, ${nodes} nodes: times faster than Mitogen`, 45, times("mitogen", "noop")),
    least(`first apply, ${nodes} nodes: times faster than Mitogen`, 28, times("mitogen", "first")),
    most("no-op: wall at the most nodes, as a multiple of linear growth from the fewest", 1.1, growth(samples, "noop")),
    most("first apply: likewise", 1.1, growth(samples, "first")),
  ];
}

/** The wall per node at the most nodes, over that at the fewest: 1 is linear, less is better. */
function growth(samples: readonly Sample[], phase: Phase): number | undefined {
  const own = summarise(samples)
    .filter((each) => each.contender === "halligan" && each.phase === phase)
    .toSorted((a, b) => a.nodes - b.nodes);
  const [fewest, most] = [own[0], own.at(-1)];
  if (fewest === undefined || most === undefined || fewest.nodes === most.nodes) return undefined;
  return most.wallMs / most.nodes / (fewest.wallMs / fewest.nodes);
}

/** True when it holds; `undefined` where nothing was measured. */
export function holds({ bound, limit, measured }: Demand): boolean | undefined {
  if (measured === undefined) return undefined;
  return bound === "most" ? measured <= limit : measured >= limit;
}
