import { type Problem, problem } from "../errors.ts";
import type { ClusterFile } from "../model/cluster-file.ts";
import { isZone } from "../model/civil-time.ts";
import { type FreezeWindow, edgeFault, parseEdge } from "../model/freeze-window.ts";
import { suggestion } from "../model/suggest.ts";
import type { YamlTree } from "./yaml-tree.ts";

/** The freeze windows of a file. Problems: `FREEZE_INVALID`, `DEPLOYMENT_UNKNOWN`. */
export function loadFreezes(file: ClusterFile, tree: YamlTree, problems: Problem[]): readonly FreezeWindow[] {
  const known = Object.keys(file.deployments ?? {});
  return Object.entries(file.freezes ?? {}).flatMap(([name, written]) => {
    const path = ["freezes", name];
    const before = problems.length;
    const wrong = (key: string, message: string): void => {
      problems.push(problem("FREEZE_INVALID", { message: `Freeze ${name}: ${message}.`, at: tree.valuePlace([...path, key]) }));
    };
    const from = parseEdge(written.from);
    const to = parseEdge(written.to);
    const shown = "must be written like `22:00` (every day), `fri 16:00` (every week) or `2026-12-23 18:00` (once)";
    if (from === undefined) wrong("from", `\`from\` ${shown}`);
    if (to === undefined) wrong("to", `\`to\` ${shown}`);
    const fault = from === undefined || to === undefined ? undefined : edgeFault(from, to);
    if (fault !== undefined) wrong("to", fault);
    if (!isZone(written.zone)) wrong("zone", `\`${written.zone}\` is not a time zone; write an IANA name such as Europe/Berlin or UTC`);
    const deployments = written.deployments ?? [];
    for (const [index, deployment] of deployments.entries()) {
      if (known.includes(deployment)) continue;
      problems.push(
        problem("DEPLOYMENT_UNKNOWN", {
          message: `Freeze ${name} names deployment ${deployment}, which is not in the cluster file.`,
          at: tree.valuePlace([...path, "deployments", index]),
          hint: suggestion(deployment, known),
        }),
      );
    }
    if (problems.length > before || from === undefined || to === undefined) return [];
    return [{ name, from, to, zone: written.zone, reason: written.reason, deployments }];
  });
}
