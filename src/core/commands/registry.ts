import type { CommandDefinition } from "./command.ts";
import { applyCommand } from "./apply.ts";
import { approvalsCommand } from "./authority/approvals.ts";
import { approveCommand } from "./authority/approve.ts";
import { rejectCommand } from "./authority/reject.ts";
import { withdrawCommand } from "./authority/withdraw.ts";
import { auditExportCommand } from "./authority/audit-export.ts";
import { auditKeyCommand } from "./authority/audit-key.ts";
import { auditVerifyCommand, auditVerifyCopyCommand } from "./authority/audit-verify.ts";
import { auditCommand } from "./authority/audit.ts";
import { secretsGenerateCommand } from "./authority/secrets-generate.ts";
import { secretsListCommand } from "./authority/secrets-list.ts";
import { recipientsAddCommand, recipientsListCommand, recipientsRemoveCommand } from "./authority/secrets-recipients.ts";
import { secretsRotateCommand } from "./authority/secrets-rotate.ts";
import { secretsSetCommand } from "./authority/secrets-set.ts";
import { linkCommand } from "./authority/link.ts";
import { unlinkCommand } from "./authority/unlink.ts";
import { whoamiCommand } from "./authority/whoami.ts";
import { breakglassCommand } from "./authority/breakglass.ts";
import { freezeCommand } from "./authority/freeze.ts";
import { freezesCommand } from "./authority/freezes.ts";
import { handoffCommand } from "./authority/handoff.ts";
import { lockCommand } from "./authority/lock.ts";
import { locksCommand } from "./authority/locks.ts";
import { policyCheckCommand } from "./authority/policy-check.ts";
import { policyExplainCommand } from "./authority/policy-explain.ts";
import { policyListCommand } from "./authority/policy-list.ts";
import { policyTestCommand } from "./authority/policy-test.ts";
import { policyWaiveCommand } from "./authority/policy-waive.ts";
import { queueCommand } from "./authority/queue.ts";
import { scheduleCommand } from "./authority/schedule.ts";
import { unfreezeCommand } from "./authority/unfreeze.ts";
import { unlockCommand } from "./authority/unlock.ts";
import { unscheduleCommand } from "./authority/unschedule.ts";
import { barclampAddCommand } from "./barclamp-add.ts";
import { barclampDocsCommand } from "./barclamp-docs.ts";
import { barclampLintCommand } from "./barclamp-lint.ts";
import { barclampListCommand } from "./barclamp-list.ts";
import { barclampNewCommand } from "./barclamp-new.ts";
import { barclampShowCommand } from "./barclamp-show.ts";
import { barclampTestCommand } from "./barclamp-test.ts";
import { barclampUpdateCommand } from "./barclamp-update.ts";
import { cancelCommand } from "./cancel.ts";
import { completeCommand } from "./complete.ts";
import { completionCommand } from "./completion.ts";
import { diffCommand } from "./diff.ts";
import { discoverCommand } from "./discover.ts";
import { doctorCommand } from "./doctor.ts";
import { driftCommand } from "./drift.ts";
import { execCommand } from "./exec.ts";
import { exportCommand } from "./export.ts";
import { factsCommand } from "./facts.ts";
import { helpCommand } from "./help.ts";
import { importCommand } from "./import.ts";
import { initCommand } from "./init.ts";
import { proposalsCommand, proposeCommand, setCommand } from "./intent/propose.ts";
import { proposeCommitCommand, proposeDropCommand, proposeRebaseCommand, proposeShowCommand } from "./intent/propose-on.ts";
import { rollbackCommand } from "./intent/rollback.ts";
import { revisionsCommand, revisionsDiffCommand, revisionsShowCommand } from "./intent/revisions.ts";
import { labDownCommand } from "./lab-down.ts";
import { labStatusCommand } from "./lab-status.ts";
import { labTourCommand } from "./lab-tour.ts";
import { labUpCommand } from "./lab-up.ts";
import { logsCommand } from "./logs.ts";
import { nodesCommand } from "./nodes.ts";
import { noteCommand } from "./note.ts";
import { pauseCommand } from "./pause.ts";
import { planCommand } from "./plan.ts";
import { rebuildCommand } from "./rebuild.ts";
import { resetCommand } from "./reset.ts";
import { restartCommand } from "./restart.ts";
import { resumeCommand } from "./resume.ts";
import { retryCommand } from "./retry.ts";
import { runsCommand } from "./runs.ts";
import { runsShowCommand } from "./runs-show.ts";
import { schemaCommand } from "./schema.ts";
import { stateCopyCommand, stateExportCommand, stateImportCommand } from "./state.ts";
import { statePruneCommand } from "./state-prune.ts";
import { statusCommand } from "./status.ts";
import { stepsCommand } from "./steps.ts";
import { tuiCommand } from "./tui.ts";
import { serveCommand } from "./serve.ts";
import { slackManifestCommand } from "./slack-manifest.ts";
import { validateCommand } from "./validate.ts";
import { verifyCommand } from "./verify.ts";
import { workerCommand } from "./worker.ts";
import { watchCommand } from "./watch.ts";
import { whatCommand } from "./what.ts";
import { whyCommand } from "./why.ts";

/**
 * Every command, in the order in which help shows them. Definitions import only zod and light modules: what is heavy is imported by `run`,
 * so that `halligan --help` stays fast.
 */
export const commands = [
  initCommand,
  doctorCommand,
  validateCommand,
  schemaCommand,
  completionCommand,
  helpCommand,
  labUpCommand,
  labDownCommand,
  labStatusCommand,
  labTourCommand,
  nodesCommand,
  factsCommand,
  discoverCommand,
  importCommand,
  exportCommand,
  setCommand,
  proposeCommand,
  proposeShowCommand,
  proposeCommitCommand,
  proposeRebaseCommand,
  proposeDropCommand,
  proposalsCommand,
  revisionsCommand,
  revisionsShowCommand,
  revisionsDiffCommand,
  planCommand,
  diffCommand,
  whyCommand,
  applyCommand,
  statusCommand,
  runsCommand,
  runsShowCommand,
  logsCommand,
  watchCommand,
  pauseCommand,
  resumeCommand,
  cancelCommand,
  retryCommand,
  rollbackCommand,
  verifyCommand,
  driftCommand,
  restartCommand,
  resetCommand,
  rebuildCommand,
  execCommand,
  barclampNewCommand,
  barclampListCommand,
  barclampShowCommand,
  barclampDocsCommand,
  barclampTestCommand,
  barclampLintCommand,
  barclampAddCommand,
  barclampUpdateCommand,
  stepsCommand,
  whoamiCommand,
  linkCommand,
  unlinkCommand,
  secretsListCommand,
  secretsSetCommand,
  secretsGenerateCommand,
  secretsRotateCommand,
  recipientsListCommand,
  recipientsAddCommand,
  recipientsRemoveCommand,
  auditCommand,
  auditVerifyCommand,
  auditVerifyCopyCommand,
  auditKeyCommand,
  auditExportCommand,
  noteCommand,
  whatCommand,
  tuiCommand,
  stateCopyCommand,
  stateExportCommand,
  stateImportCommand,
  statePruneCommand,
  serveCommand,
  workerCommand,
  slackManifestCommand,
  approvalsCommand,
  approveCommand,
  rejectCommand,
  withdrawCommand,
  policyCheckCommand,
  policyListCommand,
  policyExplainCommand,
  policyTestCommand,
  policyWaiveCommand,
  lockCommand,
  unlockCommand,
  locksCommand,
  freezeCommand,
  unfreezeCommand,
  freezesCommand,
  queueCommand,
  scheduleCommand,
  unscheduleCommand,
  handoffCommand,
  breakglassCommand,
  completeCommand,
] as readonly unknown[] as readonly CommandDefinition[];
