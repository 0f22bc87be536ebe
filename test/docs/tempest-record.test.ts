import { expect, test } from "vitest";
import { countOutcomes, reasonsOf, tempestRecord } from "../../scripts/lib/tempest-record.mjs";

const csv = `test,status,start_time,stop_time
"tempest.api.image.v2.test_images.BasicOperationsImagesTest.test_delete_image[id-f8e6,smoke]",success,2026-11-21 15:00:00,2026-11-21 15:00:02
tempest.api.network.test_routers.RoutersTest.test_add[id-1|2],failure,2026-11-21 15:00:00,2026-11-21 15:00:09
tempest.api.network.test_routers.RoutersTest.test_cut,inprogress,2026-11-21 15:00:09,None
setUpClass (tempest.api.compute.test_x),skip,2026-11-21 15:00:00,2026-11-21 15:00:00
traceback, something, that, is none
`;

test("a record of tempest counts every test, and names failures first", () => {
  expect(countOutcomes(csv)).toEqual({ passed: 1, failed: 2, skipped: 1 });
  const text = tempestRecord({
    csv,
    versions: "tempest 32\nnova-api 26\n",
    tests: ["tempest.api.*smoke"],
    took: "9 s",
    today: "2026-11-21",
  });
  expect(text).toContain("2026-11-21: 1 passed, 2 failed, 1 skipped, in 9 s.");
  expect(
    text
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .slice(1),
  ).toEqual([
    "| tempest.api.network.test_routers.RoutersTest.test_add[id-1\\|2] | failed |",
    "| tempest.api.network.test_routers.RoutersTest.test_cut | failed (inprogress) |",
    "| setUpClass (tempest.api.compute.test_x) | skipped |",
    "| tempest.api.image.v2.test_images.BasicOperationsImagesTest.test_delete_image[id-f8e6,smoke] | passed |",
  ]);
  expect(countOutcomes("")).toEqual({ passed: 0, failed: 0, skipped: 0 });
});

test("a failed test says why, in the words of its exception", () => {
  const name = "tempest.api.identity.admin.v3.test_credentials.CredentialsTestJSON.test_update[id-7cd5,smoke]";
  const last = [
    ...["Failed 1 tests - output below:", "==============================", "", name, "-".repeat(name.length), ""],
    ...[
      "Captured pythonlogging:",
      "~~~~~~~~~~~~~~~~~~~~~~~",
      "    2026-11-22 Request (x): 201 POST",
      "2026-11-22 Request (y): 400 PATCH",
      "",
    ],
    ...["Captured traceback:", "~~~~~~~~~~~~~~~~~~~", "    Traceback (most recent call last):", '  File "x.py", line 9, in test'],
    ...["    update_body = self.update()", "                  ^^^^^^^^^^^^^", "tempest.lib.exceptions.BadRequest: Bad request"],
    ...["Details: {'code': 400}", "", "", "======", "Totals", "======"],
  ].join("\n");
  expect([...reasonsOf(last)]).toEqual([[name, "tempest.lib.exceptions.BadRequest: Bad request Details: {'code': 400}"]]);
});
