import type { ClusterNode } from "../../model/cluster.ts";
import { exportAnsibleIni } from "./ansible-ini.ts";
import { exportAnsibleYaml } from "./ansible-yaml.ts";
import { exportCsv } from "./csv.ts";
import type { Exported } from "./exported.ts";
import { exportJson, exportMarkdown, type KnownFacts } from "./pages.ts";
import { exportSshConfig } from "./ssh-config.ts";
import type { ExportFormat } from "./format-names.ts";

/** The nodes of a cluster in another format. `known` is used by `json` and `markdown`. */
export function exportNodes(format: ExportFormat, cluster: string, nodes: readonly ClusterNode[], known: KnownFacts): Exported {
  switch (format) {
    case "ansible":
      return exportAnsibleIni(cluster, nodes);
    case "ansible-yaml":
      return exportAnsibleYaml(cluster, nodes);
    case "ssh-config":
      return exportSshConfig(cluster, nodes);
    case "csv":
      return exportCsv(nodes);
    case "json":
      return exportJson(cluster, nodes, known);
    case "markdown":
      return exportMarkdown(cluster, nodes, known);
    default:
      return format satisfies never;
  }
}
