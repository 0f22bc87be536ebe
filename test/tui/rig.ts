import type { LoadedCluster } from "../../src/core/house.ts";
import type { Cluster, ClusterNode, SshSettings } from "../../src/core/model/cluster.ts";
import type { Plan } from "../../src/core/model/plan.ts";
import type { AppliedRecord } from "../../src/core/run/applied.ts";
import type { RunEntry } from "../../src/core/run/requests.ts";
import type { Loaded } from "../../src/tui/data/loaded.ts";
import type { World } from "../../src/tui/data/world.ts";
import { frame } from "../../src/tui/frame/frame.ts";
import { screens } from "../../src/tui/screens/registry.ts";
import { standardKeymap } from "../../src/tui/screens/table.ts";
import { type Effect, type State, freshList } from "../../src/tui/state/state.ts";
import { type Message, update } from "../../src/tui/state/update.ts";
import { lineText } from "../../src/tui/text/line.ts";
import { type ThemeName, lookOf } from "../../src/tui/text/look.ts";

/** When everything in these tests happens, ms since 1970. */
export const now = 1_000_000;

const ssh: SshSettings = {
  user: "ops",
  port: 22,
  transport: "ssh2",
  keys: [],
  agent: false,
  become: "sudo",
  jump: [],
  hostKeys: "strict",
  connectTimeoutMs: 10_000,
};

function node(name: string, index: number): ClusterNode {
  return { name, address: `10.0.0.${index + 1}`, labels: { tier: name.replace(/\d+$/u, "") }, ssh, set: {} };
}

/** What a test's cluster looks like. */
export interface RigOptions {
  readonly nodes?: readonly string[];
  readonly plan?: Plan;
  readonly applied?: readonly AppliedRecord[];
  readonly runs?: readonly RunEntry[];
  /** Further data by the key of its topic. */
  readonly shelf?: Readonly<Record<string, Loaded<unknown>>>;
  readonly size?: readonly [columns: number, rows: number];
  readonly theme?: ThemeName;
  readonly unicode?: boolean;
  readonly screen?: string;
}

/** Data that is there. */
function ready<T>(value: T): Loaded<T> {
  return { phase: "ready", value, at: now };
}

/** A world in which everything has been read. */
export function worldOf(options: RigOptions = {}): World {
  const names = options.nodes ?? ["web1", "web2", "web3", "web4", "lb1"];
  const cluster: Cluster = { name: "hack-lab", ssh, nodes: names.map(node), set: {}, groups: [], deployments: [], places: new Map() };
  const files: LoadedCluster = { file: "/c/cluster.yaml", folder: "/c", cluster, barclamps: new Map(), revision: "sha256:01" };
  const shelf = new Map<string, Loaded<unknown>>([
    ["files", ready(files)],
    ["facts", ready(new Map())],
    ["applied", ready(options.applied ?? [])],
    ["plan", ready(options.plan)],
    ["runs", ready(options.runs ?? [])],
    ["engine:hack-lab", ready(undefined)],
    ...Object.entries(options.shelf ?? {}),
  ]);
  if (options.plan !== undefined) shelf.set(`plan:${options.plan.id}`, ready(options.plan));
  return {
    now,
    by: "ann",
    self: "here:1:0",
    host: "here",
    file: "/c/cluster.yaml",
    join: "-f /c/cluster.yaml",
    link: { phase: "live" },
    shelf,
    jobs: new Map(),
  };
}

/** The terminal UI in one hand: a state that keys change, and the effects that came out. */
export class Rig {
  state: State;
  readonly effects: Effect[] = [];
  #at = now;

  constructor(options: RigOptions = {}) {
    const [columns, rows] = options.size ?? [100, 30];
    const screen = screens.get(options.screen ?? "nodes");
    this.state = {
      world: worldOf(options),
      ui: {
        stack: [{ screen: screen.id, param: "", list: freshList, local: screen.start("", now) }],
        overlay: undefined,
        notice: undefined,
        size: { columns, rows },
        look: lookOf(options.theme ?? "dark", options.unicode ?? true),
        keymap: standardKeymap(screens),
        keyProblems: [],
        history: [],
      },
    };
    this.send({ type: "world", world: this.state.world });
  }

  send(message: Message): void {
    const step = update(this.state, message, screens);
    this.state = step.state;
    this.effects.push(...step.effects);
  }

  /** Keys one by one, a second apart. */
  press(...names: readonly string[]): this {
    for (const name of names) this.together(name);
    return this;
  }

  /** Keys that arrive in one piece. */
  together(...names: readonly string[]): this {
    this.#at += 1_000;
    this.send({ type: "keys", names, at: this.#at });
    return this;
  }

  /** Keys right after the ones before, with no time to read anything. */
  atOnce(...names: readonly string[]): this {
    for (const name of names) this.send({ type: "keys", names: [name], at: this.#at });
    return this;
  }

  /** Letter by letter. */
  type(text: string): this {
    return this.press(...Array.from(text, (char) => (char === " " ? "space" : char)));
  }

  /** The screen as text, spaces at the ends of rows left out. */
  text(): string {
    return this.rows()
      .map((row) => row.trimEnd())
      .join("\n");
  }

  rows(): readonly string[] {
    return frame(this.state, screens).map((row) => lineText({ segs: [...row.segs, ...(row.beside ?? [])], look: row.look }));
  }
}
