import type { CompiledScript } from "../jigs/resolved.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlannedNodeRole } from "../model/plan.ts";
import type { Json } from "../ports.ts";
import type { NamedSecret } from "./redactor.ts";

/** Outputs that steps gave in this run, by node-role. */
export type KnownOutputs = ReadonlyMap<NodeRoleId, Readonly<Record<string, string>>>;

/** A node-role compiled for the run, with late-bound values and secrets filled in. */
export interface Prepared {
  readonly compiled: CompiledScript;
  /** Values to take out of everything the job prints. */
  readonly secrets: readonly NamedSecret[];
}

/** Makes scripts from the plan's revision; the engine's only view of cluster files and barclamps. */
export interface Workshop {
  /**
   * The script that carries out a planned node-role.
   * @throws problems of rendering with the values that are now known.
   */
  prepare(planned: PlannedNodeRole, known: KnownOutputs, staleness: "exact" | "bounded"): Promise<Prepared>;
  /** The read-only script that tells whether a node-role's steps hold. */
  observe(planned: PlannedNodeRole, known: KnownOutputs): Promise<Prepared>;
  /** What must be kept to take the node-role away later, without its barclamp. Holds no secrets. */
  record(planned: PlannedNodeRole, known: KnownOutputs): Promise<Json>;
}
