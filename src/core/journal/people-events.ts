import { z } from "zod";

const v = z.literal(1);
const digest = z.templateLiteral(["sha256:", z.string()]);
/** A principal as one word: `local:alice`, `ssh:SHA256:...`, `slack:T1/U2`. */
const principal = z.string();

/** Events of the stream `people`: which principals were linked to people, beyond what people.yaml says. */
export const peopleEvents = {
  /** Somebody made a code with which one further principal can become the person. The code itself is nowhere; `code` is its digest. */
  "link.offered": z.object({
    v,
    code: digest,
    person: z.string(),
    by: z.string(),
    /** The only principal that may use the code. */
    principal: principal.optional(),
    /** Until when it may be used, in ms since 1970. */
    until: z.number(),
  }),
  "link.made": z.object({
    v,
    code: digest,
    person: z.string(),
    principal,
    /** The public key, when the principal is one. */
    key: z.string().optional(),
  }),
  "link.removed": z.object({ v, person: z.string(), principal, by: z.string() }),
} satisfies Readonly<Record<string, z.ZodType>>;
