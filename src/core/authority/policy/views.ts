import { compareNatural } from "../../model/natural-order.ts";
import type { Json } from "../../ports.ts";
import { zonedTime, dayNumber, weekdayOf } from "../../model/civil-time.ts";
import type { Scope } from "./rule.ts";
import type { NodeFacts, SettingEntry, StateRole, Surroundings, World } from "./world.ts";

/** Facts that are not known, or too old: what reads them cannot be judged. */
export class UnknownFacts extends Error {
  override readonly name = "UnknownFacts";
}

/** What an expression read while it was evaluated. */
export interface Reading {
  /** Facts of any node. */
  facts: boolean;
  /** Why facts could not be read, by node. */
  readonly unknown: Map<string, string>;
}

/** One thing to be judged: its variables, and what it is called. */
export interface Subject {
  readonly id: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly nodes: readonly string[];
  readonly deployments: readonly string[];
}

/** A JSON value as the expression language counts: whole numbers are integers. */
export function celValue(value: Json): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((each: Json) => celValue(each));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, celValue(each)]));
  return value;
}

/** Views of facts, made once and shared by all states: they do not change by a plan. */
export function factsViews(surroundings: Surroundings, reading: Reading): (node: string) => object {
  const made = new Map<string, object>();
  return (node) => {
    const view = made.get(node) ?? factsView(node, surroundings.facts[node], reading);
    made.set(node, view);
    return view;
  };
}

/** What the view of a node's facts is made from. */
interface Behind {
  readonly node: string;
  readonly seen: NodeFacts | undefined;
  readonly facts: Readonly<Record<string, Json>>;
  readonly reading: Reading;
  /** Parts that were read, converted. */
  readonly read: Map<string, unknown>;
}

const behind = Symbol("behind");
type FactsView = { readonly [behind]: Behind };

/** Parts are converted when they are read first; one that was not observed throws. All nodes share what reads a part: of thousands there would else be twenty functions each. */
function factsView(node: string, seen: NodeFacts | undefined, reading: Reading): object {
  const known = seen?.known === true;
  const facts = (known && typeof seen.facts === "object" && seen.facts !== null ? seen.facts : {}) as Readonly<Record<string, Json>>;
  const view = { known, ageHours: known ? BigInt(Math.floor(seen.ageMs / 3_600_000)) : -1n };
  Object.defineProperty(view, behind, { value: { node, seen, facts, reading, read: new Map() } satisfies Behind });
  for (const part of observable) Object.defineProperty(view, part, accessor(part));
  if (known)
    for (const part of Object.keys(facts)) if (part !== "facts" && !observable.has(part)) Object.defineProperty(view, part, accessor(part));
  return view;
}

const accessors = new Map<string, PropertyDescriptor>();

function accessor(part: string): PropertyDescriptor {
  const known = accessors.get(part);
  if (known !== undefined) return known;
  const made = {
    enumerable: true,
    get(this: FactsView): unknown {
      return readPart(this[behind], part);
    },
  };
  accessors.set(part, made);
  return made;
}

function readPart({ node, seen, facts, reading, read }: Behind, part: string): unknown {
  reading.facts = true;
  if (read.has(part)) return read.get(part);
  const json = facts[part];
  if (json === undefined || (json === null && (observable.has(part) || gapsOf(facts).some((gap) => gap.part === part)))) {
    const why = seen === undefined ? "never seen" : seen.known ? `${part} was not observed` : seen.why;
    reading.unknown.set(node, why);
    throw new UnknownFacts(`${node}: ${why}`);
  }
  const value = celValue(json);
  read.set(part, value);
  return value;
}

/** Parts of which nothing follows when they are null. */
const observable: ReadonlySet<string> = new Set(
  "os kernel cpu memory disks mounts nics packages services listening clock tools limits virtualisation init packageManager".split(" "),
);

function gapsOf(facts: Readonly<Record<string, Json>>): readonly { readonly part: string }[] {
  const gaps = facts["gaps"];
  return Array.isArray(gaps) ? (gaps as unknown as readonly { readonly part: string }[]) : [];
}

interface Standing {
  /** `deployment/role`. */
  readonly id: string;
  readonly role: string;
  readonly deployment: string;
  readonly barclamp: string;
  readonly settings: number;
}

/** A world in the shape that expressions see; the order of its lists does not depend on the order in which it was put together. */
export class WorldViews {
  readonly #world: World;
  readonly #surroundings: Surroundings;
  readonly #factsOf: (node: string) => object;
  readonly #standing = new Map<string, Standing[]>();
  readonly #members = new Map<string, string[]>();
  /** By `deployment/role`, then node. */
  readonly #byRole = new Map<string, Map<string, Standing[]>>();
  readonly #nodes = new Map<string, object>();
  readonly #entries = new Map<string, readonly object[]>();
  readonly #changing: ReadonlySet<string>;

  constructor(world: World, surroundings: Surroundings, factsOf: (node: string) => object) {
    this.#world = world;
    this.#surroundings = surroundings;
    this.#factsOf = factsOf;
    this.#changing = new Set(world.plan.nodes);
    for (const { node, role, deployment, barclamp, settings } of world.state.nodeRoles) {
      const id = roleId({ deployment, role });
      const standing = { id, role, deployment, barclamp, settings };
      push(this.#standing, node, standing);
      push(this.#members, id, node);
      const nodes = this.#byRole.get(id) ?? new Map<string, Standing[]>();
      push(nodes, node, standing);
      this.#byRole.set(id, nodes);
    }
    for (const list of this.#standing.values()) list.sort((a, b) => compareText(a.id, b.id));
    for (const list of this.#members.values()) list.sort(compareNatural);
    for (const node of world.state.nodes.toSorted((a, b) => compareNatural(a.name, b.name))) {
      const standings = this.#standing.get(node.name) ?? [];
      this.#nodes.set(node.name, {
        name: node.name,
        address: node.address,
        labels: node.labels,
        roles: standings.map((each) => each.role),
        deployments: [...new Set(standings.map((each) => each.deployment))],
        changing: this.#changing.has(node.name),
        facts: factsOf(node.name),
        set: this.#set(standings),
        settings: this.#settings(standings),
      });
    }
  }

  /** Everything that a scope judges, in natural order. */
  subjects(scope: Scope): readonly Subject[] {
    const common = this.#common();
    switch (scope) {
      case "plan": {
        const all = [...this.#standing.values()].flat();
        const variables = {
          ...common,
          nodes: [...this.#nodes.values()],
          roles: this.#roles().map(({ view }) => view),
          settings: this.#settings(all),
        };
        const { nodes, deployments } = this.#world.plan;
        return [{ id: "plan", variables, nodes, deployments }];
      }
      case "node":
        return [...this.#nodes].map(([name, view]) => {
          const node = view as { readonly deployments: readonly string[]; readonly set: unknown; readonly settings: unknown };
          const variables = { ...common, node: view, facts: this.#factsOf(name), set: node.set, settings: node.settings };
          return { id: `node:${name}`, variables, nodes: [name], deployments: node.deployments };
        });
      case "role":
        return this.#roles().map(({ role, nodes, view }) => {
          const id = `${role.deployment}/${role.role}`;
          const standings = nodes.flatMap((node) => this.#byRole.get(id)?.get(node) ?? []);
          const variables = {
            ...common,
            role: view,
            members: nodes.flatMap((node) => this.#nodes.get(node) ?? []),
            set: this.#set(standings.slice(0, 1)),
            settings: this.#settings(standings),
          };
          return { id: `role:${id}`, variables, nodes, deployments: [role.deployment] };
        });
      default:
        return scope satisfies never;
    }
  }

  #roles(): readonly { readonly role: StateRole; readonly nodes: readonly string[]; readonly view: object }[] {
    const known = new Map(this.#world.state.roles.map((each) => [roleId(each), each]));
    return [...this.#members]
      .toSorted(([a], [b]) => compareText(a, b))
      .map(([id, nodes]) => {
        const [deployment = "", name = ""] = id.split("/");
        const role: StateRole = known.get(id) ?? { deployment, role: name, barclamp: "", order: "", quorum: 0 };
        const doing = this.#world.plan.roles[id] ?? { changing: 0, removing: 0, batch: 0, down: 0 };
        const view = {
          id,
          name,
          barclamp: role.barclamp,
          deployment,
          count: BigInt(nodes.length),
          nodes,
          order: role.order,
          clustered: role.order !== "",
          quorum: BigInt(role.quorum),
          changing: BigInt(doing.changing),
          removing: BigInt(doing.removing),
          batch: BigInt(doing.batch),
          down: BigInt(doing.down),
        };
        return { role, nodes, view };
      });
  }

  #common(): Readonly<Record<string, unknown>> {
    const { cluster, authority, now, timezone } = this.#surroundings;
    const { roles: _roles, ...plan } = this.#world.plan;
    const { year, month, day, hour, minute } = zonedTime(now, timezone);
    return {
      cluster: { name: cluster.name, nodes: BigInt(this.#nodes.size), deployments: cluster.deployments },
      authority: { mode: authority.mode, people: BigInt(authority.people) },
      plan: celValue(plan as unknown as Json),
      time: {
        epochMs: BigInt(now),
        dayNumber: BigInt(dayNumber(year, month, day)),
        date: `${year}-${two(month)}-${two(day)}`,
        clock: `${two(hour)}:${two(minute)}`,
        day: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][weekdayOf(dayNumber(year, month, day))],
      },
    };
  }

  /** By barclamp, then attribute. Where two roles of a barclamp differ, the first counts. */
  #set(standings: readonly Standing[]): object {
    const set: Record<string, Record<string, unknown>> = {};
    for (const { settings } of standings) {
      for (const { barclamp, name, value } of this.#world.state.settings[settings] ?? []) (set[barclamp] ??= {})[name] ??= celValue(value);
    }
    return set;
  }

  /** Equal entries of one deployment once. */
  #settings(standings: readonly Standing[]): readonly object[] {
    const lists = new Map(standings.map(({ deployment, settings }) => [`${deployment}\n${settings}`, { deployment, settings }]));
    const key = [...lists.keys()].toSorted(compareText).join("\n\n");
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entries = new Map<string, object>();
    for (const { deployment, settings } of lists.values()) {
      for (const entry of this.#world.state.settings[settings] ?? [])
        entries.set(entryKey(deployment, entry), entryView(deployment, entry));
    }
    const made = [...entries].toSorted(([a], [b]) => compareText(a, b)).map(([, view]) => view);
    this.#entries.set(key, made);
    return made;
  }
}

function entryKey(deployment: string, { barclamp, name, value, origin }: SettingEntry): string {
  return [deployment, barclamp, name, JSON.stringify(value), origin].join("\n");
}

function entryView(deployment: string, { barclamp, name, type, value, origin, secret }: SettingEntry): object {
  return { deployment, barclamp, name, type, value: celValue(value), origin, secret };
}

function roleId({ deployment, role }: { readonly deployment: string; readonly role: string }): string {
  return `${deployment}/${role}`;
}

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
