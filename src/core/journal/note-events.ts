import { z } from "zod";

const v = z.literal(1);
const noteId = z.templateLiteral(["N-", z.int()]);

/** Events about what people note down for each other: stated here, spread into the one union of events.ts. */
export const noteEvents = {
  /**
   * About a node (`role` absent = the whole node), or about failures of a kind, wherever they happen (`CODE:ROLE/STEP`); `run`: the run that
   * had them.
   */
  "note.added": z.object({
    v,
    note: noteId,
    node: z.string().optional(),
    role: z.string().optional(),
    run: z.string().optional(),
    failures: z.array(z.string()).optional(),
    text: z.string(),
    by: z.string(),
  }),
  "note.removed": z.object({ v, note: noteId, by: z.string() }),
} satisfies Readonly<Record<string, z.ZodType>>;
