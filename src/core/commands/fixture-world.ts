import { defaultSsh } from "../files/load-ssh.ts";
import type { Fixture } from "../files/load-fixture.ts";
import { problem, HalliganError } from "../errors.ts";
import type { Barclamp, Role } from "../model/barclamp.ts";
import type { Cluster, ClusterNode, Deployment } from "../model/cluster.ts";
import { type Facts, factsSchema } from "../model/facts.ts";
import { nodeRoleId } from "../model/ids.ts";
import { defaultPolicy } from "../model/secret-policy.ts";
import type { BoundNodeRole, Graph, OrderedNodeRole } from "../plan/graph.ts";
import type { SecretLookup } from "../plan/settings-view.ts";
import type { Json } from "../ports.ts";

/** A cluster of one node with one role, just enough to render a fixture. */
export interface FixtureWorld {
  readonly cluster: Cluster;
  readonly graph: Graph;
  readonly ordered: OrderedNodeRole;
  readonly facts: ReadonlyMap<string, Facts>;
  readonly secrets: SecretLookup;
}

type FixtureValues = Pick<Fixture<unknown>, "file" | "role" | "set" | "facts" | "inputs" | "node">;

/** Makes the world of a fixture. Secrets are what the fixture sets, else a fixed text. @throws `VALUE_INVALID` for facts that no probe gives. */
export function fixtureWorld(barclamp: Barclamp, fixture: FixtureValues): FixtureWorld {
  const isSecret = (name: string): boolean => barclamp.attributes[name]?.type === "secret";
  const set = Object.fromEntries(Object.entries(fixture.set).filter(([name]) => !isSecret(name)));
  const secretNames = Object.keys(barclamp.attributes).filter(isSecret);
  const node: ClusterNode = { ...fixture.node, labels: {}, ssh: defaultSsh("root"), set: {} };
  const deployment: Deployment = {
    name: "fixture",
    place: [{ role: fixture.role, on: { op: "all" }, avoid: [] }],
    set: { [barclamp.name]: set },
    secrets: Object.fromEntries(
      secretNames.map((name) => [`${barclamp.name}.${name}`, { kind: "generate", policy: defaultPolicy } as const]),
    ),
    use: {},
    rollout: { onUnreachable: "skip-and-report" },
  };
  const cluster: Cluster = {
    name: "fixture",
    ssh: defaultSsh("root"),
    nodes: [node],
    set: {},
    groups: [],
    deployments: [deployment],
    places: new Map(),
  };
  const bound = bindFixture(barclamp, fixture, node, deployment);
  const inputs = Object.fromEntries(Object.keys(bound.role.inputs).map((name) => [name, { kind: "default" } as const]));
  const ordered: OrderedNodeRole = { bound, cohort: 0, waits: [], inputs };
  return {
    cluster,
    graph: { nodeRoles: [ordered], byId: new Map([[bound.id, ordered]]), ranked: [bound] },
    ordered,
    facts: new Map([[node.name, mergedFacts(fixture)]]),
    secrets: ({ secret }) => {
      const given = fixture.set[secret.slice(secret.lastIndexOf(".") + 1)];
      return { value: typeof given === "string" ? given : "a-secret-of-the-fixture", version: 1 };
    },
  };
}

/** The role with the fixture's inputs in place of what other roles would give. */
function bindFixture(barclamp: Barclamp, fixture: FixtureValues, node: ClusterNode, deployment: Deployment): BoundNodeRole {
  const role = barclamp.roles[fixture.role];
  const [placement] = deployment.place;
  if (role === undefined || placement === undefined)
    throw new HalliganError([problem("BUG", { message: "A fixture without a role was run." })]);
  const inputs = Object.fromEntries(Object.entries(role.inputs).map(([name, input]) => [name, withValue(input, fixture.inputs[name])]));
  const own: Role = { ...role, inputs };
  return {
    id: nodeRoleId(node.name, role.name),
    node,
    role: own,
    barclamp,
    deployment,
    placement,
    selected: true,
    members: [node],
    index: 0,
  };
}

function withValue(input: Role["inputs"][string], value: Json | undefined): Role["inputs"][string] {
  return value === undefined ? input : { ...input, default: value };
}

/** The fixture's facts over those of an ordinary Debian machine. */
function mergedFacts(fixture: FixtureValues): Facts {
  const parsed = factsSchema.safeParse(merge(plainFacts, fixture.facts));
  if (parsed.success) return parsed.data;
  throw new HalliganError([
    problem("VALUE_INVALID", {
      message: `The fixture's facts are none that a probe gives: ${parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")}.`,
      at: { file: fixture.file, line: 1, column: 1 },
      hint: "`halligan facts NODE --json` shows what facts look like.",
    }),
  ]);
}

function merge(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over === undefined ? base : over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(base[key], over[key])]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const plainFacts: Facts = {
  facts: 1,
  os: { id: "debian", idLike: [], version: "12", codename: "bookworm", name: "Debian GNU/Linux 12 (bookworm)" },
  kernel: { release: "6.1.0-30-amd64", arch: "x86_64" },
  hostname: "node-1",
  fqdn: null,
  cpu: { model: null, sockets: 1, cores: 2, threads: 2 },
  memory: { totalBytes: 4 * 1024 ** 3, swapBytes: 0 },
  disks: [],
  mounts: [],
  nics: [],
  defaultRoute: null,
  dmi: null,
  virtualisation: "kvm",
  init: "systemd",
  packageManager: "apt",
  packages: {},
  services: [],
  listening: [],
  clock: null,
  user: { name: "root", uid: 0 },
  tools: {},
  shell: { login: "/bin/bash", sh: "dash" },
  limits: { rootFreeBytes: 10 * 1024 ** 3, varFreeBytes: 10 * 1024 ** 3, runWritable: true, runTmpfs: true },
  halligan: { stateDir: "/var/lib/halligan", jobs: [] },
  gaps: [],
};
