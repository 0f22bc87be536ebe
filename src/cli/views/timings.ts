import type { RunTimingsDocument } from "../../core/commands/runs-show.ts";
import { durationWords } from "../../core/words/time.ts";
import { type Column, type Screen, table } from "../screen.ts";

type Cohort = RunTimingsDocument["cohorts"][number];
type Link = RunTimingsDocument["criticalPath"][number];
type Slow = RunTimingsDocument["slowest"][number];

/** Where the time of a run went. */
export function timingsView(document: RunTimingsDocument, screen: Screen): readonly string[] {
  const { run, plan, phase, durationMs, cohorts, criticalPath, nodes, slowest } = document;
  const head = `${screen.bold(run)} (plan ${plan}) ${phase}, ${durationWords(durationMs)}`;
  if (cohorts.length === 0) return [`${head}. No node-role was under way.`];
  return [
    head,
    "",
    ...table(
      screen,
      [
        { title: "COHORT", cell: (each: Cohort) => String(each.cohort) },
        { title: "NODE-ROLES", cell: (each) => String(each.nodeRoles), align: "right" },
        time<Cohort>("FROM", (each) => each.fromMs),
        time<Cohort>("TO", (each) => each.toMs),
        time<Cohort>("WORK", (each) => each.workMs),
      ],
      cohorts,
    ),
    "",
    "The critical path:",
    ...table(
      screen,
      [
        { title: "NODE-ROLE", cell: (each: Link) => each.id, flexible: true },
        time<Link>("WAITED", (each) => each.waitedMs),
        time<Link>("TOOK", (each) => each.toMs - each.fromMs),
        time<Link>("ENDED", (each) => each.toMs),
      ],
      criticalPath,
    ),
    "",
    "The slowest steps:",
    ...table(
      screen,
      [
        { title: "NODE-ROLE", cell: (each: Slow) => each.id, flexible: true },
        { title: "STEP", cell: (each) => each.step, flexible: true },
        time<Slow>("TOOK", (each) => each.durationMs),
      ],
      slowest,
    ),
    "",
    `Work by node: ${nodes.map(({ node, workMs }) => `${node} ${durationWords(workMs)}`).join(", ")}.`,
  ];
}

function time<Row>(title: string, ms: (row: Row) => number): Column<Row> {
  return { title, cell: (row) => durationWords(ms(row)), align: "right" };
}
