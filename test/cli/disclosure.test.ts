import { expect, test } from "vitest";
import { keepOffScreen, withoutSecrets } from "../../src/cli/disclosure.ts";
import { SecretValue } from "../../src/core/model/secret.ts";

test("nothing that was opened is printed, and JSON stays JSON", () => {
  const trace = "Error: no hunter22\n    at x (file.ts:1:1)\n";
  expect(withoutSecrets(trace)).toBe(trace);
  keepOffScreen([
    { name: "db.pw", value: new SecretValue("hunter22") },
    { name: "odd", value: new SecretValue("true") },
    { name: "quoted", value: new SecretValue('a"b\n{c') },
  ]);
  expect(withoutSecrets(trace)).toBe("Error: no [secret db.pw]\n    at x (file.ts:1:1)\n");
  expect(withoutSecrets(Buffer.from("hunter22").toString("base64"))).not.toContain("aHVudGVy");
  const line = { halligan: 1, kind: "x", true: true, list: ["hunter22", 'say a"b\n{c'], deep: { text: "it is true" } };
  const printed = withoutSecrets(`${JSON.stringify(line)}\n${JSON.stringify({ kind: "y", ok: true })}\n`);
  expect(printed.endsWith("\n")).toBe(true);
  expect(
    printed
      .trimEnd()
      .split("\n")
      .map((each) => JSON.parse(each) as object),
  ).toEqual([
    { halligan: 1, kind: "x", true: true, list: ["[secret db.pw]", "say [secret quoted]"], deep: { text: "it is [secret odd]" } },
    { kind: "y", ok: true },
  ]);
});
