import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadCluster } from "../../../src/core/files/load-cluster.ts";
import { clusterText } from "../../../src/core/inventory/import/cluster-text.ts";
import type { ImportFormat } from "../../../src/core/inventory/import/format-names.ts";
import { importFiles } from "../../../src/core/inventory/import/formats.ts";
import type { Imported, ImportedNode } from "../../../src/core/inventory/import/imported.ts";
import type { ImportFiles } from "../../../src/core/inventory/import/sources.ts";

const data = join(import.meta.dirname, "import-data");

/** The files of the corpus, called by their path below it; `~` is the folder `ssh`. */
const corpus: ImportFiles = {
  readText: async (path) => readFileSync(path.replace("/home/u/.ssh", join(data, "ssh")).replace(/^(?!\/)/u, `${data}/`), "utf8"),
  list: async (path) => {
    const real = path.replace("/home/u/.ssh", join(data, "ssh")).replace(/^(?!\/)/u, `${data}/`);
    try {
      return readdirSync(real)
        .toSorted()
        .map((name) => ({ name, folder: statSync(join(real, name)).isDirectory() }));
    } catch {
      return undefined;
    }
  },
};

function fromCorpus(format: ImportFormat, ...files: readonly string[]): Promise<Imported> {
  return importFiles(format, files, corpus, "/home/u");
}

/** One text as a file of the given name. */
function fromText(
  format: ImportFormat,
  text: string,
  file = "hosts.ini",
  others: Readonly<Record<string, string>> = {},
): Promise<Imported> {
  const all: Readonly<Record<string, string>> = { [file]: text, ...others };
  const files: ImportFiles = {
    readText: async (path) => all[path] ?? "",
    list: async (path) => {
      const below = Object.keys(all).filter((name) => name.startsWith(`${path}/`));
      if (below.length === 0) return undefined;
      const names = new Set(below.map((name) => name.slice(path.length + 1).split("/")[0] ?? ""));
      return [...names].map((name) => ({ name, folder: !Object.hasOwn(all, `${path}/${name}`) }));
    },
  };
  return importFiles(format, [file], files, "/home/u");
}

function brief({ nodes }: Imported): Readonly<Record<string, string>> {
  const line = (node: ImportedNode): string =>
    [
      `${node.user ?? ""}@${node.address}:${node.port ?? ""}`,
      ...node.keys,
      ...node.jump.map((hop) => `via ${hop}`),
      ...(node.become === undefined ? [] : [node.become]),
      ...[...node.labels].map(([label, value]) => (value === "true" ? label : `${label}=${value}`)),
    ].join(" ");
  return Object.fromEntries(nodes.map((node) => [node.name, line(node)]));
}

function notes({ notes: all }: Imported): readonly string[] {
  return all.map((note) => `${note.file}:${note.line} ${note.message}`);
}

describe("the corpus", () => {
  test("an inventory like OpenStack-Ansible's", async () => {
    const imported = await fromCorpus("ansible", "osa/hosts.ini");
    const via = "/root/.ssh/osa_ed25519 via jump@deploy.example.net:2222";
    expect(brief(imported)).toEqual({
      "infra1-controller": `root@172.29.236.11:22 ${via} haproxy hosts infra_hosts`,
      "infra2-controller": `root@172.29.236.12:22 ${via} haproxy hosts infra_hosts`,
      "infra3-controller": `root@172.29.236.13:22 ${via} haproxy hosts infra_hosts`,
      "compute01-cloud-example-net": `stack@compute01.cloud.example.net:22 ${via} hosts compute_hosts`,
      "compute03-cloud-example-net": `stack@compute03.cloud.example.net:22 ${via} hosts compute_hosts`,
      "compute05-cloud-example-net": `stack@compute05.cloud.example.net:22 ${via} hosts compute_hosts`,
      "gpu-a": `stack@gpu.example.net:2201 ${via} hosts compute_hosts`,
      "ceph-1": `cephadm@172.29.236.31:2222 ${via} sudo hosts storage_hosts`,
      "ceph-2": `root@fd00::32:22 ${via} sudo hosts storage_hosts`,
      "ceph-2-2": `root@172.29.236.33:22 ${via} hosts storage_hosts`,
    });
    const said = notes(imported).join("\n");
    for (const expected of [
      "hosts.ini:5 Options of ssh in `ansible_ssh_common_args` are not carried over: stricthostkeychecking.",
      "hosts.ini:11 2 variables of hosts not carried over: container_bridge, rabbitmq_password.",
      "hosts.ini:17 gpu-c has the same address and port as gpu-a",
      "hosts.ini:22 Ceph_2 is called ceph-2-2; ceph-2 is another node.",
      "hosts.ini:23 The line cannot be read: a quote is not closed.",
      "hosts.ini:24 windows is no node: its `ansible_connection` is winrm",
      "hosts.ini:25 template is no node: its address comes from a template",
      "group_vars/all/vault.yml:1 The file is encrypted with Ansible Vault",
      "group_vars/compute_hosts.yml:1 2 variables of group compute_hosts not carried over, 1 of them encrypted with Ansible Vault",
      "host_vars/ceph-1.yml:3 `ansible_become_password` is a secret and not carried over",
    ])
      expect(said).toContain(expected);
    for (const secret of ["hunter2", "s3cr3t-value", "172.29.236.9", "623133", "vxlan"]) expect(said).not.toContain(secret);
  });

  test("an inventory like Kubespray's", async () => {
    const imported = await fromCorpus("ansible", "kubespray/inventory.yaml");
    expect(brief(imported)).toEqual({
      node1: "ubuntu@10.3.0.1: via jump@203.0.113.7 sudo etcd k8s_cluster kube_control_plane",
      node2: "ubuntu@10.3.0.2: via jump@203.0.113.7 sudo etcd k8s_cluster kube_control_plane kube_node",
      "node4-lab-example-org": "ubuntu@node4.lab.example.org: via jump@203.0.113.7 sudo k8s_cluster kube_node",
      "node5-lab-example-org": "ubuntu@node5.lab.example.org: via jump@203.0.113.7 sudo k8s_cluster kube_node",
      "node6-lab-example-org": "ubuntu@node6.lab.example.org: via jump@203.0.113.7 sudo k8s_cluster kube_node",
      bastion: "jump@203.0.113.7: sudo bastion",
    });
    expect(notes(imported).join("\n")).toContain("inventory.yaml:11 node3 is missing: `0o22` is no port.");
  });

  test("a multinode file like Kolla's: groups of machines are labels, groups of services are told", async () => {
    const imported = await fromCorpus("kolla", "kolla/multinode");
    expect(brief(imported)).toMatchObject({
      control03: "kolla@control03: ~/.ssh/kolla sudo control",
      network02: "@network02: ~/.ssh/kolla network",
      compute01: "@compute01: ~/.ssh/kolla compute external-compute",
    });
    expect(imported.nodes).toHaveLength(8);
    const said = notes(imported).join("\n");
    expect(said).toContain(
      "mariadb (control), rabbitmq (control), nova (control), neutron (network), nova-api (control), nova-compute (compute)",
    );
    expect(said).toContain("localhost is no node: it is the machine on which Ansible runs");
    const plain = await fromCorpus("ansible", "kolla/multinode");
    expect([...(plain.nodes[0]?.labels.keys() ?? [])]).toContain("nova-api");
  });

  test("an ssh configuration with Include", async () => {
    const imported = await fromCorpus("ssh-config", "ssh/config");
    const user = "fallback-is-not-used-by-lab";
    expect(brief(imported)).toEqual({
      "lab-1": "lab@127.0.0.1:22022 ~/.ssh/id_ed25519",
      "web-1": `${user}@192.0.2.11:2222 ~/.ssh/id_ed25519`,
      "web-2": `${user}@web-2.example.org: ~/.ssh/key with space ~/.ssh/second ~/.ssh/id_ed25519 via ${user}@198.51.100.1 via ops@192.0.2.9:2200`,
      bastion: `${user}@198.51.100.1: ~/.ssh/id_ed25519`,
      "db-master": `${user}@192.0.2.21: ~/.ssh/id_ed25519 via ${user}@198.51.100.1`,
    });
    expect(notes(imported)).toEqual([
      "ssh/config:5 web1.example.org is called web1-example-org.",
      "ssh/config:5 web1.example.org has the same address and port as web-1, so it is the same machine.",
      "ssh/config:19 db_master is called db-master.",
      "ssh/config:24 2 options not carried over: forwardagent, serveraliveinterval.",
      expect.stringContaining("ssh/config:26 A Match block is not carried over"),
    ]);
  });

  test("a table from a spreadsheet", async () => {
    const imported = await fromCorpus("csv", "csv/machines.csv");
    expect(brief(imported)).toEqual({
      "web-1": 'ops@192.0.2.1:22 gpu ssd Rack=r "1"',
      "web-2": "@192.0.2.2: tier=web env=prod Rack=r2",
      "web-5": "ops@192.0.2.5:22 Rack=two\r\nlines",
    });
    const said = notes(imported).join("\n");
    expect(said).toContain("Columns that look like secrets are not carried over: Admin Password.");
    expect(said).not.toContain("hunter");
    expect(said).toContain("machines.csv:7 The row has 9 cells");
  });

  test.each<readonly [ImportFormat, string]>([
    ["ansible", "osa/hosts.ini"],
    ["ansible", "osa"],
    ["ansible", "kubespray"],
    ["kolla", "kolla/multinode"],
    ["ssh-config", "ssh/config"],
    ["csv", "csv/machines.csv"],
  ])("%s %s makes a cluster file without problems", async (format, path) => {
    const imported = await fromCorpus(format, path);
    const text = clusterText("corpus", imported.nodes, path);
    const { cluster, problems } = loadCluster({ file: "cluster.yaml", text, defaults: { user: "me" } });
    expect(problems).toEqual([]);
    expect(cluster?.nodes.map((node) => node.name)).toEqual(imported.nodes.map((node) => node.name));
  });
});

describe("Ansible", () => {
  test("the nearer value wins: parent, child, group_vars, host, host_vars; priority and name among equals", async () => {
    const text = `[parent:children]\nchild\nother\n[child]\na\nb\n[other]\na\nb ansible_port=5\nc\n[parent:vars]\nansible_port=1\nansible_user=p
[child:vars]\nansible_port=2\nansible_group_priority=9\n[other:vars]\nansible_port=3\n[all:vars]\nansible_port=9\nansible_become=yes\n`;
    const imported = await fromText("ansible", text, "i/hosts.ini", {
      "i/group_vars/parent.yml": "ansible_user: q\n",
      "i/group_vars/all": "ansible_user: z\nansible_become: false\n",
      "i/host_vars/c/x.yaml": "ansible_port: 7\n",
      "i/host_vars/nobody.yml": "x: 1\n",
    });
    expect(imported.nodes.map(({ name, user, port, become }) => [name, user, port, become])).toEqual([
      ["a", "q", 2, "none"],
      ["b", "q", 5, "none"],
      ["c", "q", 7, "none"],
    ]);
    expect(notes(imported)).toEqual(["i/host_vars/nobody.yml:1 There is no host nobody."]);
  });

  test.each([
    ["x[1:3]", ["x1", "x2", "x3"]],
    ["x[01:10:4]", ["x01", "x05", "x09"]],
    ["x[:2]y[a:b]", ["x0ya", "x0yb", "x1ya", "x1yb", "x2ya", "x2yb"]],
    ["x[098:101]", ["x098", "x099", "x100", "x101"]],
  ])("the range %s", async (pattern, expected) => {
    expect((await fromText("ansible", `${pattern}\n`)).nodes.map((node) => node.address)).toEqual(expected);
  });

  test.each(["x[3:1]", "x[1:3:0]", "x[1]", "x[a:9]", "x[01:100]", "x[0:99999999]", "x[0:999][0:999]", "x[1:2", 'x "', "x y", "[a b]"])(
    "the line %s is told and passed over",
    async (line) => {
      const imported = await fromText("ansible", `ok\n${line}\n[g]\nstill\n`);
      expect(imported.nodes.map((node) => node.name)).toEqual(["ok", "still"]);
      expect(notes(imported).join()).toContain("hosts.ini:2 ");
    },
  );

  test("values: quotes, comments and Python texts as Ansible reads them", async () => {
    const text = `a ansible_user="o p"#c\nb ansible_user='"q"'\nc ansible_user=r # c\nd\ne\n[g]\nd\n[g:vars]\nansible_user='s' # c\n[h]\ne\n[h:vars]\nansible_user = t#u\n`;
    const { nodes } = await fromText("ansible", text);
    expect(nodes.map(({ user }) => user)).toEqual([undefined, "q", "r", "s", "t#u"]);
  });

  test("groups in a circle are told and break nothing", async () => {
    const imported = await fromText("ansible", "[a:children]\nb\n[b:children]\nc\na\n[c]\nx\n[c:children]\nb\n");
    expect(brief(imported)).toEqual({ x: "@x: a b c" });
    expect(notes(imported)).toHaveLength(2);
  });

  test("a YAML file of 64 levels, one with an alias bomb, and a dynamic one", async () => {
    const deep = await fromText("ansible", `${"{a: ".repeat(5000)}`, "hosts.yml");
    expect(deep.nodes).toEqual([]);
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
      .split("")
      .map((key, index) => `${key}: &${key} [${`*${"abcdefgh"[index]},`.repeat(10)}]\n`)
      .join("")}`;
    expect(notes(await fromText("ansible", bomb, "hosts.yml")).join()).toContain("too large");
    const dynamic = await fromText("ansible", "plugin: aws_ec2\nregions: [x]\n", "aws.yml");
    expect(notes(dynamic)).toEqual([expect.stringContaining("ansible-inventory --list")]);
    const program = await fromText("ansible", "#!/usr/bin/env python3\nimport\nboto\n", "ec2");
    expect([program.nodes, notes(program)]).toEqual([[], [expect.stringContaining("ansible-inventory -i ec2 --list")]]);
  });

  test.each(["hosts.json", "hosts"])("the JSON that a program prints with --list, as %s", async (file) => {
    const list = {
      _meta: { hostvars: { a: { ansible_host: "10.0.0.1", token: "hush" }, lone: { ansible_host: "10.0.0.9" } } },
      all: { children: ["ungrouped", "web", "db"] },
      web: ["a", "b"],
      db: { hosts: ["c"], vars: { ansible_user: "pg" }, children: ["web"] },
    };
    const imported = await fromText("ansible", JSON.stringify(list, undefined, 2), file);
    expect(brief(imported)).toEqual({
      a: "pg@10.0.0.1: db web",
      b: "pg@b: db web",
      c: "pg@c: db",
      lone: "@10.0.0.9:",
    });
    expect(notes(imported)).toEqual([expect.stringContaining("token")]);
    expect(JSON.stringify(imported)).not.toContain("hush");
  });
});
