import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadCluster } from "../../../src/core/files/load-cluster.ts";
import type { ExportFormat } from "../../../src/core/inventory/export/format-names.ts";
import { exportNodes } from "../../../src/core/inventory/export/formats.ts";
import { clusterText } from "../../../src/core/inventory/import/cluster-text.ts";
import type { ImportFormat } from "../../../src/core/inventory/import/format-names.ts";
import { importFiles } from "../../../src/core/inventory/import/formats.ts";
import type { Imported } from "../../../src/core/inventory/import/imported.ts";
import type { ClusterNode, SshSettings } from "../../../src/core/model/cluster.ts";

/** Imports one text as if it were a file. */
async function read(format: ImportFormat, text: string, file = "inventory"): Promise<Imported> {
  const folder = { readText: async () => text, list: async () => undefined };
  return importFiles(format, [file], folder, "/home/u");
}

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?$/u);
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((text) => !text.includes("%")),
  fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]\.example$/u),
);
const user = fc.oneof(
  fc.stringMatching(/^[a-z_][a-z0-9_.-]{0,12}$/u),
  fc.constantFrom("True", "null", "0644", "yes", "a'b", 'c"d', "e#f", "g\\h", "i%j", "ö", "k=l", "{m}"),
);
const key = fc.oneof(
  fc.stringMatching(/^~\/\.ssh\/[A-Za-z0-9_.-]{1,12}$/u),
  fc.constantFrom("/k with space", "/k'quote", '/k"double', "/k#hash", "/k\\back", "/k%d", "/k;semi", "/k,comma", "~/kö", "/[a-b]"),
);
const hop = fc.record({ user: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/u), address, port: fc.integer({ min: 1, max: 65_535 }) });
const label = fc.stringMatching(/^[A-Za-z]([A-Za-z0-9_./-]{0,8}[A-Za-z0-9])?$/u);
const value = fc.oneof(
  fc.constant("true"),
  fc.stringMatching(/^[a-z0-9]{1,5}$/u),
  fc
    .string({ unit: "binary", maxLength: 8 })
    .filter((text) => !/[[\]\ud800-\udfff\ufeff\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff\ue0f0-\ue0f2]/u.test(text)),
);
const ssh: fc.Arbitrary<SshSettings> = fc.record({
  user,
  port: fc.oneof(fc.constant(22), fc.integer({ min: 1, max: 65_535 })),
  transport: fc.constant("ssh2" as const),
  keys: fc.uniqueArray(key, { maxLength: 3 }),
  agent: fc.constant(true),
  become: fc.constantFrom("sudo" as const, "none" as const),
  jump: fc.array(hop, { maxLength: 3 }),
  hostKeys: fc.constant("strict" as const),
  connectTimeoutMs: fc.constant(10_000),
});
const nodes: fc.Arbitrary<readonly ClusterNode[]> = fc
  .uniqueArray(
    fc.record({ name, address, ssh, labels: fc.dictionary(label, value, { maxKeys: 4, noNullPrototype: true }), set: fc.constant({}) }),
    { minLength: 1, maxLength: 6, selector: (node) => node.name },
  )
  .filter((all) => new Set(all.map((node) => `${node.address} ${node.ssh.port}`)).size === all.length);

interface Shown {
  readonly labels: Readonly<Record<string, string>>;
  readonly ssh: Pick<SshSettings, "user" | "port" | "keys" | "jump" | "become">;
}

/** What both sides must agree on, by name. */
function shown(all: readonly ClusterNode[], holds: { readonly labels: boolean; readonly become: boolean }): ReadonlyMap<string, Shown> {
  return new Map(
    all
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((node) => {
        const { user: login, port, keys, jump, become } = node.ssh;
        const labels = holds.labels ? Object.fromEntries(Object.entries(node.labels).toSorted(([a], [b]) => (a < b ? -1 : 1))) : {};
        return [
          node.name,
          { address: node.address, labels, ssh: { user: login, port, keys, jump, become: holds.become ? become : "none" } },
        ];
      }),
  );
}

describe("what is exported and imported again is the same", () => {
  test.each<readonly [ExportFormat, ImportFormat, string, boolean, boolean]>([
    ["ansible", "ansible", "hosts.ini", true, true],
    ["ansible-yaml", "ansible", "hosts.yaml", true, true],
    ["ssh-config", "ssh-config", "config", false, false],
    ["csv", "csv", "nodes.csv", true, true],
  ])("%s", async (format, back, file, labels, become) => {
    await fc.assert(
      fc.asyncProperty(nodes, async (all) => {
        // an empty cell is no label, and a user name in ssh_config is one word that ssh itself reads
        const wanted = format === "csv" ? all.map((node) => ({ ...node, labels: withoutEmpty(node.labels) })) : all;
        const { text } = exportNodes(format, "lab", all, new Map());
        const imported = await read(back, text, file);
        expect(imported.notes).toEqual([]);
        const { cluster, problems } = loadCluster({ file, text: clusterText("lab", imported.nodes, file), defaults: { user: "nobody" } });
        expect(problems).toEqual([]);
        expect(shown(cluster?.nodes ?? [], { labels, become })).toEqual(shown(wanted, { labels, become }));
      }),
      { numRuns: 150 },
    );
  });
});

function withoutEmpty(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== ""));
}

describe("readers never throw, and what they find always loads", () => {
  const words = fc.array(
    fc.constantFrom(
      ..."[ ] : = \" ' # ; , \n \r\n \t \\ { } & * ! - << >> | % @ a b web db [all] [web:vars] [web:children] [a:z:0] [01:20] ansible_host ansible_port host Host Match Include HostName ProxyJump %h %d 1 22 10.0.0.1 fe80::1 name, address, all: hosts: children: vars: !vault $ANSIBLE_VAULT; \uFEFF \u0000 \u2028 \ud800 __proto__ constructor".split(
        " ",
      ),
      " ",
      "  ",
    ),
    { maxLength: 60 },
  );
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    words.map((all) => all.join("")),
    words.map((all) => all.join(" ")),
  );
  test.each<readonly [ImportFormat, string]>([
    ["ansible", "hosts.ini"],
    ["ansible", "hosts.yml"],
    ["ansible", "hosts"],
    ["kolla", "multinode"],
    ["ssh-config", "config"],
    ["csv", "nodes.csv"],
  ])("%s %s", async (format, file) => {
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        const { nodes: found } = await read(format, content, file);
        const written = clusterText("lab", found, file);
        expect(
          loadCluster({ file, text: written, defaults: { user: "u" } }).problems.filter((each) => each.code !== "SELECTOR_EMPTY"),
        ).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test("hosts that belong together however they are mixed with noise", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (noise) => {
        // a file that begins with #! is a program, not an inventory
        const clean = noise.replaceAll(/[$[\]"'\\]/gu, "").replace(/^#!/u, "#");
        const { nodes: found } = await read("ansible", `${clean}\n[web]\nsafe-host ansible_host=192.0.2.77\n`, "hosts.ini");
        expect(found.find((node) => node.address === "192.0.2.77")?.labels.get("web")).toBe("true");
      }),
      { numRuns: 200 },
    );
  });
});
