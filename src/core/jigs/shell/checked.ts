import type { z } from "zod";
import type { Json } from "../../ports.ts";
import type { StepKind } from "./kind.ts";

/** What a kind's schema says to arguments. */
export type Checked = z.ZodSafeParseResult<unknown>;

/** Answers by arguments: planning asks for the same ones when it accepts, names and compiles a step. Arguments are never changed once they are made. */
const known = new WeakMap<object, { readonly kind: StepKind; readonly answer: Checked }>();

/** Asks the kind's schema, once for each object of arguments. */
export function checkArgs(kind: StepKind, args: Json | Readonly<Record<string, Json>>): Checked {
  if (typeof args !== "object" || args === null) return kind.schema.safeParse(args);
  const before = known.get(args);
  if (before?.kind === kind) return before.answer;
  const answer = kind.schema.safeParse(args);
  known.set(args, { kind, answer });
  return answer;
}
