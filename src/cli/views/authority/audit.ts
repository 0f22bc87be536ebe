import type { AuditDocument, AuditRow } from "../../../core/commands/authority/audit.ts";
import type { AuditExportDocument } from "../../../core/commands/authority/audit-export.ts";
import type { AuditKeyDocument } from "../../../core/commands/authority/audit-key.ts";
import type { AuditVerifiedDocument } from "../../../core/commands/authority/audit-verify.ts";
import type { Json } from "../../../core/ports.ts";
import { count } from "../../../core/words/count.ts";
import { type Screen, table } from "../../screen.ts";

/** Entries of the audit, oldest first. */
export function auditView({ entries, more }: AuditDocument, screen: Screen): readonly string[] {
  if (entries.length === 0) return ["No entry of the audit is like that."];
  const rows = table<AuditRow>(
    screen,
    [
      { title: "ENTRY", cell: ({ n }) => String(n), align: "right" },
      { title: "WHEN", cell: ({ at }) => `${new Date(at).toISOString().slice(0, 19)}Z` },
      { title: "BY", cell: ({ by }) => by, flexible: true },
      { title: "THROUGH", cell: ({ front, principal }) => `${front} ${principal}`, flexible: true },
      { title: "ACTION", cell: ({ action }) => action },
      {
        title: "DECISION",
        cell: ({ decision, code }) => (code === undefined ? decision : `${decision} ${code}`),
        paint: ({ decision, code }) => (decision === "refused" ? screen.red : code === undefined ? screen.green : screen.yellow),
      },
      { title: "ABOUT", cell: aboutWords, flexible: true },
    ],
    entries,
  );
  return [...rows, ...(more ? ["", "There are older ones; `--limit N` shows more, `--json` shows all of each entry."] : [])];
}

function aboutWords({ resource, reason, detail }: AuditRow): string {
  return [resource, detail === undefined ? undefined : detailWords(detail), reason]
    .filter((part) => part !== undefined && part !== "")
    .join("; ");
}

/** Arguments in short: what is off or empty says nothing. */
function detailWords(detail: Json): string {
  if (typeof detail !== "object" || detail === null || Array.isArray(detail))
    return typeof detail === "string" ? detail : JSON.stringify(detail);
  return Object.entries(detail)
    .filter(([, value]) => value !== false && value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join(" ") : typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}

/** Whether the audit is whole, and how far that is sure. */
export function auditVerifiedView(document: AuditVerifiedDocument, screen: Screen): readonly string[] {
  const { ok, entries, checkpoints, newest, uncovered, keys, findings, moreFindings } = document;
  const verdict = ok
    ? screen.green(`The audit is as it was written: ${count(entries, "entry", "entries")}, ${count(checkpoints, "checkpoint")}.`)
    : screen.red(`The audit is not as it was written (${count(entries, "entry", "entries")}, ${count(checkpoints, "checkpoint")}):`);
  return [
    verdict,
    ...findings.map(({ what, problem }) => `  ${screen.red(what)}  ${problem.message}`),
    ...(moreFindings > 0 ? [`  and ${count(moreFindings, "further finding")}`] : []),
    ...(findings[0] === undefined ? [] : [`  ${findings[0].problem.hint}`]),
    "",
    ...keys.map(
      ({ fingerprint, checkpoints: signed, trusted }) =>
        `Signed by   ${fingerprint}  ${count(signed, "checkpoint")}${trusted ? "" : screen.red("  not trusted here")}`,
    ),
    ...(newest === null
      ? ["There is no checkpoint that can be trusted yet: a tail that was cut off cannot be seen."]
      : [
          `Newest      ${newest.mark}`,
          screen.dim(
            "            Keep this line elsewhere: `halligan audit verify --checkpoint` with it finds a tail cut off with its checkpoints.",
          ),
        ]),
    ...(uncovered > 0
      ? [
          `Uncovered   ${count(uncovered, "entry", "entries")} behind the newest checkpoint: whoever can write the store could have cut or made them anew.`,
        ]
      : []),
  ];
}

/** Public keys, ready for a file. */
export function auditKeyView({ keys }: AuditKeyDocument): readonly string[] {
  return keys.map((each) => each.line);
}

/** The audit, ready for a file. */
export function auditExportView({ lines }: AuditExportDocument): readonly string[] {
  return lines;
}
