import type { Respond } from "../inbound/tell.ts";
import { fitMessage } from "../text/fit.ts";

/** A `response_url` is answered at once or not at all, ms. */
const patienceMs = 10_000;

/** Answers by the address that came with an envelope, for the eyes of whoever acted. It may be used five times within half an hour. */
export function createRespond(log: (line: string) => void): Respond {
  return async (url, message, replace = false) => {
    const { text, blocks } = fitMessage(message);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ response_type: "ephemeral", replace_original: replace, text, blocks }),
        redirect: "error",
        signal: AbortSignal.timeout(patienceMs),
      });
      return response.ok;
    } catch {
      log("slack: an answer address could not be reached");
      return false;
    }
  };
}
