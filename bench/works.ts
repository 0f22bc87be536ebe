import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { milliseconds, table } from "./figures.ts";
import { type Measured, measure, runIn } from "./measure.ts";
import { type Account, openAccount } from "./rig/cgroups.ts";
import { fromAfar } from "./rig/far.ts";
import { prepareRig, type Rig } from "./rig/nodes.ts";
import { requireRig } from "./rig/requirements.ts";
import { writeClusterFile } from "./work/cluster.ts";

/** One kind of work, in one amount. */
export interface WorksFigures {
  readonly work: string;
  /** Steps on each node. */
  readonly steps: number;
  readonly first: Measured;
  readonly noop: Measured;
}

/** How and where to measure. */
export interface WorksOptions {
  readonly nodes: number;
  readonly folder: string;
  readonly halligan: readonly string[];
  onOpen(close: () => Promise<void>): void;
}

/** Steps of each role, as a barclamp has them; `amount` says how much of it. */
type Work = (amount: number) => readonly (readonly string[])[];

interface Kind {
  readonly amounts: readonly [number, number];
  readonly steps: Work;
  /** Nodes as if they were that far away. */
  readonly roundTripMs?: number;
}

const several = (count: number, make: (at: number) => string): readonly string[] => Array.from({ length: count }, (_, at) => make(at));

const smallRoles: Work = (amount) =>
  several(amount, (at) => `/etc/works${at}`).map((folder) => [
    `directory: { path: ${folder} }`,
    `file: { path: ${folder}/a, content: "{{ node.name }}\\n" }`,
    `file: { path: ${folder}/b, content: "b\\n" }`,
    `line: { path: ${folder}/l, line: "x = 1", create: true }`,
    `command: { name: c, run: "echo c >${folder}/c", creates: ${folder}/c }`,
  ]);

/** Kinds of work that people have and that `peers` does not, each in two amounts. */
const works: Readonly<Record<string, Kind>> = {
  files: {
    amounts: [75, 300],
    steps: (amount) => [
      [
        "directory: { path: /etc/works }",
        ...several(amount, (at) => `file: { path: /etc/works/f${at}, content: "${at} {{ node.name }}\\n" }`),
      ],
    ],
  },
  "roles of five steps": { amounts: [5, 20], steps: smallRoles },
  "roles of five steps, 100 ms away": { amounts: [5, 20], steps: smallRoles, roundTripMs: 100 },
  commands: {
    amounts: [15, 60],
    steps: (amount) => [several(amount, (at) => `command: { name: c${at}, run: "echo >/run/c${at}", unless: "test -e /run/c${at}" }`)],
  },
  "lines of one file": {
    amounts: [25, 100],
    steps: (amount) => [
      several(amount, (at) => `line: { path: /etc/works.conf, line: "k${at} = ${at}", match: "^k${at} =", create: true }`),
    ],
  },
  accounts: {
    amounts: [10, 40],
    steps: (amount) => [several(amount, (at) => `user: { name: works${at}, uid: ${5_000 + at} }`)],
  },
};

/** Applies each kind of work to fresh nodes, and then once more, in two amounts: what grows faster than its amount shows. */
export async function measureWorks(options: WorksOptions): Promise<readonly WorksFigures[]> {
  requireRig(false);
  const [controller, nodes] = [openAccount("controller"), openAccount("nodes")];
  options.onOpen(() => controller.close());
  options.onOpen(() => nodes.close());
  const rig = prepareRig(join(options.folder, "works-rig"), options.nodes, nodes);
  options.onOpen(() => rig.stop());
  const figures: WorksFigures[] = [];
  for (const [work, { amounts, steps, roundTripMs }] of Object.entries(works)) {
    for (const amount of amounts) {
      console.error(`bench: ${options.nodes} nodes, ${work}, ${amount}`);
      await rig.fresh();
      const folder = join(options.folder, `works-${figures.length}`);
      const roles = steps(amount);
      const far = roundTripMs === undefined ? undefined : await fromAfar(rig, options.folder, roundTripMs);
      if (far !== undefined) options.onOpen(async () => far.close());
      writeWork(folder, far?.rig ?? rig, roles);
      const run = (...args: readonly string[]): Promise<Measured> =>
        carryOut(folder, [...options.halligan, ...args], { controller, nodes });
      const discovered = await runIn(controller, [...options.halligan, "discover"], folder, join(folder, "output"));
      if (discovered !== 0) throw new Error(`discover ended with exit code ${discovered}`);
      const first = await run("apply", "--yes", "--json");
      figures.push({ work, steps: roles.flat().length, first, noop: await run("apply", "--yes", "--json") });
      far?.close();
    }
  }
  await rig.stop();
  return figures;
}

async function carryOut(
  cwd: string,
  command: readonly string[],
  accounts: { readonly controller: Account; readonly nodes: Account },
): Promise<Measured> {
  const output = join(cwd, "output");
  const measured = await measure(command, { cwd, output, ...accounts });
  if (measured.exit !== 0)
    throw new Error(`halligan ended with exit code ${measured.exit}:\n${readFileSync(output, "utf8").slice(-2_000)}`);
  return measured;
}

function writeWork(folder: string, rig: Rig, roles: readonly (readonly string[])[]): void {
  const barclamp = join(folder, "barclamps/works");
  mkdirSync(barclamp, { recursive: true });
  const lines = roles.flatMap((steps, at) => [`  role${at}:`, "    steps:", ...steps.map((step) => `      - ${step}`)]);
  writeFileSync(join(barclamp, "barclamp.yaml"), `${["barclamp: works", "version: 1.0.0", "roles:", ...lines].join("\n")}\n`);
  writeClusterFile(
    folder,
    rig,
    roles.map((_, at) => `role${at}`),
  );
}

/** The figures for a terminal. */
export function worksTable(figures: readonly WorksFigures[], nodes: number): string {
  const rows = figures.map(({ work, steps, first, noop }) => [
    work,
    String(steps),
    ...[first, noop].flatMap((each) => [
      milliseconds(each.wallMs),
      milliseconds(each.controllerMs),
      milliseconds(each.nodesMs === undefined ? undefined : each.nodesMs / nodes),
    ]),
  ]);
  const head = ["steps", "first apply", "controller", "a node", "no-op", "controller", "a node"];
  return table([[`other work, ${nodes} nodes`, ...head], ...rows]);
}
