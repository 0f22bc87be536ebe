import { createHmac } from "node:crypto";

/** How long the other side may take, ms. */
const patienceMs = 20_000;

/** Posts a JSON text; says how it failed, without the address. `key` signs `TIMESTAMP.BODY` (HMAC-SHA256). */
export async function postAlert(wish: {
  readonly url: string;
  readonly key: string | undefined;
  readonly id: string;
  readonly body: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
}): Promise<string | undefined> {
  const { url, key, id, body, timestamp } = wish;
  if (!URL.canParse(url) || !/^https?:$/u.test(new URL(url).protocol)) return "the address is no http or https address";
  const signature =
    key === undefined ? {} : { "halligan-signature": `sha256=${createHmac("sha256", key).update(`${timestamp}.${body}`).digest("hex")}` };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "halligan-alert": id, "halligan-timestamp": String(timestamp), ...signature },
      body,
      redirect: "error",
      signal: AbortSignal.timeout(patienceMs),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `the other side answered ${response.status}`;
  } catch (error) {
    return reasonOf(error);
  }
}

/** The system's name of a fault; messages of `fetch` may hold the address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "it could not be reached";
  if (error.name === "TimeoutError") return `no answer within ${patienceMs / 1000} s`;
  const code = (error.cause as { readonly code?: unknown } | undefined)?.code;
  return typeof code === "string" ? `it could not be reached (${code})` : "it could not be reached";
}
