import type { Problem } from "../errors.ts";
import type { Redactor } from "./redactor.ts";

/** The problem without secrets in its texts: what nodes say goes into them. */
export function redactProblem(found: Problem, redactor: Redactor): Problem {
  return {
    ...found,
    message: redactor.redactText(found.message),
    ...(found.cause === undefined ? {} : { cause: redactor.redactText(found.cause) }),
    hint: redactor.redactText(found.hint),
  };
}
