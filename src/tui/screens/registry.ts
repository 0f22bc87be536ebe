import { approvalScreen } from "./approval.ts";
import { approvalsScreen } from "./approvals.ts";
import { barclampScreen } from "./barclamp.ts";
import { deploymentScreen } from "./deployment.ts";
import { barclampsScreen, deploymentsScreen } from "./deployments.ts";
import { eventsScreen } from "./events.ts";
import { hereScreen } from "./here.ts";
import { jobsScreen, outputScreen } from "./jobs.ts";
import { nodeScreen } from "./node.ts";
import { nodesScreen } from "./nodes.ts";
import { changeScreen, planScreen } from "./plan.ts";
import { policyScreen } from "./policy.ts";
import { problemsScreen } from "./problems.ts";
import { ruleScreen } from "./rule.ts";
import { logScreen } from "./run/log.ts";
import { replayScreen } from "./run/replay.ts";
import { runScreen } from "./run/run.ts";
import { runsScreen } from "./run/runs.ts";
import { sinceScreen } from "./since.ts";
import { screenTable } from "./table.ts";

/** Every screen. A new one is a file of its own and a line here; its keys, its tab, help and palette follow from it. */
export const screens = screenTable([
  nodesScreen,
  planScreen,
  runScreen,
  runsScreen,
  approvalsScreen,
  approvalScreen,
  deploymentsScreen,
  barclampsScreen,
  deploymentScreen,
  barclampScreen,
  problemsScreen,
  sinceScreen,
  policyScreen,
  eventsScreen,
  ruleScreen,
  nodeScreen,
  changeScreen,
  replayScreen,
  logScreen,
  hereScreen,
  jobsScreen,
  outputScreen,
]);
