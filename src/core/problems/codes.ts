import { fileCodes } from "./file-codes.ts";
import { inventoryCodes } from "./inventory-codes.ts";
import { labCodes } from "./lab-codes.ts";
import { planCodes } from "./plan-codes.ts";
import { remoteCodes } from "./remote-codes.ts";
import { runCodes } from "./run-codes.ts";
import { storeCodes } from "./store-codes.ts";

/** Every problem code of Halligan. A code is an interface: once released it keeps its meaning. */
export const codes = {
  ...fileCodes,
  ...planCodes,
  ...inventoryCodes,
  ...remoteCodes,
  ...runCodes,
  ...storeCodes,
  ...labCodes,
};

/** The name of a problem code. */
export type Code = keyof typeof codes;
