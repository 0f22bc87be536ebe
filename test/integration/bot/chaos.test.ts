import { expect, test } from "vitest";
import { useScene } from "../../support/bot-scene.ts";

const scene = useScene();

/** Messages that stand in the channel and tell of a plan or run, by their first words. */
function standing(what: RegExp): number {
  return scene.stage.alice
    .screen(scene.stage.room.id)
    .filter(({ message, words }) => message.thread === undefined && message.only === undefined && what.test(words)).length;
}

test("two instances, refreshes, lost answers, duplicates, late and forged clicks: everything is done once, and said", {
  timeout: 300_000,
}, async () => {
  const { slack } = scene;
  const { alice, bob, room, see, ask, intent } = scene.stage;
  intent({ text: "chaos", wait: 2 });
  for (const each of [scene.serve(), scene.serve()]) await each.until("slack: this is");
  await slack.until("four connections", () => slack.sockets.count === 4);

  // Slack has posted the message, and its answer is lost.
  slack.chaos.next("chat.postMessage", { kind: "dropAfter" });
  const trigger = { trigger_id: "1.twice" };
  await alice.command(room, "plan test-lab", { payload: trigger });
  await alice.command(room, "plan test-lab", { payload: trigger });
  await see(/^Plan P-1 /u, "Ask for approval");
  expect(standing(/^Plan P-/u)).toBe(1);

  await ask(alice, /^Plan P-1 /u, "Ask for approval");
  await alice.submit();

  // A refresh of two connections in the middle of the approval; the same click arrives twice.
  await ask(bob, /^Plan P-1 /u, "Review and approve…");
  slack.sockets.refresh(0);
  slack.sockets.refresh(0);
  await bob.submit();
  const ready = await see(/^Plan P-1 .*approved/su, "Apply…");
  const stale = alice.screen(room.id).find(({ message }) => message.ts === ready.message.ts);
  const apply = stale?.buttons.find(({ label }) => label === "Apply…");
  if (apply === undefined) throw new Error("no button");

  // Forged: bob may not apply, alice may not approve, and a made-up button is none.
  await alice.press({ ...apply, actionId: "halligan:review" }, ready.message);
  await bob.press({ ...apply, value: '{"c":"test-lab","i":"P-9","d":"000000000000","n":"x"}' }, ready.message);
  await bob.press({ ...apply, value: "approve everything" }, ready.message);
  await slack.until("bob is told of P-9", () => bob.screen(room.id).some(({ words }) => /there is no P-9/u.test(words)));
  await slack.until("bob is told of what is no button", () => bob.screen(room.id).some(({ words }) => /not one of this bot/u.test(words)));
  // Whoever is slow has opened a dialog by then, and tells it there.
  const late = /in another state by now/u;
  const lateOnes = (): number =>
    [alice.modalWords(), ...alice.screen(room.id).map(({ words }) => words)].filter((words) => late.test(words)).length;
  await slack.until("alice is told", () => lateOnes() === 1);
  alice.close();

  await ask(alice, /^Plan P-1 /u, "Apply…");
  await alice.submit();
  await see(/^Run R-1 /u);

  // Late: the same button again, when it is not shown any more.
  const told = lateOnes();
  await alice.press(apply, ready.message);
  await slack.until("the late click is told", () => lateOnes() > told);
  await see(/^Run R-1 .*Succeeded/su);
  expect(standing(/^Run R-/u)).toBe(1);
  expect(standing(/^Plan P-1 /u)).toBe(1);
  expect(slack.violations).toEqual([]);
});

test("Slack is away, limits and fails in the middle of a run, and the instance that publishes dies: the run goes on, and its end is shown", {
  timeout: 300_000,
}, async () => {
  const { slack } = scene;
  const { alice, room, see, intent, applied } = scene.stage;
  intent({ text: "away", wait: 12 });
  const first = scene.serve();
  await slack.until("both connections", () => slack.sockets.count === 2);
  await alice.command(room, "plan test-lab");
  await see(/^Plan P-1 /u, "Ask for approval");
  await applied("P-1");
  await see(/^Run R-1 /u, "Cancel…");
  slack.chaos.next("chat.update", { kind: "rateLimited", retryAfter: 2 }, 3);
  slack.chaos.next("chat.update", { kind: "status", status: 503 }, 2);
  slack.chaos.down();
  await first.end("SIGKILL");
  const second = scene.serve();
  await second.until("slack: not ready");
  slack.chaos.up();
  await see(/^Run R-1 .*Succeeded/su);
  expect(standing(/^Run R-1/u)).toBe(1);
  await see(/^Plan P-1 .*R-1/su);
  expect(slack.violations).toEqual([]);
  expect(await second.end()).toBe(0);
});
