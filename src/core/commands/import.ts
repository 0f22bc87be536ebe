import { z } from "zod";
import { fail } from "../errors.ts";
import { importFormats } from "../inventory/import/format-names.ts";
import type { Imported, ImportedNode, ImportNote } from "../inventory/import/imported.ts";
import { nameSchema } from "../model/ids.ts";
import { defineCommand } from "./command.ts";

/** `import`. */
export interface ImportDocument {
  readonly halligan: 1;
  readonly kind: "import";
  readonly format: (typeof importFormats)[number];
  readonly cluster: string;
  readonly nodes: readonly ImportedRow[];
  /** What was changed or could not be carried over. */
  readonly notes: readonly ImportNote[];
  /** A new cluster file, or the file that nodes were added to. */
  readonly result:
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "merged"; readonly file: string; readonly added: readonly string[]; readonly same: readonly string[] };
}

/** One node as it was found; null follows the cluster's `ssh`. */
export interface ImportedRow {
  readonly name: string;
  readonly address: string;
  readonly port: number | null;
  readonly user: string | null;
  readonly keys: readonly string[];
  readonly become: "sudo" | "none" | null;
  readonly jump: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly file: string;
  readonly line: number;
}

/** Makes a cluster file of an inventory in another format. */
export const importCommand = defineCommand({
  id: "import",
  area: "inventory",
  summary: "Make a cluster file of another tool's inventory, or add its nodes to one",
  details: `Prints a cluster file, and as comments behind it what could not be carried over, with file and line. With --into the nodes are
added to a file that exists: its comments and its order stay, and a node that is there and differs is never overwritten.
Groups become labels. Variables are not carried over; only their names are told, since their values may be secrets.`,
  args: () =>
    z.object({
      format: z.enum(importFormats).describe("What the files are"),
      files: z.array(z.string().min(1)).min(1).describe("Inventories; group_vars and host_vars beside them are read as well"),
      into: z.string().min(1).optional().describe("Cluster file to add the nodes to"),
      name: nameSchema.optional().describe("Name of the new cluster; default: from the file's name"),
    }),
  positionals: ["format", "files"],
  risk: "change",
  needs: "nothing",
  follows: false,
  chat: { no: "It writes files into the folder in which it is typed." },
  examples: [
    { line: "halligan import ansible hosts.ini > cluster.yaml", does: "makes a cluster file of an Ansible inventory" },
    { line: "halligan import ssh-config ~/.ssh/config --into cluster.yaml", does: "adds the hosts of your ssh configuration" },
  ],
  async run(context, { format, files, into, name }) {
    const { local } = context;
    if (into !== undefined && name !== undefined)
      throw fail("USAGE", { message: "--name is for a new cluster file, --into for one that exists.", hint: "Give only one of them." });
    const { importFiles } = await import("../inventory/import/formats.ts");
    const imported = await importFiles(format, files, local, local.home);
    if (imported.nodes.length === 0) throw nothingFound(files, imported);
    const { result, cluster } = into === undefined ? await newFile(imported, files, name) : await mergeInto(into, imported, local);
    const document: ImportDocument = {
      halligan: 1,
      kind: "import",
      format,
      cluster,
      nodes: imported.nodes.map(row),
      notes: imported.notes,
      result,
    };
    return { exit: 0, document: { ...document } };
  },
});

type Result = { readonly result: ImportDocument["result"]; readonly cluster: string };

async function newFile({ nodes }: Imported, files: readonly string[], name: string | undefined): Promise<Result> {
  const { clusterText } = await import("../inventory/import/cluster-text.ts");
  const { nearName } = await import("../inventory/import/finish.ts");
  const base = (files[0] ?? "").split("/").findLast((part) => part !== "") ?? "";
  const cluster = name ?? (nearName(base.replace(/(?<=.)\.\w+$/u, "")) || "imported");
  return { cluster, result: { kind: "text", text: clusterText(cluster, nodes, files.join(", ")) } };
}

async function mergeInto(
  file: string,
  { nodes }: Imported,
  local: { readText(path: string): Promise<string>; replaceText(path: string, before: string, after: string): Promise<void> },
): Promise<Result> {
  const { mergeNodes } = await import("../inventory/import/merge.ts");
  const before = await local.readText(file);
  const { text, cluster, added, same } = mergeNodes(file, before, nodes);
  if (text !== before) await local.replaceText(file, before, text);
  return { cluster, result: { kind: "merged", file, added, same } };
}

function nothingFound(files: readonly string[], { notes }: Imported): Error {
  const why = notes.slice(0, 5).map((note) => `${note.file}:${note.line}: ${note.message}`);
  return fail("IMPORT_EMPTY", {
    message: `No node could be read from ${files.join(", ")}.`,
    cause: why.length === 0 ? undefined : why.join(" "),
  });
}

function row(node: ImportedNode): ImportedRow {
  return {
    name: node.name,
    address: node.address,
    port: node.port ?? null,
    user: node.user ?? null,
    keys: node.keys,
    become: node.become ?? null,
    jump: node.jump,
    labels: Object.fromEntries(node.labels),
    file: node.at.file,
    line: node.at.line,
  };
}
