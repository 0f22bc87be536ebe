import { describe, expect, test } from "vitest";
import { importView } from "../../../src/cli/views/import.ts";
import { createScreen } from "../../../src/cli/screen.ts";
import type { ImportDocument } from "../../../src/core/commands/import.ts";
import { loadCluster } from "../../../src/core/files/load-cluster.ts";
import { exportNodes } from "../../../src/core/inventory/export/formats.ts";
import type { ClusterNode } from "../../../src/core/model/cluster.ts";

const file = `halligan: 1
cluster: lab
ssh: { user: ops, become: sudo, keys: [~/.ssh/a, "/b c"], jump: "gate@[fe80::1]:2200" }
nodes:
  web-[1-2]: { address: 192.0.2.1[1-2], labels: { tier: web, gpu: true } }
  db: { address: "2001:db8::7", port: 2222, labels: { note: "a | *b* <i>" }, ssh: { user: root, become: none, password: { ask: true }, agent: false, jump: [] } }
`;

function nodes(): readonly ClusterNode[] {
  const { cluster, problems } = loadCluster({ file: "cluster.yaml", text: file, defaults: { user: "me" } });
  expect(problems).toEqual([]);
  return cluster?.nodes ?? [];
}

describe("exports", () => {
  test("an Ansible inventory", () => {
    const { text, notes } = exportNodes("ansible", "lab", nodes(), new Map());
    const jump = String.raw`'"-o 'IdentityFile=\"/b c\"' -o 'ProxyJump=gate@[fe80::1]:2200'"'`.replaceAll(
      /(?<!^)'(?!$)/gu,
      String.raw`\x27`,
    );
    expect(text).toContain(
      `[all]\nweb-1 ansible_host=192.0.2.11 ansible_user=ops ansible_ssh_private_key_file=~/.ssh/a ansible_ssh_common_args=${jump} ansible_become=true\n`,
    );
    expect(text).toContain(`db ansible_host='"2001:db8::7"' ansible_port=2222 ansible_user=root ansible_ssh_private_key_file=~/.ssh/a `);
    expect(text).toContain('\n[gpu]\nweb-1\nweb-2\n\n[tier_web]\nweb-1\nweb-2\n\n[tier_web:vars]\nhalligan_label="tier=web"\n');
    expect(notes).toEqual(["Not exported: references to passwords and passphrases (1 node).", "Not exported: `agent: false` (1 node)."]);
    expect(text).toContain(`# ${notes[0]}\n`);
  });

  test("an ssh configuration", () => {
    const { text } = exportNodes("ssh-config", "lab", nodes(), new Map());
    expect(text).toContain(
      `Host web-1\n  HostName 192.0.2.11\n  User ops\n  IdentityFile ~/.ssh/a\n  IdentityFile "/b c"\n  IdentitiesOnly yes\n  ProxyJump gate@[fe80::1]:2200\n`,
    );
    expect(text).toContain("# Not exported: labels (3 nodes).\n# Not exported: `become: sudo` (2 nodes).\n");
  });

  test("a table, and a page in which texts mean nothing", () => {
    const csv = exportNodes("csv", "lab", nodes(), new Map()).text.split("\n");
    expect(csv[0]).toBe("name,address,port,user,key,jump,become,label:gpu,label:note,label:tier");
    expect(csv[1]).toBe('web-1,192.0.2.11,22,ops,"~/.ssh/a;/b c",gate@[fe80::1]:2200,sudo,true,,web');
    const page = exportNodes("markdown", "lab", nodes(), new Map()).text;
    expect(page).toContain("| db | \\[2001:db8::7\\]:2222 | root | note=a \\| \\*b\\* &lt;i> |");
    expect(page).toContain("3 nodes, 0 of them looked at.");
  });

  test("JSON for programs", () => {
    const document: unknown = JSON.parse(exportNodes("json", "lab", nodes(), new Map()).text);
    expect(document).toMatchObject({
      halligan: 1,
      kind: "inventory",
      cluster: "lab",
      nodes: [
        { name: "web-1", jump: ["gate@[fe80::1]:2200"], facts: null },
        { name: "web-2" },
        { name: "db", port: 2222, become: "none", jump: [] },
      ],
    });
  });

  test("labels whose groups would have one name, or that of a host, stay apart", () => {
    const [first] = nodes();
    const labels = { a_b: "true", a: "b", "web-1": "true", all: "true", "x.y": "z", "x-y": "z" };
    const { text } = exportNodes("ansible", "lab", first === undefined ? [] : [{ ...first, labels }], new Map());
    const groups = [...text.matchAll(/^\[([^:\]]+)\]$/gmu)].map((match) => match[1]);
    expect(groups).toEqual(["all", "a_b", "all_2", "a_b_2", "web_1_true", "x_y_z", "x_y_z_2"]);
    expect(text).toContain('[all_2:vars]\nhalligan_label="all=true"\n');
  });
});

test("what is shown of an import is a cluster file as a whole, also when a note holds line ends", () => {
  const document: ImportDocument = {
    halligan: 1,
    kind: "import",
    format: "csv",
    cluster: "t",
    nodes: [],
    notes: [{ kind: "left", file: "a\nnodes: {}", line: 1, message: "first\nsecond" }],
    result: { kind: "text", text: "halligan: 1\ncluster: t\nnodes: { a: { address: a.example } }\n" },
  };
  const screen = createScreen({ isTerminal: false, columns: undefined, plain: true, environment: {} });
  const lines = importView(document, screen);
  expect(loadCluster({ file: "x", text: lines.join("\n"), defaults: { user: "u" } }).problems).toEqual([]);
  expect(lines.slice(4)).toEqual(["# 1 note on what was changed or not carried over:", "# a nodes: {}:1: first second"]);
});

test("of many names that became others some are shown, and of all other notes every one", () => {
  const renamed = Array.from({ length: 30 }, (_, at) => ({
    kind: "renamed" as const,
    file: "h",
    line: at + 1,
    message: `W${at} is called w${at}.`,
  }));
  const document: ImportDocument = {
    halligan: 1,
    kind: "import",
    format: "ansible",
    cluster: "t",
    nodes: [],
    notes: [...renamed, { kind: "unread", file: "h", line: 40, message: "no" }],
    result: { kind: "merged", file: "cluster.yaml", added: ["a"], same: [] },
  };
  const lines = importView(document, createScreen({ isTerminal: false, columns: undefined, plain: true, environment: {} }));
  expect(lines.slice(2)).toEqual([
    "31 notes on what was changed or not carried over:",
    ...renamed.slice(0, 5).map(({ line, message }) => `  h:${line}: ${message}`),
    "  h:40: no",
    "  25 more names were changed likewise; `--json` tells all.",
  ]);
});
