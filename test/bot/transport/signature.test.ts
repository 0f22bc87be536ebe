import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { withoutTokens } from "../../../src/bot/transport/logger.ts";
import { createVerifier } from "../../../src/bot/transport/signature.ts";

const body = Buffer.from("payload=%7B%7D");
const sign = (timestamp: string, secret = "s"): string =>
  `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest("hex")}`;

test("a signature is good for five minutes either way, and once, for as long as it would be good", () => {
  let now = 1_000_000_000_000;
  const verify = createVerifier("s", () => now);
  const timestamp = String(now / 1000);
  const request = { timestamp, signature: sign(timestamp), body };
  expect(verify({ ...request, signature: sign(timestamp, "other") })).toBe("forged");
  expect(verify({ ...request, signature: "v0=short" })).toBe("forged");
  expect(verify({ ...request, timestamp: "soon" })).toBe("unsigned");
  expect(verify({ ...request, body: Buffer.from("payload=1") })).toBe("forged");
  expect(verify(request)).toBeUndefined();
  for (let minute = 0; minute <= 5; minute += 1) {
    now = 1_000_000_000_000 + minute * 60_000;
    expect(verify(request)).toBe("replayed");
  }
  now += 1_000;
  expect(verify(request)).toBe("skewed");
  // A clock that is ahead: refused, and not remembered, until its time has come.
  const later = String(now / 1000 + 301);
  expect(verify({ timestamp: later, signature: sign(later), body })).toBe("skewed");
  now += 2_000;
  expect(verify({ timestamp: later, signature: sign(later), body })).toBeUndefined();
  now += 600_000 - 4_000;
  expect(verify({ timestamp: later, signature: sign(later), body })).toBe("replayed");
});

test("no token gets into a line of the log", () => {
  const line = withoutTokens("failed: xoxb-1-2-abc xapp-1-A-2-x wss://wss.slack.com/link/?ticket=abc-def&app_id=1");
  expect(line).toBe("failed: [redacted] [redacted] wss://wss.slack.com/link/?ticket=[redacted]&app_id=1");
});
