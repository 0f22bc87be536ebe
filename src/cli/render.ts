import type { Answer } from "../core/commands/command.ts";
import { safeValue } from "../core/words/safe-text.ts";
import type { Screen } from "./screen.ts";

/** Shows one kind of document in words, line by line. All texts of the document are safe to print; they may hold newlines. */
export type View<Document = never> = (document: Document, screen: Screen) => readonly string[];

/** The view of every kind of document; loaded when it is needed. */
const views: Readonly<Record<string, () => Promise<View>>> = {
  help: async () => (await import("./views/help.ts")).helpView,
  "command-help": async () => (await import("./views/help.ts")).commandHelpView,
  validation: async () => (await import("./views/validation.ts")).validationView,
  written: async () => (await import("./views/written.ts")).writtenView,
  schema: async () => (await import("./views/scripts.ts")).schemaView,
  completion: async () => (await import("./views/scripts.ts")).completionView,
  names: async () => (await import("./views/scripts.ts")).namesView,
  lab: async () => (await import("./views/lab.ts")).labView,
  tour: async () => () => [],
  tui: async () => (await import("./views/tui.ts")).tuiView,
  served: async () => () => [],
  worker: async () => () => [],
  "slack-manifest": async () => (await import("./views/scripts.ts")).slackManifestView,
  nodes: async () => (await import("./views/nodes.ts")).nodesView,
  facts: async () => (await import("./views/facts.ts")).factsView,
  "facts-history": async () => (await import("./views/facts.ts")).factsHistoryView,
  discovery: async () => (await import("./views/discovery.ts")).discoveryView,
  import: async () => (await import("./views/import.ts")).importView,
  export: async () => (await import("./views/export.ts")).exportView,
  proposals: async () => (await import("./views/intent/proposals.ts")).proposalsView,
  proposal: async () => (await import("./views/intent/proposals.ts")).proposalView,
  rollback: async () => (await import("./views/intent/rollback.ts")).rollbackView,
  revisions: async () => (await import("./views/intent/revisions.ts")).revisionsView,
  revision: async () => (await import("./views/intent/revisions.ts")).revisionView,
  "revision-diff": async () => (await import("./views/intent/revisions.ts")).revisionDiffView,
  plan: async () => (await import("./views/plan.ts")).planView,
  diff: async () => (await import("./views/plan.ts")).diffView,
  why: async () => (await import("./views/why.ts")).whyView,
  "why-run": async () => (await import("./views/status.ts")).whyRunView,
  run: async () => (await import("./views/run.ts")).runView,
  detached: async () => (await import("./views/run.ts")).detachedView,
  declined: async () => (await import("./views/run.ts")).declinedView,
  approvals: async () => (await import("./views/authority/approvals.ts")).approvalsView,
  approval: async () => (await import("./views/authority/approvals.ts")).approvalView,
  asked: async () => (await import("./views/run.ts")).askedView,
  drift: async () => (await import("./views/drift.ts")).driftView,
  forgotten: async () => (await import("./views/forgotten.ts")).forgottenView,
  status: async () => (await import("./views/status.ts")).statusView,
  "run-timings": async () => (await import("./views/timings.ts")).timingsView,
  runs: async () => (await import("./views/status.ts")).runsView,
  locks: async () => (await import("./views/authority/locks.ts")).locksView,
  locked: async () => (await import("./views/authority/locks.ts")).lockedView,
  unlocked: async () => (await import("./views/authority/locks.ts")).unlockedView,
  freezes: async () => (await import("./views/authority/freezes.ts")).freezesView,
  frozen: async () => (await import("./views/authority/freezes.ts")).freezeView,
  unfrozen: async () => (await import("./views/authority/freezes.ts")).freezeView,
  queue: async () => (await import("./views/authority/queue.ts")).queueView,
  scheduled: async () => (await import("./views/authority/queue.ts")).scheduledView,
  unscheduled: async () => (await import("./views/authority/queue.ts")).unscheduledView,
  handed: async () => (await import("./views/authority/handoff.ts")).handedView,
  reviewed: async () => (await import("./views/authority/handoff.ts")).reviewedView,
  what: async () => (await import("./views/what.ts")).whatView,
  notes: async () => (await import("./views/notes.ts")).notesView,
  logs: async () => (await import("./views/logs.ts")).logsView,
  verify: async () => (await import("./views/verify.ts")).verifyView,
  doctor: async () => (await import("./views/doctor.ts")).doctorView,
  barclamps: async () => (await import("./views/barclamps.ts")).barclampsView,
  barclamp: async () => (await import("./views/barclamps.ts")).barclampView,
  "barclamps-fetched": async () => (await import("./views/barclamps-fetched.ts")).barclampsFetchedView,
  "barclamp-docs": async () => (await import("./views/scripts.ts")).barclampDocsView,
  "barclamp-lint": async () => (await import("./views/barclamps.ts")).barclampLintView,
  "barclamp-test": async () => (await import("./views/barclamp-test.ts")).barclampTestView,
  "policy-check": async () => (await import("./views/authority/policy.ts")).policyCheckView,
  policies: async () => (await import("./views/authority/policy.ts")).policyListView,
  "policy-rule": async () => (await import("./views/authority/policy.ts")).policyRuleView,
  "policy-test": async () => (await import("./views/authority/policy.ts")).policyTestView,
  "policy-waiver": async () => (await import("./views/authority/policy.ts")).policyWaiverView,
  "step-kinds": async () => (await import("./views/steps.ts")).stepKindsView,
  exec: async () => (await import("./views/exec.ts")).execView,
  "state-prune": async () => (await import("./views/state.ts")).statePruneView,
  "state-copy": async () => (await import("./views/state.ts")).stateCopyView,
  whoami: async () => (await import("./views/authority/people.ts")).whoamiView,
  "link-offer": async () => (await import("./views/authority/people.ts")).linkOfferView,
  links: async () => (await import("./views/authority/people.ts")).linksView,
  linked: async () => (await import("./views/authority/people.ts")).linkedView,
  "not-linked": async () => (await import("./views/authority/people.ts")).notLinkedView,
  unlinked: async () => (await import("./views/authority/people.ts")).unlinkedView,
  secrets: async () => (await import("./views/authority/secrets.ts")).secretsView,
  "secrets-changed": async () => (await import("./views/authority/secrets.ts")).secretsChangedView,
  "secret-recipients": async () => (await import("./views/authority/secrets.ts")).recipientsView,
  audit: async () => (await import("./views/authority/audit.ts")).auditView,
  "audit-verified": async () => (await import("./views/authority/audit.ts")).auditVerifiedView,
  "audit-key": async () => (await import("./views/authority/audit.ts")).auditKeyView,
  "audit-export": async () => (await import("./views/authority/audit.ts")).auditExportView,
  "step-kind": async () => (await import("./views/steps.ts")).stepKindView,
};

/** Kinds of documents that can be shown in words. */
export const viewKinds: readonly string[] = Object.keys(views);

/** The answer in words, with a newline at its end; empty when there is nothing to say. */
export async function renderAnswer(answer: Answer, screen: Screen): Promise<string> {
  const load = views[answer.document.kind];
  // a document without a view is still better shown than hidden
  const view: View<Answer["document"]> =
    load === undefined
      ? (document) => [JSON.stringify(document, undefined, 2)]
      : ((await load()) as View<unknown> as View<Answer["document"]>);
  const lines = view(safeValue(answer.document), screen);
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}
