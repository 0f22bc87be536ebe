import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HalliganError } from "../../../src/core/errors.ts";
import { parseProbe } from "../../../src/core/inventory/parse.ts";
import { probeBegin, probeEnd, probeScript } from "../../../src/core/inventory/probe/script.ts";
import { printedSample, sampleFacts } from "./sample.ts";

const times = { sentAt: 1_799_999_999_990, receivedAt: 1_800_000_000_004 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const framed = (body: string): string => `\n${probeBegin}\n${body}\n${probeEnd}\n`;

function refused(output: string): { readonly message: string; readonly cause: string; readonly hint: string } {
  const result = parseProbe(bytes(output), times);
  if (!(result instanceof HalliganError)) throw new Error("facts came out");
  expect(result.problems).toHaveLength(1);
  expect(result.code).toBe("PROBE_FAILED");
  const [{ message, cause = "", hint }] = result.problems;
  return { message, cause, hint };
}

describe("parseProbe", () => {
  it("compares the clocks with half the round trip", () => {
    const facts = parseProbe(bytes(framed(printedSample())), times);
    expect(facts).toEqual({ ...sampleFacts, clock: { epochMs: 1_800_000_000_000, resolutionMs: 1, offsetMs: 3, uncertaintyMs: 8 } });
  });

  it("passes over whatever a shell profile prints around the document", () => {
    const clean = parseProbe(bytes(framed(printedSample())), times);
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (before, after) => {
        const output = Buffer.concat([before, bytes(framed(printedSample())), after]);
        expect(parseProbe(output, times)).toEqual(clean);
      }),
    );
    const quoting = `Welcome! Never type\n${probeBegin}\nhere.`;
    expect(parseProbe(bytes(`${quoting}${framed(printedSample())}`), times)).toEqual(clean);
  });

  it("explains an answer without a document", () => {
    expect(refused("").cause).toBe("It printed nothing.");
    expect(refused("This account is not available.\n")).toMatchObject({
      message: "The node did not start the probe.",
      cause: 'It printed: "This account is not available."',
    });
  });

  it("explains a cut answer, wherever it was cut", () => {
    const whole = framed(printedSample());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - probeEnd.length - 1 }), (length) => {
        expect(["The node did not start the probe.", "The probe's answer was cut."]).toContain(refused(whole.slice(0, length)).message);
      }),
    );
  });

  it("explains a document that is not JSON, with an excerpt and no control characters", () => {
    const { message, cause } = refused(framed(`{"facts":1,"os":\u001b[31mred}`));
    expect(message).toBe("The probe's document is not valid JSON.");
    expect(cause).toContain("u001b[31mred");
    expect(cause).not.toContain("\u001b");
  });

  it("names the fields of a document of another form", () => {
    const { cause } = refused(framed(printedSample().replace('"threads":4', '"threads":"four"').replace('"hostname"', '"host"')));
    expect(cause).toContain("cpu.threads");
    expect(cause).toContain("hostname");
  });

  it("says what to do on a node without awk", () => {
    expect(refused(framed('{"error":"no awk on this node"}'))).toMatchObject({
      cause: "no awk on this node",
      hint: "Install awk (mawk, gawk or busybox) on the node.",
    });
  });

  it("sorts lists, so that equal nodes give equal JSON", () => {
    const sorted = parseProbe(bytes(framed(printedSample())), times);
    const shuffled = JSON.stringify({
      ...JSON.parse(printedSample()),
      mounts: sampleFacts.mounts?.toReversed(),
      tools: { curl: false, awk: true },
    });
    expect(JSON.stringify(parseProbe(bytes(framed(shuffled)), times))).toBe(JSON.stringify(sorted));
  });
});

describe("probeScript", () => {
  it("refuses all names that no package can have, at once", () => {
    expect(() => probeScript({ packages: ["ok", "a b", "$(reboot)", "-rf"] })).toThrowError(
      'VALUE_INVALID: "$(reboot)", "-rf", "a b" cannot be the name of a package.',
    );
  });

  it("has no text that would end the quoting of its awk program", () => {
    const script = probeScript({ packages: [] });
    const program = script.slice(script.indexOf(`"$@" 'BEGIN`) + 6, script.lastIndexOf("'\n}\nmain()"));
    expect(program).toContain("function js(s");
    expect(program).not.toContain("'");
  });
});
