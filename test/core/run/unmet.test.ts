import { describe, expect, test } from "vitest";
import type { ResolvedCheck } from "../../../src/core/jigs/resolved.ts";
import { seenOf, unmetProblem } from "../../../src/core/run/unmet.ts";

describe("what is told of a condition that does not hold", () => {
  test.each([
    ["it ended with exit code 1", "one\ntwo\nthree\nthere is no eth1\n", "two\nthree\nthere is no eth1"],
    ["it ended with exit code 1", " \n", "it ended with exit code 1"],
    ["it took longer than 30s and was ended", "asking\n", "it took longer than 30s and was ended: asking"],
    ["the port is taken", "", "the port is taken"],
  ])("%s, with %j printed", (message, printed, wanted) => {
    expect(seenOf(message, printed)).toBe(wanted);
  });

  test("a bare exit code is no cause beside the barclamp's words, and all there is without them", () => {
    const check = { code: "X-1", curedBy: [] } as unknown as ResolvedCheck;
    const at = { node: "n1", role: "x" };
    expect(unmetProblem({ ...check, message: "No eth1." }, "it ended with exit code 1", at)).not.toHaveProperty("cause");
    expect(unmetProblem({ ...check, message: "No eth1." }, "there is eth0", at)).toMatchObject({
      message: "X-1: No eth1.",
      cause: "there is eth0",
    });
    expect(unmetProblem(check, "it ended with exit code 1", at).message).toBe("X-1: it ended with exit code 1");
  });
});
