import { z } from "zod";
import type { KeptEntry } from "../../authority/audit/chain.ts";
import { defineCommand } from "../command.ts";

/** One entry of `audit --json`. */
export type AuditRow = Pick<KeptEntry, "n" | "by" | "principal" | "front" | "action" | "decision" | "hash"> &
  Partial<Pick<KeptEntry, "resource" | "code" | "reason" | "detail">> & { readonly at: number };

/** `audit --json`. */
export interface AuditDocument {
  readonly halligan: 1;
  readonly kind: "audit";
  /** The newest ones that the filters let through, oldest first. */
  readonly entries: readonly AuditRow[];
  /** There are older ones. */
  readonly more: boolean;
}

/** Lists what was attempted. */
export const auditCommand = defineCommand({
  id: "audit",
  area: "authority",
  summary: "Show what was attempted, by whom, and what was refused",
  details:
    "Every attempt on the cluster is on record, allowed or refused, from every front end and from the engine. Several filters hold together. `audit verify`, `audit key` and `audit export` are commands of their own. docs/audit.md says what an entry holds and what protects it.",
  args: () =>
    z.object({
      since: z.string().optional().describe("So long ago (2h, 7d), or a moment in UTC (2026-11-27, 2026-11-27T15:00)"),
      by: z.string().optional().describe("A person's id, or a principal such as local:alice"),
      action: z.string().optional().describe("A command such as apply, or the first word of some: secrets"),
      refused: z.boolean().default(false).describe("Only what was refused"),
      deployment: z.string().optional().describe("Only what names this deployment"),
      limit: z.coerce.number().int().min(1).max(100_000).default(50).describe("How many to show, the newest"),
    }),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan audit --refused --since 7d", does: "what was refused in the last week" },
    { line: "halligan audit --by alice --action apply --json", does: "one document with what Alice applied" },
  ],
  async run(context, { since, by, action, refused, deployment, limit }) {
    const [{ readAudit }, { sinceMoment }] = await Promise.all([import("../../authority/audit/read.ts"), import("./since.ts")]);
    const house = await context.house();
    const filter = {
      ...(since === undefined ? {} : { since: sinceMoment(since, house.clock.now()) }),
      ...(by === undefined ? {} : { by }),
      ...(action === undefined ? {} : { action }),
      ...(deployment === undefined ? {} : { deployment }),
      refused,
    };
    const { entries, more } = await readAudit(house.store, filter, limit);
    const document: AuditDocument = { halligan: 1, kind: "audit", entries: entries.map(row), more };
    return { exit: 0, document: { ...document } };
  },
});

function row({ n, time, by, principal, front, action, resource, decision, code, reason, detail, hash }: KeptEntry): AuditRow {
  return {
    n,
    at: time,
    by,
    principal,
    front,
    action,
    ...(resource === undefined ? {} : { resource }),
    decision,
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason }),
    ...(detail === undefined ? {} : { detail }),
    hash,
  };
}
