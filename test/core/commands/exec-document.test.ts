import { describe, expect, test } from "vitest";
import { execDocument, execExit } from "../../../src/core/commands/exec-document.ts";
import { problem } from "../../../src/core/errors.ts";
import type { Executed } from "../../../src/core/run/exec/execute.ts";
import { keepOutput } from "../../../src/core/run/exec/output.ts";
import type { Outcome } from "../../../src/core/run/exec/run-on-node.ts";

function result(node: string, outcome: Outcome, stdout: string | Uint8Array = "", limit = 1000): Executed {
  const keep = (bytes: string | Uint8Array) => {
    const keeper = keepOutput(limit);
    keeper.push(Buffer.from(bytes as string));
    return keeper.finish();
  };
  return { node, outcome, stdout: keep(stdout), stderr: keep(""), durationMs: 5 };
}

const ok: Outcome = { kind: "exited", code: 0 };
const away = (node: string): Outcome => ({
  kind: "unreachable",
  problem: problem("HOST_UNREACHABLE", { message: `${node} does not answer.`, cause: "refused" }),
});

describe("grouping", () => {
  test("equal answers are one group, largest first; nodes that were not reached stand apart", () => {
    const document = execDocument("uptime", [
      result("web10", ok, "up\n"),
      result("db", { kind: "exited", code: 3 }, "up\n"),
      result("web9", ok, "up\n"),
      result("n2", away("n2")),
      result("web1", ok, "down\n"),
      result("n1", away("n1")),
      result("x", { kind: "lost", reason: "cut" }),
      result("y", { kind: "not-started" }),
    ]);
    expect(document.groups.map(({ folded, outcome, stdout }) => [folded, outcome, stdout.head])).toEqual([
      [["web[9-10]"], ok, "up\n"],
      [["db"], { kind: "exited", code: 3 }, "up\n"],
      [["web1"], ok, "down\n"],
      [["x"], { kind: "lost", reason: "cut" }, ""],
    ]);
    expect(document.unreachable.map(({ nodes, folded, problem: { code } }) => [nodes, folded, code])).toEqual([
      [["n1", "n2"], ["n[1-2]"], "HOST_UNREACHABLE"],
    ]);
    expect(document.notStarted).toEqual(["y"]);
    expect(document.counts).toEqual({ ok: 3, failed: 1, unknown: 3, interrupted: 1 });
  });

  test("outputs that differ only in what was left out are not equal", () => {
    const same = `${"a".repeat(10)}${"b".repeat(10)}${"c".repeat(10)}`;
    const other = same.replace("bbb", "xyz");
    expect(execDocument("x", [result("n1", ok, same, 10), result("n2", ok, other, 10)]).groups).toHaveLength(2);
  });

  test("a character that is cut at the border is left out; what is no text comes as base64", () => {
    const cut = execDocument("x", [result("n1", ok, "ééééé€€€€€", 5)]).groups[0]?.stdout;
    expect(cut).toMatchObject({ encoding: "utf8", head: "éé", tail: "€", totalBytes: 25, omittedBytes: 18 });
    const whole = execDocument("x", [result("n1", ok, "é€é", 4)]).groups[0]?.stdout;
    expect(whole).toMatchObject({ encoding: "utf8", head: "é€é", tail: "", omittedBytes: 0 });
    const binary = Uint8Array.from([0, 255, 254, 128]);
    expect(execDocument("x", [result("n1", ok, binary)]).groups[0]?.stdout).toMatchObject({
      encoding: "base64",
      head: "AP/+gA==",
      tail: "",
    });
  });
});

test.each([
  [{ ok: 2, failed: 0, unknown: 0, interrupted: 0 }, 0],
  [{ ok: 2, failed: 1, unknown: 1, interrupted: 0 }, 1],
  [{ ok: 2, failed: 0, unknown: 1, interrupted: 0 }, 5],
  [{ ok: 0, failed: 1, unknown: 1, interrupted: 1 }, 6],
])("%j exits with %i", (counts, exit) => {
  expect(execExit(counts)).toBe(exit);
});
