import { z } from "zod";
import { exportFormats } from "../inventory/export/format-names.ts";
import { defineCommand } from "./command.ts";
import { selectNodes } from "./selection.ts";

/** `export`. */
export interface ExportDocument {
  readonly halligan: 1;
  readonly kind: "export";
  readonly format: (typeof exportFormats)[number];
  readonly cluster: string;
  readonly text: string;
  /** What the format cannot hold, one sentence each. */
  readonly notes: readonly string[];
}

/** Prints the nodes in another format. */
export const exportCommand = defineCommand({
  id: "export",
  area: "inventory",
  summary: "Print the nodes as an inventory for another tool, or as a page",
  details:
    "The formats json and markdown hold what was last observed on the nodes as well. docs/inventories.md says what each format cannot hold.",
  args: () =>
    z.object({
      format: z.enum(exportFormats).describe("What to print"),
      selector: z.string().min(1).optional().describe("Only these nodes: tier=web, name=ctl-*"),
    }),
  positionals: ["format", "selector"],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { no: "It makes a file for other tools, and a file is better kept where those tools are." },
  examples: [
    { line: "halligan export ansible > hosts.ini", does: "writes an inventory for Ansible" },
    { line: "halligan export ssh-config tier=web >> ~/.ssh/config", does: "lets ssh know the nodes with this label" },
  ],
  async run(context, { format, selector }) {
    const house = await context.house();
    const { cluster } = await house.load();
    const known = format === "json" || format === "markdown" ? await house.knownFacts() : new Map();
    const { exportNodes } = await import("../inventory/export/formats.ts");
    const { text, notes } = exportNodes(format, cluster.name, selectNodes(cluster.nodes, selector), known);
    const document: ExportDocument = { halligan: 1, kind: "export", format, cluster: cluster.name, text, notes };
    return { exit: 0, document: { ...document } };
  },
});
