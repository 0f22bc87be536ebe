import { approvalScreen } from "./approval.ts";
import { approvalsScreen } from "./approvals.ts";
import { barclampsScreen, deploymentsScreen } from "./deployments.ts";
import { jobsScreen, outputScreen } from "./jobs.ts";
import { nodeScreen } from "./node.ts";
import { nodesScreen } from "./nodes.ts";
import { changeScreen, planScreen } from "./plan.ts";
import { screenTable } from "./table.ts";

/** Every screen. A new one is a file of its own and a line here; its keys, its tab, help and palette follow from it. */
export const screens = screenTable([
  nodesScreen,
  planScreen,
  approvalsScreen,
  approvalScreen,
  deploymentsScreen,
  barclampsScreen,
  nodeScreen,
  changeScreen,
  jobsScreen,
  outputScreen,
]);
