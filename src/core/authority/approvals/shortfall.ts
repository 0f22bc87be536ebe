import { type Problem, problem } from "../../errors.ts";
import type { Standing } from "./standing.ts";
import type { ApprovalState } from "./state.ts";
import { aboutRequest, missingWords } from "./wording.ts";

/** What a request lacks for its plan to run; `undefined` = it is granted. Problems: `APPROVAL_REJECTED`, `APPROVAL_NEEDED`. */
export function shortfall({ request }: ApprovalState, standing: Standing, plan: string): Problem | undefined {
  if (standing.granted) return undefined;
  const [no] = standing.rejections;
  if (no !== undefined) return aboutRequest("APPROVAL_REJECTED", request, `${request} was rejected by ${no.person}: ${no.reason}`);
  const hint = `\`halligan approvals ${request}\` shows what it is about; one of those who may gives their vote with \`halligan approve ${request}\`.`;
  return problem("APPROVAL_NEEDED", { message: `${plan} is not approved (${request}): ${missingWords(standing)}.`, hint });
}
