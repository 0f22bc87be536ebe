import type { DeployedRow, WhatDocument } from "../../core/commands/what.ts";
import { count, listed } from "../../core/words/count.ts";
import { agoWords } from "../../core/words/time.ts";
import { type Screen, table } from "../screen.ts";

/** What is deployed. */
export function whatView({ cluster, deployments, absent, activeRun, at }: WhatDocument, screen: Screen): readonly string[] {
  const rows = table<DeployedRow>(
    screen,
    [
      { title: "DEPLOYMENT", cell: ({ deployment, wanted }) => (wanted ? deployment : `${deployment} (not in the file any more)`) },
      { title: "BARCLAMPS", cell: barclampWords, flexible: true },
      { title: "NODES", cell: ({ nodes }) => String(nodes), align: "right" },
      { title: "NODE-ROLES", cell: ({ nodeRoles }) => String(nodeRoles), align: "right" },
      { title: "CHANGED", cell: ({ last }) => agoWords(at - last.at) },
      { title: "BY", cell: ({ last }) => `${last.by ?? "unknown"} (${last.run})` },
    ],
    deployments,
  );
  return [
    ...(deployments.length === 0 ? [`Nothing is deployed in ${cluster} yet. Next: \`halligan plan\` shows what would be.`] : rows),
    ...(absent.length === 0 ? [] : ["", `Nothing stands of ${count(absent.length, "deployment")} of the file: ${listed(absent, 12)}.`]),
    ...(activeRun === null ? [] : ["", `${activeRun} is going on and may change this: ${screen.bold(`halligan watch ${activeRun}`)}.`]),
  ];
}

function barclampWords({ barclamps }: DeployedRow): string {
  return barclamps
    .map(({ barclamp, version }) => (version === null ? `${barclamp} (other files than now)` : `${barclamp} ${version}`))
    .join(", ");
}
