/** What makes a plan risky. Every plan has `default`. */
export const planRisks = ["default", "destructive", "pointOfNoReturn"] as const;
export type PlanRisk = (typeof planRisks)[number];

/** What one kind of plan needs before it may run. Where several rules apply, each must be met. */
export interface ApprovalRule {
  /** How many people must approve; 0 = nobody is asked. */
  readonly people: number;
  /** Only members of these groups count; empty = everybody who may approve. */
  readonly groups: readonly string[];
  /** Whoever made the plan does not count. */
  readonly excludeAuthor: boolean;
  /** Whoever changed the files last does not count. */
  readonly excludeEditor: boolean;
  /** How long a request waits, and how long a vote counts in a run that has started. */
  readonly ttlMs: number;
  /** A vote counts only with a signature by the person's key. */
  readonly stepUp: boolean;
}

/** The `approvals` block of a deployment. Risks without a rule of their own have that of `default` alone. */
export interface ApprovalPolicy {
  readonly default: ApprovalRule;
  readonly destructive?: ApprovalRule;
  readonly pointOfNoReturn?: ApprovalRule;
}

/** What a rule says where the file says nothing: somebody else must look, within an hour. */
export const defaultApprovalRule: ApprovalRule = {
  people: 1,
  groups: [],
  excludeAuthor: true,
  excludeEditor: true,
  ttlMs: 3_600_000,
  stepUp: false,
};

/** Bounds of an approval's life. */
export const approvalTtl = { leastMs: 60_000, mostMs: 30 * 86_400_000 } as const;
