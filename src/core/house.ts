import type { ApprovalDeps } from "./authority/approvals/read.ts";
import type { AuditDesk } from "./authority/audit/desk.ts";
import type { Judge } from "./authority/gate.ts";
import type { Authority } from "./authority/people.ts";
import type { Principal } from "./authority/principal.ts";
import type { SecretDesk } from "./authority/secrets/desk.ts";
import type { PolicyDesk } from "./authority/policy/desk.ts";
import type { Problem } from "./errors.ts";
import type { IntentDesk } from "./intent/desk.ts";
import type { StoreAbout } from "./model/store-about.ts";
import type { Facts } from "./model/facts.ts";
import type { Barclamp } from "./model/barclamp.ts";
import type { Cluster } from "./model/cluster.ts";
import type { ApprovalId, Digest, ProposalId, RunId } from "./model/ids.ts";
import type { Plan, PlanLimit, Rename } from "./model/plan.ts";
import type { Recorded } from "./journal/events.ts";
import type { Clock, EpochMs, Logs, Store } from "./ports.ts";
import type { AppliedRecord } from "./run/applied.ts";
import type { DriftFound } from "./run/drift.ts";
import type { ExecuteOptions, Executed } from "./run/exec/execute.ts";
import type { ProofResult } from "./run/proving/outcome.ts";
import type { RunState } from "./run/state.ts";
import type { Verified } from "./run/verifying.ts";

/** A cluster folder's files, loaded and checked. */
export interface LoadedCluster {
  /** Absolute path of the cluster file. */
  readonly file: string;
  readonly folder: string;
  readonly cluster: Cluster;
  readonly barclamps: ReadonlyMap<string, Barclamp>;
  /** Over the cluster file and all barclamps it uses. */
  readonly revision: Digest;
  /** What works and should be changed: settings that were carried over, what is deprecated. */
  readonly notices?: readonly Problem[];
}

/** A fact about planning while it goes on. */
export interface PlanningProgress {
  readonly what: "discover" | "check" | "prove";
  readonly done: number;
  readonly total: number;
  readonly item: string;
}

/** Another intent than that of the files: a proposal's text with the barclamps as they are, or a kept revision with its own barclamps. */
export type PlanSource =
  | { readonly kind: "proposal"; readonly proposal: ProposalId; readonly editors: readonly string[]; readonly text: string }
  | { readonly kind: "revision"; readonly digest: Digest };

/** How a plan is to be made. */
export interface PlanOptions {
  /** Empty = all. */
  readonly deployments: readonly string[];
  readonly by: string;
  readonly onProgress: (progress: PlanningProgress) => void;
  readonly signal: AbortSignal;
  /** Bounds of a plan with a purpose of its own; what its node-roles wait for is looked at too. `deployments` says nothing then. */
  readonly limit?: PlanLimit;
  /** Restarts that changes ask for are put off (`restart` does them). */
  readonly restarts?: "later";
  /** `no`: no node is asked. What is as it was last applied counts as standing; of everything else it is not known what would change. */
  readonly refresh?: "no";
  /** What it is made from when not from the files as they are. */
  readonly source?: PlanSource;
  /** No run of it follows at once: nobody will need the connections to the nodes. */
  readonly alone?: true;
}

/** What a discovery found on one node. */
export type Discovered =
  | {
      readonly node: string;
      readonly facts: Facts;
      readonly changed: readonly { readonly path: string; readonly before: unknown; readonly after: unknown }[];
      readonly firstTime: boolean;
    }
  | { readonly node: string; readonly problem: Problem };

/** How a run is asked for, beside its plan. */
export interface RunPass {
  /** The approval request that it consumes. */
  readonly request?: ApprovalId;
  /** Somebody takes it past them, with a reason. */
  readonly breakglass?: { readonly reason: string };
  /** How the person who asks was known (`principalText`); default: the principal of this house. */
  readonly principal?: string;
  /** It may not start before this moment. */
  readonly notBefore?: EpochMs;
  /** False: refused while another run is open, instead of waiting behind it. */
  readonly queue?: boolean;
  /** Whoever asks follows the run now: where there is no engine, this process may be it as long as it follows. */
  readonly here?: boolean;
}

/** The engine that would or does carry out runs. */
export interface EngineInfo {
  readonly host: string;
  readonly pid: number;
  /** True when this call started it. */
  readonly started: boolean;
  /** When it renewed its lease last, if that is known. */
  readonly heardAt?: EpochMs;
  /** Its name in its lease, where it is on another machine. */
  readonly elsewhere?: string;
}

/**
 * Everything a front end can ask of one cluster. Made by the composition root; safe to use from several processes at once.
 */
export interface House {
  readonly file: string;
  readonly folder: string;
  readonly store: Store;
  readonly logs: Logs;
  /** Where the store is, and what its server's settings put at risk. @throws `STORE_UNAVAILABLE`. */
  about(): Promise<StoreAbout>;
  readonly clock: Clock;
  /** Who asks, as this front end has proved it; in an engine process its local user. */
  readonly principal: Principal;
  /** Who decides here, read anew when people.yaml has changed. @throws the problems of people.yaml: then nothing is allowed. */
  authority(): Promise<Authority>;
  /** The person behind `principal`, or the local user without people.yaml. @throws `PRINCIPAL_UNKNOWN`. */
  person(): Promise<string>;
  /** The record of everything attempted. */
  readonly audit: AuditDesk;
  /** The secrets of the cluster: what there is, new values, who can open them. */
  readonly secrets: SecretDesk;
  /** Loads and checks the files. @throws all problems at once. */
  load(): Promise<LoadedCluster>;
  /** Probes nodes and keeps their facts; `acceptHostKey` pins a host key with exactly this SHA256 fingerprint first. */
  discover(options: {
    readonly nodes: readonly string[];
    readonly acceptHostKey?: string;
    readonly onProgress: (found: Discovered) => void;
    readonly signal: AbortSignal;
  }): Promise<readonly Discovered[]>;
  /** Last facts by node, with when they were seen (ms). */
  knownFacts(): Promise<ReadonlyMap<string, { readonly facts: Facts; readonly at: number }>>;
  /** Makes, stores and announces a plan. @throws all problems that prevent one. */
  plan(options: PlanOptions): Promise<Plan>;
  /** Judges the verify steps of active node-roles on their nodes, read-only. */
  verify(options: PlanOptions): Promise<readonly Verified[]>;
  /**
   * Proves what the roles of active node-roles declare that they can do; makes things on the nodes and takes them back. `capabilities`: only these, empty = all.
   * @throws `CAPABILITY_UNKNOWN`, and what loading throws.
   */
  prove(options: PlanOptions & { readonly capabilities: readonly string[] }): Promise<readonly ProofResult[]>;
  /** Compares what stands with its nodes, in the form in which it was applied; read-only. */
  drift(options: {
    readonly records: readonly AppliedRecord[];
    readonly renames: readonly Rename[];
    readonly onProgress: (progress: PlanningProgress) => void;
    readonly signal: AbortSignal;
  }): Promise<readonly DriftFound[]>;
  /** What approval requests are judged from; authority/approvals has what can be done with them. */
  readonly approvals: ApprovalDeps;
  /** Everything that stands in the way, judged from store and files as they are now. */
  readonly judge: Judge;
  /** Rules of the policy: how they judge plans and what stands, and what was waived. */
  readonly policy: PolicyDesk;
  /** The cluster file, for whoever proposes changes of it; core/intent has what can be done with them. */
  readonly intent: IntentDesk;
  /**
   * Asks for a run of exactly this plan and makes sure that an engine is there.
   * @throws `RUN_ACTIVE`, `ENGINE_GONE`, and everything for which the gates refuse it.
   */
  requestRun(plan: Plan, by: string, past?: RunPass): Promise<{ readonly run: RunId; readonly engine: EngineInfo }>;
  /** The engine that holds the lease of a cluster and is alive, as far as can be told from here. */
  findEngine(cluster: string): Promise<EngineInfo | undefined>;
  /** Starts an engine process unless one holds the lease. */
  ensureEngine(): Promise<EngineInfo>;
  /** Has an engine process ready that takes over when the lease ends of the engine of this name, which is on another machine. */
  standBehind(engine: string): Promise<void>;
  /**
   * Yields the events of a run from its first one on until `run.ended`, or until the signal aborts; sees to it that an engine is there while the run is open.
   * `state` is the fold up to and including the event (updated in place).
   */
  follow(run: string, signal: AbortSignal): AsyncIterable<{ readonly event: Recorded; readonly state: RunState }>;
  /** Runs a command on nodes. Every node has a result, whatever happened there. */
  execute(options: ExecuteOptions): Promise<readonly Executed[]>;
  /** Facts for `why NODE/ROLE` (plan/explain.ts). */
  why(id: string): Promise<unknown>;
  close(): Promise<void>;
}
