import { readFileSync } from "node:fs";
import { median } from "../figures.ts";
import type { Measured } from "../measure.ts";
import type { Account } from "../rig/cgroups.ts";
import type { Rig } from "../rig/nodes.ts";

/** Who does the work. */
export type ContenderName = "halligan" | "ssh" | "same-script" | "ansible" | "ansible-default" | "mitogen";

/** `first`: on fresh nodes. `noop`: again, over new connections. `open`: again, over connections that are open already. */
export type Phase = "first" | "noop" | "open";

/** One measurement. */
export interface Sample extends Measured {
  readonly nodes: number;
  /** Unique within one file of results; samples of one round were taken side by side. */
  readonly round: string;
  readonly contender: ContenderName;
  readonly phase: Phase;
  /** Processes that were ready to run on the whole machine, a mean over the last minute; the bench's own among them. */
  readonly load: number;
}

/** Where a contender works. */
export interface Place {
  /** A folder for the files of one number of nodes. */
  readonly folder: string;
  readonly rig: Rig;
  readonly archive: Uint8Array;
  readonly controller: Account;
  readonly nodes: Account;
  /** The command line's start: program and leading arguments. */
  readonly halligan: readonly string[];
}

/** A contender on fresh nodes. */
export interface Running {
  readonly cwd: string;
  readonly command: readonly string[];
  /** Judges what it printed. @throws when the work was not done. */
  accept(output: string, exit: number, phase: Phase): void;
  /** Closes the connections that it keeps open; `output` is what it printed last. Not measured. */
  close(output: string): Promise<void>;
  /** Opens the connections that phase `open` uses, and gives its command. Not measured. */
  readonly open?: () => Promise<readonly string[]>;
}

/** How one way of doing the work is measured. */
export interface Contender {
  readonly name: ContenderName;
  readonly title: string;
  /** Not measured with more nodes than this. */
  readonly mostNodes: number;
  readonly phases: readonly Phase[];
  /** Prepares the work on nodes that have just started. Not measured. */
  begin(place: Place, round: string): Promise<Running>;
}

/** The end of a text, for messages. */
export function endOf(text: string): string {
  return text.slice(-2_000);
}

/** The end of a file, for messages. */
export function tailOf(file: string): string {
  return endOf(readFileSync(file, "utf8"));
}

/** Medians of one contender in one phase at one number of nodes. */
export interface Summary {
  readonly contender: ContenderName;
  readonly phase: Phase;
  readonly nodes: number;
  readonly samples: number;
  readonly wallMs: number;
  readonly leastMs: number;
  readonly mostMs: number;
  readonly controllerMs: number;
  readonly nodesMs: number;
}

/** The medians of all groups of samples, in the order in which they first appear. */
export function summarise(samples: readonly Sample[]): readonly Summary[] {
  const groups = Map.groupBy(samples, ({ nodes, phase, contender }) => `${nodes} ${phase} ${contender}`);
  return [...groups.values()].flatMap((group): readonly Summary[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { contender, phase, nodes } = first;
    const walls = group.map(({ wallMs }) => wallMs);
    const of = (key: "controllerMs" | "nodesMs"): number => median(group.map((each) => each[key] ?? NaN));
    const computing = { controllerMs: of("controllerMs"), nodesMs: of("nodesMs") };
    const spread = { leastMs: Math.min(...walls), mostMs: Math.max(...walls) };
    return [{ contender, phase, nodes, samples: group.length, wallMs: median(walls), ...spread, ...computing }];
  });
}

/** One side of a comparison. */
export interface Side {
  readonly contender: ContenderName;
  readonly phase: Phase;
}

/**
 * The median, over the rounds in which both were measured side by side, of one's median over the other's; `undefined` where they never were. A
 * ratio within a round is steadier than one of medians: what else the machine did that minute, it did to both. `bothMs`: computing time of the
 * controller and the nodes together.
 */
export function ratio(
  samples: readonly Sample[],
  nodes: number,
  one: Side,
  other: Side,
  key: "wallMs" | "controllerMs" | "bothMs" = "wallMs",
): number | undefined {
  const rounds = [...new Set(samples.map(({ round }) => round))];
  const of = (round: string, side: Side): number =>
    median(
      samples
        .filter((each) => each.round === round && each.nodes === nodes && each.contender === side.contender && each.phase === side.phase)
        .map((each) => (key === "bothMs" ? (each.controllerMs ?? NaN) + (each.nodesMs ?? NaN) : (each[key] ?? NaN))),
    );
  const ratios = rounds.map((round) => of(round, one) / of(round, other)).filter((each) => Number.isFinite(each));
  return ratios.length === 0 ? undefined : median(ratios);
}
