import type { PostJson } from "../../bot/transport/respond.ts";

/** An answer address is reached at once or not at all, ms. */
const patienceMs = 10_000;

/** Posts JSON; never throws. `log` is told where the address could not be reached. */
export function createPostJson(log: (line: string) => void): PostJson {
  return async (url, body) => {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
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
