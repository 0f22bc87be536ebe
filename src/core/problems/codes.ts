import { approvalCodes } from "./approval-codes.ts";
import { auditCodes } from "./audit-codes.ts";
import { barclampCodes } from "./barclamp-codes.ts";
import { chatCodes } from "./chat-codes.ts";
import { dayTwoCodes } from "./day-two-codes.ts";
import { lockCodes } from "./lock-codes.ts";
import { peopleCodes } from "./people-codes.ts";
import { policyCodes } from "./policy-codes.ts";
import { secretCodes } from "./secret-codes.ts";
import { noteCodes } from "./note-codes.ts";
import { slackCodes } from "./slack-codes.ts";
import { tuiCodes } from "./tui-codes.ts";
import { fileCodes } from "./file-codes.ts";
import { intentCodes } from "./intent-codes.ts";
import { inventoryCodes } from "./inventory-codes.ts";
import { labCodes } from "./lab-codes.ts";
import { planCodes } from "./plan-codes.ts";
import { proofCodes } from "./proof-codes.ts";
import { remoteCodes } from "./remote-codes.ts";
import { runCodes } from "./run-codes.ts";
import { storeCodes } from "./store-codes.ts";
import { workerCodes } from "./worker-codes.ts";

/** Every problem code of Halligan. A code is an interface: once released it keeps its meaning. */
export const codes = {
  ...fileCodes,
  ...planCodes,
  ...proofCodes,
  ...inventoryCodes,
  ...remoteCodes,
  ...runCodes,
  ...storeCodes,
  ...workerCodes,
  ...labCodes,
  ...slackCodes,
  ...tuiCodes,
  ...secretCodes,
  ...policyCodes,
  ...peopleCodes,
  ...lockCodes,
  ...noteCodes,
  ...intentCodes,
  ...auditCodes,
  ...approvalCodes,
  ...chatCodes,
  ...dayTwoCodes,
  ...barclampCodes,
};

/** The name of a problem code. */
export type Code = keyof typeof codes;
