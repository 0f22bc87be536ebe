import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FreezeWindow, edgeFault, isOpen, occurrenceAt, parseEdge } from "../../../src/core/model/freeze-window.ts";

const at = (text: string): number => Date.parse(text);

function windowOf(from: string, to: string, zone: string): FreezeWindow {
  const [begin, end] = [parseEdge(from), parseEdge(to)];
  if (begin === undefined || end === undefined) throw new Error(`${from} ${to}`);
  return { name: "w", from: begin, to: end, zone, reason: "r", deployments: [] };
}

const openAt = (window: FreezeWindow, text: string): boolean => {
  const occurrence = occurrenceAt(window, at(text));
  return occurrence !== undefined && isOpen(occurrence, at(text));
};

describe("windows", () => {
  test.each([
    // the weekend, in winter (UTC+1)
    ["fri 16:00", "mon 08:00", "Europe/Berlin", "2026-11-27T14:59Z", false],
    ["fri 16:00", "mon 08:00", "Europe/Berlin", "2026-11-27T15:00Z", true],
    ["fri 16:00", "mon 08:00", "Europe/Berlin", "2026-11-29T12:00Z", true],
    ["fri 16:00", "mon 08:00", "Europe/Berlin", "2026-11-30T06:59Z", true],
    ["fri 16:00", "mon 08:00", "Europe/Berlin", "2026-11-30T07:00Z", false],
    // and in summer (UTC+2)
    ["fri 16:00", "mon 08:00", "Europe/Berlin", "2026-07-03T13:59Z", false],
    ["fri 16:00", "mon 08:00", "Europe/Berlin", "2026-07-03T14:00Z", true],
    ["fri 16:00", "mon 08:00", "Europe/Berlin", "2026-07-06T06:00Z", false],
    // over midnight
    ["22:00", "06:00", "America/New_York", "2026-11-28T03:00Z", true],
    ["22:00", "06:00", "America/New_York", "2026-11-28T10:59Z", true],
    ["22:00", "06:00", "America/New_York", "2026-11-28T11:00Z", false],
    // a whole day, and a day that is longer than 24 hours
    ["00:00", "24:00", "UTC", "2026-11-28T23:59Z", true],
    ["sun 00:00", "sun 24:00", "Europe/Berlin", "2026-10-25T22:59Z", true],
    ["sun 00:00", "sun 24:00", "Europe/Berlin", "2026-10-25T23:00Z", false],
    // once
    ["2026-12-23 18:00", "2027-01-04 08:00", "Europe/Berlin", "2026-12-31T23:00Z", true],
    ["2026-12-23 18:00", "2027-01-04 08:00", "Europe/Berlin", "2027-01-04T07:00Z", false],
    // summer ends at 03:00: 02:30 comes twice, and the window ends with the second
    ["01:00", "02:30", "Europe/Berlin", "2026-10-25T01:29Z", true],
    ["01:00", "02:30", "Europe/Berlin", "2026-10-25T01:30Z", false],
    // ... and begins with the first
    ["02:30", "04:00", "Europe/Berlin", "2026-10-25T00:30Z", true],
    // summer begins at 02:00: 02:30 never comes, and the window that ends there lasts longer, not shorter
    ["01:00", "02:30", "Europe/Berlin", "2026-03-29T01:29Z", true],
    ["02:30", "04:00", "Europe/Berlin", "2026-03-29T00:30Z", true],
    ["02:30", "04:00", "Europe/Berlin", "2026-03-29T02:00Z", false],
  ])("%s to %s in %s at %s: %s", (from, to, zone, moment, open) => {
    expect(openAt(windowOf(from, to, zone), moment)).toBe(open);
  });

  test("the occurrence is the open one, else the next one; a window that comes once is over some time", () => {
    const weekend = windowOf("fri 16:00", "mon 08:00", "Europe/Berlin");
    const next = { from: at("2026-11-27T15:00Z"), until: at("2026-11-30T07:00Z") };
    expect(occurrenceAt(weekend, at("2026-11-24T00:00Z"))).toEqual(next);
    expect(occurrenceAt(weekend, at("2026-11-28T00:00Z"))).toEqual(next);
    expect(occurrenceAt(windowOf("2026-01-01 00:00", "2026-01-02 00:00", "UTC"), at("2026-01-02T00:00Z"))).toBeUndefined();
  });

  test("whatever the zone and the time: an occurrence is never over, and whoever asks at its end gets a later one", () => {
    const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"];
    const edges = ["00:00", "02:30", "24:00", "12:00"];
    const days = ["sun", "wed", "sat"];
    const pair = fc.oneof(
      fc.tuple(fc.constantFrom(...edges), fc.constantFrom(...edges)),
      fc
        .tuple(fc.constantFrom(...days), fc.constantFrom(...edges), fc.constantFrom(...days), fc.constantFrom(...edges))
        .map(([a, b, c, d]): [string, string] => [`${a} ${b}`, `${c} ${d}`]),
    );
    fc.assert(
      fc.property(pair, fc.constantFrom(...zones), fc.integer({ min: 25_000_000, max: 31_000_000 }), ([from, to], zone, minutes) => {
        const [begin, end] = [parseEdge(from), parseEdge(to)];
        if (begin === undefined || end === undefined || edgeFault(begin, end) !== undefined) return;
        const window = windowOf(from, to, zone);
        const now = minutes * 60_000;
        const first = occurrenceAt(window, now);
        expect(first).toBeDefined();
        if (first === undefined) return;
        expect(first.from).toBeLessThan(first.until);
        expect(first.until).toBeGreaterThan(now);
        const second = occurrenceAt(window, first.until);
        expect(second?.from).toBeGreaterThan(first.from);
      }),
      { numRuns: 200 },
    );
  });

  test.each(["", "25:00", "24:01", "9:00", "funday 10:00", "2026-02-30 10:00", "fri", "16:60"])("not `%s`", (text) => {
    expect(parseEdge(text)).toBeUndefined();
  });

  test.each([
    ["22:00", "fri 16:00"],
    ["22:00", "22:00"],
    ["fri 16:00", "fri 16:00"],
    ["2026-12-24 10:00", "2026-12-23 10:00"],
  ])("%s to %s is no window", (from, to) => {
    const [begin, end] = [parseEdge(from), parseEdge(to)];
    expect(begin && end && edgeFault(begin, end)).toBeTypeOf("string");
  });
});
