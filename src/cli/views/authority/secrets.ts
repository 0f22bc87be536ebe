import type { RecipientsDocument } from "../../../core/commands/authority/secrets-recipients.ts";
import type { SecretsChangedDocument } from "../../../core/commands/authority/secrets-set.ts";
import type { SecretsDocument } from "../../../core/commands/authority/secrets-list.ts";
import type { RecipientRow, SecretRow } from "../../../core/authority/secrets/desk.ts";
import { count, listed } from "../../../core/words/count.ts";
import { agoWords } from "../../../core/words/time.ts";
import { type Column, type Screen, table, wrapText } from "../../screen.ts";

/** Secrets, one per line. */
export function secretsView(document: SecretsDocument, screen: Screen): readonly string[] {
  if (document.secrets.length === 0) return [`Cluster ${document.cluster} has no secrets: put them under \`secrets:\` of a deployment.`];
  const columns: readonly Column<SecretRow>[] = [
    { title: "SECRET", cell: (row) => row.name },
    {
      title: "SOURCE",
      cell: (row) => (row.source === null ? "not in the file" : row.source.from),
      flexible: true,
    },
    { title: "VERSION", cell: (row) => (row.version === null ? "-" : String(row.version)), align: "right" },
    { title: "MADE", cell: (row) => (row.madeAt === null ? "-" : agoWords(document.at - row.madeAt)) },
    { title: "BY", cell: (row) => row.madeBy ?? "-" },
    { title: "USED BY", cell: (row) => users(row), flexible: true },
  ];
  return table(screen, columns, document.secrets);
}

function users({ usedBy, version }: SecretRow): string {
  if (usedBy.length === 0) return "-";
  const names = usedBy.map((each) =>
    each.version === null || each.version === version ? each.id : `${each.id} (version ${each.version})`,
  );
  return listed(names, 4);
}

/** What was made, and what to do next. */
export function secretsChangedView(document: SecretsChangedDocument, screen: Screen): readonly string[] {
  const lines = document.changes.flatMap(({ name, before, version, usedBy }) => {
    const change = before === null ? `version ${version}` : `version ${before} -> ${version}`;
    const used = usedBy.length === 0 ? "no node-role uses it" : `used by ${listed(usedBy, 8)}`;
    return wrapText(`${screen.bold(name)}: ${change}; ${used}`, screen.width);
  });
  const waits = document.changes.some((each) => each.usedBy.length > 0);
  return waits ? [...lines, "", `Next: ${screen.bold("halligan plan")}`] : lines;
}

/** Recipients, one per line. */
export function recipientsView(document: RecipientsDocument, screen: Screen): readonly string[] {
  const columns: readonly Column<RecipientRow>[] = [
    { title: "ID", cell: (row) => row.id },
    { title: "KIND", cell: (row) => row.kind },
    { title: "LABEL", cell: (row) => (row.own ? `${row.label} (this user's, here)` : row.label) },
    { title: "ADDED BY", cell: (row) => row.by },
    { title: "RECIPIENT", cell: (row) => row.recipient, flexible: true },
  ];
  const isMember = document.recipients.some((each) => each.own);
  return [
    ...(document.recipients.length === 0 ? ["Nothing is sealed yet."] : table(screen, columns, document.recipients)),
    ...(document.resealed === 0 ? [] : ["", `${count(document.resealed, "record")} sealed anew.`]),
    ...(isMember ? [] : ["", `This user's recipient here, not on the list: ${document.own}`]),
  ];
}
