import { expect, test } from "vitest";
import { createRespond } from "../../../src/bot/transport/respond.ts";
import { mrkdwn } from "../../../src/bot/text/slack-text.ts";

test("an answer takes the place of what was acted on only where it says so, so that answered questions lose their buttons", async () => {
  const bodies: object[] = [];
  const respond = createRespond(async (url, body) => {
    bodies.push({ url, ...body });
    return true;
  });
  const message = { text: mrkdwn`You said yes.`, blocks: [] };
  expect(await respond("https://hooks.example/1", message)).toBe(true);
  expect(await respond("https://hooks.example/2", message, true)).toBe(true);
  expect(bodies).toEqual([
    expect.objectContaining({ url: "https://hooks.example/1", response_type: "ephemeral", replace_original: false }),
    expect.objectContaining({ url: "https://hooks.example/2", response_type: "ephemeral", replace_original: true }),
  ]);
});
