import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labDown, labUp } from "../../src/core/adapters/lab/lab.ts";
import type { LabStatus } from "../../src/core/adapters/lab/types.ts";

/** The nodes, by the order in which the lab makes them, with the tier of each. */
const names = ["edge-1", "edge-2", "shop-1", "shop-2", "shop-3", "shop-4", "shop-5", "shop-6"] as const;

const barclamps: Readonly<Record<string, string>> = {
  network: `barclamp: network
version: 1.2.0
description: What every machine needs before anything else.
attributes:
  resolvers: { type: list, of: string, default: [10.20.0.2], why: "the two in the first rack" }
  mtu: { type: integer, default: 1500, why: "every switch can that" }
roles:
  network-base:
    steps:
      - directory: { path: /etc/network.d, mode: "0755" }
      - file: { path: /etc/network.d/resolvers.conf, content: "{% for each in set.resolvers %}nameserver {{ each }}\\n{% endfor %}" }
      - file: { path: /etc/network.d/link.conf, content: "mtu = {{ set.mtu }}\\n" }
`,
  catalogue: `barclamp: catalogue
version: 2.4.1
description: The shop's catalogue and the index that its search looks in.
attributes:
  release: { type: string, required: true, why: "which catalogue the shop sells from" }
  shards: { type: integer, default: 12, min: 1, max: 64, why: "one for each core of a node" }
  currency: { type: string, default: EUR, why: "most customers pay so" }
  cacheMinutes: { type: integer, default: 15, why: "prices change four times an hour" }
roles:
  catalogue:
    requires: [network-base]
    steps:
      - directory: { path: /srv/catalogue, mode: "0755" }
      - directory: { path: /etc/catalogue, mode: "0755" }
      - file:
          path: /etc/catalogue/settings.yaml
          content: |
            # Written by Halligan.
            release: "{{ set.release }}"
            currency: {{ set.currency }}
            search:
              shards: {{ set.shards }}
              cache: {{ set.cacheMinutes }}m
      - command:
          name: index
          run: |
            echo "release {{ set.release }}: reading 48210 articles"
            for shard in $(seq 1 {{ set.shards }}); do
              if test -e /srv/catalogue/full && test "$shard" = 9; then
                echo "index: shard 9: write /srv/catalogue/9.idx: No space left on device" >&2
                exit 28
              fi
              echo "index: shard $shard of {{ set.shards }}, $((shard * 4017)) articles"
              sleep 0.7
            done
            echo {{ set.release }} >/srv/catalogue/release
          unless: test "$(cat /srv/catalogue/release 2>/dev/null)" = {{ set.release }}
  storefront:
    requires: [catalogue]
    steps:
      - directory: { path: /etc/storefront, mode: "0755" }
      - file: { path: /etc/storefront/storefront.conf, content: "catalogue = {{ set.release }}\\nbanner = on\\n" }
`,
  gateway: `barclamp: gateway
version: 1.0.3
description: Takes the customers in.
attributes:
  idle: { type: duration, default: 30s, why: "the longest that a browser waits" }
roles:
  gateway:
    requires: [storefront]
    steps:
      - directory: { path: /etc/gateway, mode: "0755" }
      - file: { path: /etc/gateway/gateway.ini, content: "[frontend]\\nidle = {{ set.idle }}\\n" }
`,
};

/** What the cluster file says below its nodes. */
export interface Intent {
  readonly release: string;
  /** Ask for an approval first. */
  readonly approvals: boolean;
}

function deployments({ release, approvals }: Intent): string {
  return `deployments:
  ground:
    place:
      network-base: { on: all }
    set:
      network: { resolvers: [10.20.0.2, 10.20.0.3] }
  shop:
    place:
      catalogue: { on: tier=shop }
      storefront: { on: tier=shop }
      gateway: { on: tier=edge }
    set:
      catalogue: { release: "${release}", shards: 12 }
    rollout: { batch: 3, maxFailures: 2 }
${approvals ? "    approvals: { default: 1, ttl: 60m }\n" : ""}    budget: 25m
`;
}

/** A cluster of a lab with two people, Mira who runs it and Jonas who approves. */
export interface PictureCluster extends AsyncDisposable {
  readonly folder: string;
  write(intent: Intent): void;
}

/** Brings it up in a folder that is always called the same, as its name is seen in pictures. */
export async function startCluster(): Promise<PictureCluster> {
  const folder = join(tmpdir(), "harbour");
  mkdirSync(folder);
  const dispose = async (): Promise<void> => {
    await labDown({ folder, discard: true });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const lab = await labUp({ folder, nodes: names.length, driver: "sandbox", clusterName: "harbour" });
    writePeople(folder);
    for (const [name, text] of Object.entries(barclamps)) {
      mkdirSync(join(folder, "barclamps", name), { recursive: true });
      writeFileSync(join(folder, "barclamps", name, "barclamp.yaml"), text);
    }
    return {
      folder,
      write: (intent) => writeFileSync(join(folder, "cluster.yaml"), `${nodesText(lab)}${deployments(intent)}`),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function nodesText({ nodes }: LabStatus): string {
  const lines = nodes.map(({ address, port }, at) => {
    const name = names[at] ?? `spare-${at}`;
    return `  ${name}: { address: ${address}, port: ${port}, labels: { tier: ${name.split("-")[0]}, rack: r${(at % 3) + 1} } }`;
  });
  return [
    "halligan: 1",
    "cluster: harbour",
    "ssh: { user: root, key: .halligan/lab/id_ed25519, hostKeys: strict }",
    "nodes:",
    ...lines,
    "",
  ].join("\n");
}

function writePeople(folder: string): void {
  const key = (name: string): string => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(folder, name)]);
    return readFileSync(join(folder, `${name}.pub`), "utf8").trim();
  };
  const people = ["mira", "jonas"].map((name) => `  ${name}: { keys: ["${key(name)}"] }`);
  const roles = ["  observer: [everyone]", "  operator: [mira]", "  approver: [jonas]"];
  writeFileSync(join(folder, "people.yaml"), ["halligan: 1", "people:", ...people, "roles:", ...roles, ""].join("\n"));
}
