import { type Problem, problem } from "../../errors.ts";
import { utcInstant } from "../../model/civil-time.ts";
import { parseDuration } from "../../model/duration.ts";
import { expandBeside, expandRanges } from "../../model/range.ts";
import type { Json } from "../../ports.ts";
import type { PolicyFixtureFile } from "./fixture-file.ts";
import { noPlan } from "./plan-view.ts";
import type { PolicySettings } from "./rule.ts";
import type {
  NodeFacts,
  PlanView,
  PolicyState,
  RoleView,
  SettingEntry,
  SettingOrigin,
  StateNode,
  StateNodeRole,
  StateRole,
  Surroundings,
  World,
} from "./world.ts";

type Roles = NonNullable<PolicyFixtureFile["roles"]>;
type Nodes = NonNullable<PolicyFixtureFile["nodes"]>;

/** A Monday at noon. */
const usualNow = utcInstant({ year: 2026, month: 1, day: 5, hour: 12, minute: 0 });

/** The worlds that a fixture describes: before its plan, and after it. Problems: `RANGE_INVALID`, `NODE_UNKNOWN`. */
export function fixtureWorlds(
  fixture: PolicyFixtureFile,
  settings: PolicySettings,
  file: string,
): { readonly before: World; readonly after: World; readonly surroundings: Surroundings; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const place = { file, line: 1, column: 1 };
  const complain = (code: "RANGE_INVALID" | "NODE_UNKNOWN", message: string): void =>
    void problems.push(problem(code, { message, at: place }));
  const facts: Record<string, NodeFacts> = {};
  const nodes = nodesOf(fixture.nodes ?? {}, settings.factsMaxAgeMs, facts, complain);
  const before = stateOf(nodes, fixture.before ?? {}, complain);
  const after = stateOf(nodes, fixture.roles ?? {}, complain);
  const deployments = [...new Set(after.roles.map((each) => each.deployment))].toSorted();
  const surroundings: Surroundings = {
    cluster: { name: "fixture", deployments },
    now: instantOf(fixture.at),
    authority: { mode: fixture.authority?.mode ?? "single-user", people: fixture.authority?.people ?? 0 },
    facts,
    timezone: settings.timezone,
  };
  return {
    before: { state: before, plan: noPlan },
    after: { state: after, plan: planOf(before, after, deployments, fixture) },
    surroundings,
    problems,
  };
}

type Complain = (code: "RANGE_INVALID" | "NODE_UNKNOWN", message: string) => void;

function nodesOf(written: Nodes, maxAgeMs: number, facts: Record<string, NodeFacts>, complain: Complain): readonly StateNode[] {
  return Object.entries(written).flatMap(([pattern, entry]) => {
    const names = expandRanges(pattern);
    if (!names.ok) {
      complain("RANGE_INVALID", `The node name \`${pattern}\` ${names.message}.`);
      return [];
    }
    const beside = (text: string): readonly string[] => {
      const expanded = expandBeside(text, names.lengths);
      if (!expanded.ok) complain("RANGE_INVALID", `\`${text}\` beside \`${pattern}\` ${expanded.message}.`);
      return expanded.ok ? expanded.values : [];
    };
    const addresses = beside(entry?.address ?? "192.0.2.1");
    const labels = Object.entries(entry?.labels ?? {}).map(([label, text]) => [label, beside(text)] as const);
    const ageMs = parseDuration(entry?.factsAge ?? "0") ?? 0;
    return names.values.map((name, index) => {
      if (entry?.facts !== undefined)
        facts[name] =
          ageMs > maxAgeMs
            ? { known: false, why: `seen ${Math.floor(ageMs / 3_600_000)} h ago, which is too long` }
            : { known: true, facts: entry.facts as Json, ageMs };
      return { name, address: addresses[index] ?? "", labels: Object.fromEntries(labels.map(([label, all]) => [label, all[index] ?? ""])) };
    });
  });
}

function stateOf(nodes: readonly StateNode[], written: Roles, complain: Complain): PolicyState {
  const names = nodes.map((each) => each.name);
  const nodeRoles: StateNodeRole[] = [];
  const roles: StateRole[] = [];
  const settings: (readonly SettingEntry[])[] = [];
  for (const [id, entry] of Object.entries(written)) {
    const [deployment = "", role = ""] = id.split("/");
    const barclamp = entry.barclamp ?? role;
    settings.push(Object.entries(entry.set ?? {}).map(([name, value]) => settingOf(barclamp, name, value as Json)));
    roles.push({ deployment, role, barclamp, order: entry.order ?? "", quorum: entry.quorum ?? 0 });
    for (const node of membersOf(entry.on, names, complain))
      nodeRoles.push({ node, role, deployment, barclamp, settings: settings.length - 1 });
  }
  return { nodes, nodeRoles, roles, settings };
}

function membersOf(on: string | readonly string[], names: readonly string[], complain: Complain): readonly string[] {
  if (on === "all") return names;
  return (typeof on === "string" ? [on] : on).flatMap((pattern) => {
    const expanded = expandRanges(pattern);
    if (!expanded.ok) complain("RANGE_INVALID", `\`${pattern}\` ${expanded.message}.`);
    const members = expanded.ok ? expanded.values : [];
    for (const name of members) if (!names.includes(name)) complain("NODE_UNKNOWN", `The fixture has no node ${name}.`);
    return members;
  });
}

const origins: readonly SettingOrigin[] = ["node", "group", "deployment", "cluster", "secrets", "default"];

/** A value, or a map with `value` that says more. */
function settingOf(barclamp: string, name: string, written: Json): SettingEntry {
  const isDetailed =
    typeof written === "object" && written !== null && !Array.isArray(written) && ("value" in written || "secret" in written);
  const detail = (isDetailed ? written : { value: written }) as {
    readonly value?: Json;
    readonly type?: Json;
    readonly origin?: Json;
    readonly secret?: Json;
  };
  const secret = detail.secret === true;
  const value = secret ? null : (detail.value ?? null);
  return {
    barclamp,
    name,
    type: typeof detail.type === "string" ? detail.type : secret ? "secret" : typeOf(value),
    value,
    origin: origins.find((each) => each === detail.origin) ?? (secret ? "secrets" : "deployment"),
    secret,
  };
}

function typeOf(value: Json): string {
  if (Array.isArray(value)) return "list";
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "boolean";
    case "number":
      return Number.isInteger(value) ? "integer" : "number";
    default:
      return value === null ? "string" : "map";
  }
}

function instantOf(text: string | undefined): number {
  const found = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/u.exec(text ?? "");
  if (found === null) return usualNow;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = found.slice(1).map(Number);
  return utcInstant({ year, month, day, hour, minute });
}

/** The plan that leads from one state to the other; what the fixture says of it counts more. */
function planOf(before: PolicyState, after: PolicyState, deployments: readonly string[], { plan = {} }: PolicyFixtureFile): PlanView {
  const idOf = (each: StateNodeRole): string => `${each.deployment}/${each.role}\n${each.node}`;
  const [old, next] = [new Set(before.nodeRoles.map(idOf)), new Set(after.nodeRoles.map(idOf))];
  const added = after.nodeRoles.filter((each) => !old.has(idOf(each)));
  const gone = before.nodeRoles.filter((each) => !next.has(idOf(each)));
  const settings = new Map(before.nodeRoles.map((each) => [idOf(each), JSON.stringify(before.settings[each.settings])]));
  const changed = after.nodeRoles.filter(
    (each) => old.has(idOf(each)) && settings.get(idOf(each)) !== JSON.stringify(after.settings[each.settings]),
  );
  const roles: Record<string, RoleView> = {};
  for (const id of new Set([...added, ...changed, ...gone].map((each) => `${each.deployment}/${each.role}`))) {
    const mine = (list: readonly StateNodeRole[]): number => list.filter((each) => `${each.deployment}/${each.role}` === id).length;
    const { order } = after.roles.find((role) => `${role.deployment}/${role.role}` === id) ?? { order: "" };
    const changing = mine(added) + mine(changed);
    const one = order === "" || order === "parallel" ? Infinity : 1;
    roles[id] = {
      changing: changing + mine(gone),
      removing: mine(gone),
      batch: Math.max(mine(gone), Math.min(one, changing)),
      down: Math.max(mine(gone), Math.min(one, mine(changed))),
    };
  }
  for (const [id, batch] of Object.entries(plan.batch ?? {})) {
    const seen = roles[id] ?? { changing: batch, removing: 0, down: 0 };
    roles[id] = { ...seen, batch, down: old.size === 0 ? seen.down : batch };
  }
  const removes = plan.removes ?? gone.length;
  const destroys = plan.destroys ?? removes;
  const changes = plan.changes ?? Math.max(added.length + changed.length + gone.length, destroys);
  return {
    phase: plan.phase ?? "plan",
    deployments: plan.deployments ?? deployments,
    changes,
    removes,
    destroys,
    risk: plan.risk ?? (changes === 0 ? "none" : destroys > 0 ? "destructive" : "default"),
    nodes: plan.nodes ?? [...new Set([...added, ...changed, ...gone].map((each) => each.node))].toSorted(),
    starting: plan.starting ?? [],
    approvers: plan.approvers ?? 0,
    roles,
  };
}
