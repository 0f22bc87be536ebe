import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  dateOfDay,
  dayNumber,
  isDate,
  isZone,
  utcInstant,
  utcTime,
  weekdayOf,
  zonedInstant,
  zonedTime,
} from "../../../src/core/model/civil-time.ts";
import { parseMoment } from "../../../src/core/model/moment.ts";

const at = (text: string): number => Date.parse(text);

describe("the calendar", () => {
  test("days and dates are those of the platform, over four thousand years", () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_000, max: 800_000 }), (day) => {
        const date = new Date(day * 86_400_000);
        const found = dateOfDay(day);
        expect(found).toEqual({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() });
        expect(dayNumber(found.year, found.month, found.day)).toBe(day);
        expect(weekdayOf(day)).toBe(date.getUTCDay());
      }),
    );
  });

  test("moments in UTC go there and back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (ms) => {
        expect(utcInstant(utcTime(ms))).toBe(Math.floor(ms / 60_000) * 60_000);
      }),
    );
  });

  test.each([
    [2024, 2, 29, true],
    [2026, 2, 29, false],
    [2026, 13, 1, false],
    [2026, 4, 31, false],
    [2026, 4, 0, false],
  ])("%i-%i-%i", (year, month, day, exists) => {
    expect(isDate(year, month, day)).toBe(exists);
  });

  test("zones are IANA names; offsets and nonsense are not", () => {
    expect(["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Asia/Kathmandu"].every(isZone)).toBe(true);
    expect(["Mars/Olympus", "+01:00", "", "Europe/Berlin; rm -rf /"].some(isZone)).toBe(false);
  });
});

describe("clocks in zones", () => {
  const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo", "UTC"];

  test("a moment is among those at which clocks show its time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000_000 }), fc.constantFrom(...zones), (minutes, zone) => {
        const moment = (minutes % 30_000_000) * 60_000;
        const shown = zonedTime(moment, zone);
        expect([zonedInstant(shown, zone, "earlier"), zonedInstant(shown, zone, "later")]).toContain(moment);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    // 2026-10-25 03:00 CEST becomes 02:00 CET: 02:30 comes twice
    ["Europe/Berlin", 2026, 10, 25, 2, 30, "2026-10-25T00:30Z", "2026-10-25T01:30Z"],
    // 2026-03-29 02:00 CET becomes 03:00 CEST: 02:30 never comes
    ["Europe/Berlin", 2026, 3, 29, 2, 30, "2026-03-29T00:30Z", "2026-03-29T01:30Z"],
    ["America/New_York", 2026, 11, 1, 1, 30, "2026-11-01T05:30Z", "2026-11-01T06:30Z"],
    ["America/New_York", 2026, 3, 8, 2, 30, "2026-03-08T06:30Z", "2026-03-08T07:30Z"],
    // half an hour of summer time
    ["Australia/Lord_Howe", 2026, 4, 5, 1, 45, "2026-04-04T14:45Z", "2026-04-04T15:15Z"],
    ["Asia/Kathmandu", 2026, 6, 1, 12, 0, "2026-06-01T06:15Z", "2026-06-01T06:15Z"],
  ])("%s %i-%i-%i %i:%i", (zone, year, month, day, hour, minute, earlier, later) => {
    const time = { year, month, day, hour, minute };
    expect(zonedInstant(time, zone, "earlier")).toBe(at(earlier));
    expect(zonedInstant(time, zone, "later")).toBe(at(later));
  });
});

describe("moments as they are typed", () => {
  const now = at("2026-11-21T10:00Z");
  const by = { now, zone: "Europe/Berlin", side: "earlier" as const };

  test.each([
    ["now", "2026-11-21T10:00Z"],
    ["2026-11-27 16:00", "2026-11-27T15:00Z"],
    ["2026-11-27T16:00", "2026-11-27T15:00Z"],
    ["2026-11-27 16:00:30", "2026-11-27T15:00:30Z"],
    ["2026-07-01 16:00", "2026-07-01T14:00Z"],
    ["2026-11-27 16:00 America/New_York", "2026-11-27T21:00Z"],
    ["2026-11-27T16:00Z", "2026-11-27T16:00Z"],
    ["2026-11-27T16:00+05:30", "2026-11-27T10:30Z"],
    ["2026-11-27T16:00-0800", "2026-11-28T00:00Z"],
    ["22:00", "2026-11-21T21:00Z"],
    ["11:00", "2026-11-22T10:00Z"],
    ["9:30", "2026-11-22T08:30Z"],
  ])("%s", (text, expected) => {
    expect(parseMoment(text, by)).toBe(at(expected));
  });

  test("the next time that clocks show it may lie in the next month", () => {
    expect(parseMoment("00:10", { ...by, now: at("2026-12-31T22:30Z") })).toBe(at("2026-12-31T23:10Z"));
    expect(parseMoment("23:00", { ...by, now: at("2026-11-30T22:30Z") })).toBe(at("2026-12-01T22:00Z"));
  });

  test.each([
    "",
    "tomorrow",
    "24:00",
    "12:60",
    "2026-02-30 12:00",
    "2026-11-27",
    "2026-11-27 16:00 Mars/Olympus",
    "16:00+01:00",
    "2026-11-27T16:00Z Asia/Tokyo",
  ])("not `%s`", (text) => {
    expect(parseMoment(text, by)).toBeUndefined();
  });
});
