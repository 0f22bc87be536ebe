import { z } from "zod";

/** A problem inside an event; `code` stays a string here so that an older reader can show a newer code. */
export const problemSchema = z.object({
  code: z.string(),
  message: z.string(),
  at: z
    .union([
      z.object({ file: z.string(), line: z.number(), column: z.number(), text: z.string().optional() }),
      z.object({ node: z.string().optional(), role: z.string().optional(), step: z.string().optional() }),
    ])
    .optional(),
  cause: z.string().optional(),
  hint: z.string(),
  docs: z.string(),
});
