import { expect, test } from "vitest";
import { useScene } from "../../support/bot-scene.ts";
import type { DoublePerson } from "../../support/slack-double/person.ts";
import type { ScreenButton, ScreenMessage } from "../../support/slack-double/screen.ts";

const scene = useScene();

/** What was told to one person alone, newest last. */
function toldTo(person: DoublePerson): readonly string[] {
  return person
    .screen(scene.stage.room.id)
    .filter(({ message }) => message.only === person.user.id)
    .map(({ words }) => words);
}

function buttonOf({ buttons }: ScreenMessage, label: string): ScreenButton {
  const found = buttons.find((each) => each.label === label);
  if (found === undefined) throw new Error(`no button ${label}`);
  return found;
}

test("clicks of strangers, double, late, replayed and forged ones do nothing, and say so", { timeout: 300_000 }, async () => {
  const { slack } = scene;
  const { alice, bob, room, see, ask, intent } = scene.stage;
  const eve = slack.person("eve");
  room.members.add(eve.user.id);
  intent({ text: "one" });
  scene.serve();
  await slack.until("both connections", () => slack.sockets.count === 2);
  await alice.command(room, "plan test-lab");
  await ask(alice, /^Plan P-1 /u, "Ask for approval");
  await alice.submit();
  const open = await see(/^Plan P-1 .*Waiting for approval/su, "Review and approve…");
  const at = { channel: room.id, ts: open.message.ts };
  const review = buttonOf(open, "Review and approve…");

  // Somebody who is nobody, and the author herself.
  await eve.press(review, at);
  await slack.until("the stranger is refused", () => toldTo(eve).some((each) => each.includes("PRINCIPAL_UNKNOWN")));
  expect(eve.modal()).toBeUndefined();
  await alice.press(review, at);
  await slack.until("the author is refused", () => toldTo(alice).some((each) => each.includes("NOT_ALLOWED")));

  // Forged: another plan's id, another digest, no value at all.
  const value = JSON.parse(review.value) as Record<string, string>;
  const forged = [
    { ...value, i: "P-2" },
    { ...value, d: "0".repeat(12) },
    { ...value, n: "0".repeat(12) },
    { ...value, c: "elsewhere" },
  ];
  for (const each of [...forged.map((one) => JSON.stringify(one)), "{}", "<!channel>"]) await bob.press({ ...review, value: each }, at);
  await slack.until("all forged ones are refused", () => toldTo(bob).length === forged.length + 2);
  expect(toldTo(bob).filter((each) => each.includes("Nothing was done"))).toHaveLength(forged.length + 1);
  expect(bob.modal()).toBeUndefined();

  // A modal that is open while what it asks about is taken back.
  await ask(bob, /^Plan P-1 .*Waiting/su, "Review and approve…");
  await alice.click("Take back", { channel: room.id, message: open.message.ts });
  await see(/^Plan P-1 .*Over/su, "Plan again");
  const before = toldTo(bob).length;
  await bob.submit();
  await slack.until("the late vote is refused", () => toldTo(bob).length === before + 1);
  expect(toldTo(bob).at(-1)).toContain("Nothing was done");

  // Replayed: the old button, which is not shown any more.
  await bob.press(review, at);
  await slack.until("the replay is refused", () => toldTo(bob).length === before + 2);
  expect(toldTo(bob).at(-1)).toContain("another state");

  // Twice at once: one plan, not two.
  intent({ text: "two" });
  const over = await see(/^Plan P-1 .*Over/su, "Plan again");
  const again = buttonOf(over, "Plan again");
  await Promise.all([alice.press(again, at), alice.press(again, at)]);
  await see(/^Plan P-2 /u, "Ask for approval");
  await slack.until("the second press is told", () => toldTo(alice).some((each) => /Nothing was done/u.test(each)));
  expect(slack.messages.filter(({ text }) => text.startsWith("Plan P-3 "))).toEqual([]);
  expect(slack.violations).toEqual([]);
});
