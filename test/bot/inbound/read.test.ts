import type { BlockAction, EnvelopedEvent, SlashCommand, ViewSubmitAction } from "@slack/bolt";
import { describe, expect, test } from "vitest";
import { readAction, readCommand, readEvent, readView } from "../../../src/bot/inbound/read.ts";

function event(inner: object, more: object = {}): EnvelopedEvent {
  return { type: "event_callback", team_id: "T1", event_id: "Ev1", event: inner, ...more } as unknown as EnvelopedEvent;
}

describe("what comes in", () => {
  test("of a workspace in an organisation names both; nothing is left out for the key", () => {
    const body = {
      trigger_id: "1.2",
      enterprise_id: "E1",
      team_id: "T1",
      user_id: "U1",
      user_name: "ann",
      channel_id: "D9",
      command: "/hg",
      text: "help",
      response_url: "r",
    };
    expect(readCommand(body as unknown as SlashCommand)).toMatchObject({
      caller: { enterprise: "E1", team: "T1", user: "U1", name: "ann" },
      direct: true,
    });
  });

  test.each([
    ["an edit", { type: "message", subtype: "message_changed", channel_type: "im", channel: "D1", ts: "1", user: "U1" }],
    ["a message in a channel", { type: "message", channel_type: "channel", channel: "C1", ts: "1", user: "U1", text: "x" }],
    ["a message of nobody", { type: "message", channel_type: "im", channel: "D1", ts: "1", text: "x" }],
    ["the messages tab", { type: "app_home_opened", tab: "messages", user: "U1", channel: "D1" }],
    ["something else", { type: "reaction_added", user: "U1" }],
  ])("%s is nothing for us", (_, inner) => {
    expect(readEvent(event(inner), "UB")).toBeUndefined();
  });

  test("the bot's mention is taken out once, others stay", () => {
    const read = readEvent(
      event({ type: "app_mention", user: "U1", channel: "C1", ts: "1", text: "<@UB> handoff lab-a R-1 <@U2> <@UB>" }),
      "UB",
    );
    expect(read?.inbound).toMatchObject({ text: "handoff lab-a R-1 <@U2> <@UB>" });
  });

  test("a user of another workspace is of that one, whatever the envelope's is", () => {
    const read = readEvent(event({ type: "app_mention", user: "U1", user_team: "T9", channel: "C1", ts: "1", text: "hi" }), "UB");
    expect(read?.inbound.caller).toEqual({ team: "T9", user: "U1" });
    const body = {
      type: "block_actions",
      user: { id: "U1", team_id: "T9" },
      team: { id: "T1" },
      container: {},
      actions: [{ action_id: "a", block_id: "b", action_ts: "1", value: "v" }],
      channel: { id: "C1" },
      message: { ts: "5" },
      trigger_id: "t",
    };
    expect(readAction(body as unknown as BlockAction)?.caller).toEqual({ team: "T9", user: "U1" });
  });

  test("two presses are two acts, one press delivered twice is one", () => {
    const press = (ts: string): string | undefined =>
      readAction({
        type: "block_actions",
        user: { id: "U1", team_id: "T1" },
        team: { id: "T1" },
        channel: { id: "C1" },
        message: { ts: "5" },
        trigger_id: "t",
        actions: [{ action_id: "a", block_id: "b", action_ts: ts, value: "v" }],
      } as unknown as BlockAction)?.key;
    expect(press("1.1")).toBe(press("1.1"));
    expect(press("1.1")).not.toBe(press("1.2"));
  });

  test("every kind of field of a view gives its text", () => {
    const values = {
      one: { value: { type: "plain_text_input", value: "typed" } },
      two: { value: { type: "plain_text_input", value: null } },
      three: { value: { type: "static_select", selected_option: { value: "x" } } },
      four: { value: { type: "checkboxes", selected_options: [{ value: "a" }, { value: "b" }] } },
      five: { value: { type: "users_select", selected_user: "U2" } },
      six: { value: { type: "static_select", selected_option: null } },
    };
    const body = {
      type: "view_submission",
      user: { id: "U1", team_id: "T1" },
      team: { id: "T1" },
      view: { id: "V1", hash: "h", callback_id: "c", private_metadata: "m", state: { values } },
    };
    expect(readView(body as unknown as ViewSubmitAction).values).toEqual({
      one: { value: "typed" },
      two: { value: "" },
      three: { value: "x" },
      four: { value: "a\nb" },
      five: { value: "U2" },
      six: { value: "" },
    });
  });
});
