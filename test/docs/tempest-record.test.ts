import { expect, test } from "vitest";
import { countOutcomes, tempestRecord } from "../../scripts/lib/tempest-record.mjs";

const csv = `test,status,start_time,stop_time
tempest.api.image.v2.test_images.BasicOperationsImagesTest.test_delete_image[id-f8e6,smoke],success,2026-11-21 15:00:00,2026-11-21 15:00:02
tempest.api.network.test_routers.RoutersTest.test_add[id-1|2],fail,2026-11-21 15:00:00,2026-11-21 15:00:09
setUpClass (tempest.api.compute.test_x),skip,2026-11-21 15:00:00,2026-11-21 15:00:00
traceback, something, that, is none
`;

test("a record of tempest counts every test, and names failures first", () => {
  expect(countOutcomes(csv)).toEqual({ success: 1, fail: 1, skip: 1 });
  const text = tempestRecord({
    csv,
    versions: "tempest 32\nnova-api 26\n",
    tests: ["tempest.api.*smoke"],
    took: "9 s",
    today: "2026-11-21",
  });
  expect(text).toContain("2026-11-21: 1 passed, 1 failed, 1 skipped, in 9 s.");
  expect(
    text
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .slice(1),
  ).toEqual([
    "| tempest.api.network.test_routers.RoutersTest.test_add[id-1\\|2] | fail |",
    "| setUpClass (tempest.api.compute.test_x) | skip |",
    "| tempest.api.image.v2.test_images.BasicOperationsImagesTest.test_delete_image[id-f8e6,smoke] | success |",
  ]);
  expect(countOutcomes("")).toEqual({ success: 0, fail: 0, skip: 0 });
});
