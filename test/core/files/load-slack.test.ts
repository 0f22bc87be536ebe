import { describe, expect, test } from "vitest";
import { loadSlack } from "../../../src/core/files/load-slack.ts";
import { noSlackSettings } from "../../../src/core/model/slack-settings.ts";

function load(text: string): ReturnType<typeof loadSlack> {
  return loadSlack({ file: "slack.yaml", text });
}

describe("slack.yaml", () => {
  test("gives the settings", () => {
    const { settings, problems } = load(`halligan: 1
channels: [C0123ABCD]
announce: C0123ABCD
failures: C0999XYZ
onCall: [alice, U0456]
protected: true
groups: { ops: S0123 }
auditChannel: G0AUDIT
`);
    expect(problems).toEqual([]);
    expect(settings).toEqual({
      channels: new Set(["C0123ABCD"]),
      announce: "C0123ABCD",
      failures: "C0999XYZ",
      onCall: ["alice", "U0456"],
      protected: true,
      groups: new Map([["ops", "S0123"]]),
      auditChannel: "G0AUDIT",
    });
    expect(load("halligan: 1\n").settings).toEqual(noSlackSettings);
  });

  test("tells everything that is wrong, with its place", () => {
    const { settings, problems } = load(`halligan: 1
channels: ["#ops"]
anounce: C0123ABCD
protected: maybe
groups: { ops: "@ops" }
`);
    expect(settings).toBeUndefined();
    expect(problems.map(({ code, at }) => `${code} ${at !== undefined && "line" in at ? at.line : 0}`)).toEqual([
      "VALUE_INVALID 2",
      "KEY_UNKNOWN 3",
      "VALUE_INVALID 4",
      "VALUE_INVALID 5",
    ]);
  });

  test("an empty or broken file is no settings", () => {
    for (const text of ["", "- a\n", "halligan: 2\n", "halligan: 1\nchannels: [C0123ABCD\n"]) {
      expect(load(text).settings).toBeUndefined();
      expect(load(text).problems.length).toBeGreaterThan(0);
    }
  });
});
