import { expect, test } from "vitest";
import { aboutRequest } from "../../../../src/core/authority/approvals/wording.ts";
import { approvalCodes } from "../../../../src/core/problems/approval-codes.ts";

test("what to do next about a request names the request, so that it can be pasted", () => {
  for (const code of Object.keys(approvalCodes) as (keyof typeof approvalCodes)[]) {
    const { hint, message } = aboutRequest(code, "A-12", "It went so.");
    expect(message).toBe("It went so.");
    expect(hint).not.toContain("A-n");
    expect(hint.includes("A-12")).toBe(approvalCodes[code].action.includes("A-n"));
  }
  expect(aboutRequest("APPROVAL_ENDED", "A-12", "").hint).toContain("`halligan why A-12`");
});
