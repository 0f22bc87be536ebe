import { z } from "zod";
import type { Json } from "../../ports.ts";
import { defineCommand } from "../command.ts";

/** `audit export --json`. */
export interface AuditExportDocument {
  readonly halligan: 1;
  readonly kind: "audit-export";
  /** One JSON text per entry or checkpoint, ASCII only, as it stands in the store. */
  readonly lines: readonly string[];
}

/** Prints the audit as it is kept. */
export const auditExportCommand = defineCommand({
  id: "audit export",
  area: "authority",
  summary: "Print all entries and checkpoints of the audit as JSON lines",
  details:
    "For another system that keeps or searches them. Each line is `audit.recorded` or `audit.checkpoint` with everything that is hashed or signed, so that the chain can be followed there too (docs/audit.md).",
  args: () =>
    z.object({ after: z.coerce.number().int().min(0).default(0).describe("Only entries behind this number, and their checkpoints") }),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { no: "It makes a file to be kept outside, and who keeps it should make it." },
  examples: [{ line: "halligan audit export --after 1200 >> audit.jsonl", does: "adds what is new since entry 1200" }],
  async run(context, { after }) {
    const { auditStream, checkpointStream } = await import("../../authority/audit/chain.ts");
    const { store } = await context.house();
    const lines: string[] = [];
    for (const stream of [auditStream, checkpointStream]) {
      for (let from = stream === auditStream ? after : 0; ; ) {
        const events = await store.read({ stream, after: from });
        for (const { type, data } of events) if (placeOf(data) > after) lines.push(asciiJson({ type, ...(data as object) }));
        const last = events.at(-1);
        if (last === undefined) break;
        from = last.version;
      }
    }
    const document: AuditExportDocument = { halligan: 1, kind: "audit-export", lines };
    return { exit: 0, document: { ...document } };
  },
});

function placeOf(data: Json): number {
  return typeof data === "object" && data !== null && "n" in data && typeof data["n"] === "number" ? data["n"] : Number.POSITIVE_INFINITY;
}

/** Nothing in it has to be made safe for a terminal, which would change what is hashed. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
