import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Store } from "../../../src/core/ports.ts";
import { type InboundRig, openTemporaryStore, ready, startInboundRig } from "../../support/bot-rig.ts";
import { startSlackDouble, type SlackDouble } from "../../support/slack-double/double.ts";
import { postSigned } from "../../support/slack-double/delivery.ts";

let slack: SlackDouble;
const rigs: InboundRig[] = [];

beforeEach(async () => {
  slack = await startSlackDouble();
});

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
  await slack.close();
  if (slack.violations.length > 0) throw new Error(`the bot broke a rule: ${slack.violations.join("; ")}`);
});

async function rigFor(transport: "socket" | "http", more: { store?: Store; connections?: number } = {}): Promise<InboundRig> {
  const rig = await startInboundRig(slack, { transport, ...more });
  rigs.push(rig);
  return rig;
}

describe.each(["socket", "http"] as const)("%s", (transport) => {
  test("everything that people do arrives as what it is, with who did it", async () => {
    const rig = await rigFor(transport);
    const alice = slack.person("alice");
    const room = slack.channel("ops", [alice]);
    expect(await alice.command(room, "plan lab-a web")).toMatchObject({ kind: "acked", payload: {} });
    await alice.mention({ channel: room.id, thread: "1.1" }, "why R-1");
    await alice.say("help");
    await alice.openHome();
    await alice.shortcut("halligan_note", room.id, slack.messages[0]?.ts ?? "");
    await slack.until("all five", () => rig.seen.length === 5);
    const { user } = alice;
    const caller = { team: slack.team, user: user.id };
    expect(rig.seen.find((each) => each.kind === "command")).toMatchObject({
      command: "/halligan",
      text: "plan lab-a web",
      channel: room.id,
      caller: { ...caller, name: "alice" },
      direct: false,
    });
    expect(rig.seen.find((each) => each.kind === "mention")).toMatchObject({ text: "why R-1", thread: "1.1", caller });
    expect(rig.seen.find((each) => each.kind === "dm")).toMatchObject({ text: "help", channel: alice.direct.id, caller });
    expect(rig.seen.find((each) => each.kind === "homeOpened")).toMatchObject({ caller });
    expect(rig.seen.find((each) => each.kind === "shortcut")).toMatchObject({
      callbackId: "halligan_note",
      message: { user: user.id },
      caller,
    });
  });

  test("guests, strangers, other workspaces and the deactivated are refused; bots get no answer", async () => {
    const rig = await rigFor(transport);
    const people = [
      slack.person("guest", { kind: "guest" }),
      slack.person("stranger", { kind: "stranger" }),
      slack.person("gone", { kind: "deleted" }),
      slack.person("other", { team: "T0OTHER" }),
    ];
    const robot = slack.person("robot", { kind: "bot" });
    const alice = slack.person("alice");
    const room = slack.channel("ops", [...people, robot, alice]);
    for (const person of people) await person.command(room, "approve lab-a A-1");
    await robot.mention({ channel: room.id }, "approve lab-a A-1");
    await robot.command(room, "approve lab-a A-1");
    await alice.command(room, "status lab-a");
    await slack.until("the member's command", () => rig.seen.length === 1 && rig.told.length === 4);
    expect(rig.seen[0]).toMatchObject({ text: "status lab-a" });
    expect(rig.told.map(({ problems }) => problems[0]?.code)).toEqual(Array.from({ length: 4 }, () => "SLACK_CALLER_REFUSED"));
  });

  test("nothing is answered in a channel that is shared with another organisation", async () => {
    const rig = await rigFor(transport);
    const alice = slack.person("alice");
    const shared = slack.channel("with-them", [alice], { shared: true });
    await alice.command(shared, "status lab-a");
    await alice.mention({ channel: shared.id }, "status lab-a");
    await slack.until("both refusals", () => rig.told.length === 2);
    expect(rig.told.map(({ problems }) => problems[0]?.code)).toEqual(["SLACK_CHANNEL_REFUSED", "SLACK_CHANNEL_REFUSED"]);
    expect(rig.seen).toEqual([]);
  });

  test("while Slack does not say who asks, nobody is let in", async () => {
    const rig = await rigFor(transport);
    const alice = slack.person("alice");
    const room = slack.channel("ops", [alice]);
    slack.chaos.next("users.info", { kind: "error", error: "internal_error" }, 20);
    await alice.command(room, "approve lab-a A-1");
    await slack.until("a refusal", () => rig.told.length === 1);
    expect(rig.told[0]?.problems[0]?.code).toBe("SLACK_UNREACHABLE");
    expect(rig.seen).toEqual([]);
  });

  test("retries and duplicates of Slack are done once, over two instances", async () => {
    const { store, remove } = await openTemporaryStore();
    const first = await rigFor(transport, { store });
    const second = transport === "socket" ? await rigFor(transport, { store }) : first;
    const alice = slack.person("alice");
    const room = slack.channel("ops", [alice]);
    for (const attempt of [0, 1, 2, 3])
      await alice.mention({ channel: room.id }, "status lab-a", {
        eventId: "Ev0SAME",
        ...(attempt === 0 ? {} : { retry: { attempt, reason: "http_timeout" } }),
      });
    await alice.command(room, "status lab-a", { payload: { trigger_id: "1.same" } });
    await alice.command(room, "status lab-a", { payload: { trigger_id: "1.same" } });
    await alice.command(room, "last");
    const all = (): InboundRig["seen"] => [...new Set([first, second])].flatMap(({ seen }) => seen);
    await slack.until("the last one", () => all().some((each) => each.kind === "command" && each.text === "last"));
    const duplicates = (): number =>
      [...new Set([first, second])].flatMap(({ lines }) => lines).filter((line) => line.includes("came twice")).length;
    await slack.until("what came twice, and what came once", () => duplicates() === 4 && all().length >= 3);
    expect(all().filter((each) => each.kind === "mention")).toHaveLength(1);
    expect(all().filter((each) => each.kind === "command" && each.text === "status lab-a")).toHaveLength(1);
    for (const rig of rigs.splice(0)) await rig.stop();
    await remove();
  });

  test("a handler that takes its time delays no acknowledgement; the end waits for it", async () => {
    const rig = await rigFor(transport);
    const alice = slack.person("alice");
    const room = slack.channel("ops", [alice]);
    let finish = (): void => undefined;
    let done = false;
    rig.act = async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      done = true;
    };
    expect(await alice.command(room, "plan lab-a")).toMatchObject({ kind: "acked" });
    await slack.until("the handler", () => rig.seen.length === 1);
    const stopped = rig.stop();
    rigs.splice(0);
    finish();
    await stopped;
    expect(done).toBe(true);
  });

  test("a submitted view is judged before it is acknowledged", async () => {
    const rig = await rigFor(transport);
    const alice = slack.person("alice");
    slack.state.views.set("V1", {
      id: "V1",
      hash: "h1",
      user: alice.user.id,
      filled: {},
      errors: {},
      view: {
        type: "modal",
        callback_id: "approve",
        private_metadata: "P-1",
        title: { type: "plain_text", text: "Approve" },
        submit: { type: "plain_text", text: "Approve" },
        blocks: [
          {
            type: "input",
            block_id: "name",
            label: { type: "plain_text", text: "Name" },
            element: { type: "plain_text_input", action_id: "typed" },
          },
        ],
      },
    });
    rig.validate = ({ values }) => (values["name"]?.["typed"] === "lab-a" ? undefined : { name: "Type lab-a." });
    await alice.submit({ typed: "lab-b" });
    expect(alice.modal()?.errors).toEqual({ name: "Type lab-a." });
    expect(rig.seen).toEqual([]);
    await alice.submit({ typed: "lab-a" });
    expect(alice.modal()).toBeUndefined();
    await slack.until("the submission", () => rig.seen.length === 1);
    expect(rig.seen[0]).toMatchObject({ callbackId: "approve", privateMetadata: "P-1", values: { name: { typed: "lab-a" } } });
  });
});

describe("socket mode", () => {
  test("a refresh of every connection, one after the other, loses nothing", async () => {
    const rig = await rigFor("socket");
    const alice = slack.person("alice");
    const room = slack.channel("ops", [alice]);
    const fates: string[] = [];
    for (let n = 0; n < 60; n += 1) {
      if (n % 15 === 5) slack.sockets.refresh(0);
      if (n % 15 === 10) await slack.until("two connections", () => slack.sockets.count === 2);
      fates.push((await alice.command(room, `status ${n}`)).kind);
    }
    expect(fates.filter((each) => each !== "acked")).toEqual([]);
    await slack.until("all of them", () => rig.seen.length === 60);
  });

  test("connections that break without a word are replaced", async () => {
    const rig = await rigFor("socket");
    const alice = slack.person("alice");
    const room = slack.channel("ops", [alice]);
    for (let n = 0; n < 3; n += 1) {
      slack.sockets.cut();
      await slack.until("none is left", () => rig.receiver.health().ready < 2 || slack.sockets.count < 2);
      await slack.until("both are back", () => slack.sockets.count === 2);
      await ready(rig.receiver);
      expect(await alice.command(room, `status ${n}`)).toMatchObject({ kind: "acked" });
    }
    await slack.until("all of them", () => rig.seen.length === 3);
  });

  test("Slack that is away at the start and later is waited for", async () => {
    slack.chaos.down();
    const starting = rigFor("socket");
    slack.chaos.next("apps.connections.open", { kind: "status", status: 503 }, 2);
    slack.chaos.next("apps.connections.open", { kind: "rateLimited", retryAfter: 1 }, 1);
    slack.chaos.up();
    const rig = await starting;
    const alice = slack.person("alice");
    const room = slack.channel("ops", [alice]);
    expect(await alice.command(room, "status")).toMatchObject({ kind: "acked" });
    slack.chaos.down();
    expect(await alice.command(room, "lost")).toMatchObject({ kind: "nobody" });
    await slack.until("it is noticed", () => rig.receiver.health().ready === 0);
    slack.chaos.up();
    await ready(rig.receiver);
    expect(await alice.command(room, "status again")).toMatchObject({ kind: "acked" });
    await slack.until("both", () => rig.seen.length === 2);
    expect(rig.lines.join("\n")).not.toContain(slack.tokens.app);
  });
});

describe("signed HTTP", () => {
  test("forged, skewed, unsigned and replayed requests are refused", async () => {
    const rig = await rigFor("http");
    const alice = slack.person("alice");
    const room = slack.channel("ops", [alice]);
    expect(await alice.command(room, "one", { forged: true })).toMatchObject({ payload: { status: 401, text: "refused: forged\n" } });
    for (const skew of [-400, 400])
      expect(await alice.command(room, "two", { skew })).toMatchObject({ payload: { status: 401, text: "refused: skewed\n" } });
    expect(await alice.command(room, "three")).toMatchObject({ kind: "acked", payload: {} });
    const [request] = slack.delivery.sent.slice(-1);
    if (request === undefined) throw new Error("nothing was sent");
    for (let n = 0; n < 3; n += 1)
      expect(await postSigned(request, 3000)).toMatchObject({ payload: { status: 401, text: "refused: replayed\n" } });
    expect(await postSigned({ ...request, headers: {} }, 3000)).toMatchObject({ payload: { status: 401, text: "refused: unsigned\n" } });
    expect(await postSigned({ ...request, body: `${request.body}&text=approve` }, 3000)).toMatchObject({ payload: { status: 401 } });
    await slack.until("the one that is right", () => rig.seen.length === 1);
    expect(rig.seen[0]).toMatchObject({ text: "three" });
    expect(rig.lines.join("\n")).not.toContain(slack.tokens.signingSecret);
  });

  test("bodies beyond the limit, other methods and what nobody knows are answered and do nothing", async () => {
    const rig = await rigFor("http");
    const url = slack.delivery.requestUrl ?? "";
    expect((await fetch(url)).status).toBe(405);
    const huge = await fetch(url, { method: "POST", body: "x".repeat(2 * 1024 * 1024) }).then(
      (response) => response.status,
      () => 413,
    );
    expect(huge).toBe(413);
    expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(401);
    expect(rig.seen).toEqual([]);
  });
});
