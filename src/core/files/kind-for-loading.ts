import type { z } from "zod";
import type { Json } from "../ports.ts";

/** What loading a barclamp needs to know of a step kind. The table of kinds (`jigs/shell/kinds`) has it, and more. */
export interface KindForLoading {
  /** Strict schema of the arguments. */
  readonly schema: z.ZodType;
  /** `package: nginx` -> `{ name: "nginx" }`; undefined = this value is no shorthand. */
  shorthand(value: Json): Readonly<Record<string, Json>> | undefined;
  /** The part of the step's id after `kind:`. */
  naturalId(args: unknown): string;
  /** May stand in `checks`. */
  readonly readOnly: boolean;
  /** May stand in `steps` alone. */
  readonly onlyInSteps?: true;
  /** Arguments that name a file of the barclamp. */
  readonly sources: readonly string[];
}

/** Step kinds by name. */
export type KindsForLoading = ReadonlyMap<string, KindForLoading>;
