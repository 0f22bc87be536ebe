import fc from "fast-check";
import { expect, test } from "vitest";
import { SecretValue } from "../../../src/core/model/secret.ts";
import { createRedactor, type Redactor } from "../../../src/core/run/redactor.ts";
import { secretForms } from "../../../src/core/run/secret-forms.ts";

const named = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => ({ name, value: new SecretValue(value) }));

function whole(redactor: Redactor, chunks: readonly Uint8Array[]): Buffer {
  return Buffer.concat([...chunks.map((chunk) => redactor.push(chunk)), redactor.end()]);
}

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

test.each([
  ["raw", 'it\'s "p$ss"/wörd\\1', (value: string) => value],
  ["URL", 'it\'s "p$ss"/wörd 1', encodeURIComponent],
  ["form", "it's a pass", (value: string) => new URLSearchParams({ q: value }).toString().slice(2)],
  ["JSON", 'it\'s "p$ss"\n/wörd\\1', (value: string) => JSON.stringify(value).slice(1, -1)],
  ["JSON in ASCII", "wörd😀1", () => "w\\u00f6rd\\ud83d\\ude001"],
  ["shell quotes", "it's a pass", (value: string) => value.replaceAll("'", "'\\''")],
  ["trimmed", "  hunter\n", () => "hunter"],
  ["one line of many", "-----BEGIN KEY-----\nAAAAB3NzaC1yc2E\n-----END KEY-----\n", () => "AAAAB3NzaC1yc2E"],
])("finds a secret: %s", (_, value, form) => {
  const text = `before ${form(value)} after`;
  expect(createRedactor(named({ pw: value })).redactText(text)).toBe("before [secret pw] after");
});

test.each([0, 1, 2, 3, 4])("finds a secret inside base64 of something larger, %d bytes in", (before) => {
  const value = "correct-horse+battery";
  const encoded = Buffer.from(`${"u".repeat(before)}${value}:tail`).toString("base64");
  const redacted = createRedactor(named({ pw: value })).redactText(encoded);
  expect(redacted).toContain("[secret pw]");
  expect(Buffer.from(redacted.split("[secret pw]")[0] ?? "", "base64").toString()).not.toContain("cor");
});

test("the longest secret wins, and an overlap goes as a whole", () => {
  const redactor = createRedactor(named({ short: "abcdef", long: "abcdefgh", other: "ghijkl" }));
  expect(redactor.redactText("abcdef abcdefgh abcdefghijkl abcdefabcdef")).toBe(
    "[secret short] [secret long] [secret long] [secret short][secret short]",
  );
});

test("values of fewer than 4 bytes are left alone", () => {
  expect(createRedactor(named({ pin: "123", none: "" })).redactText("123 123")).toBe("123 123");
});

test("output that cannot begin a secret is passed on at once; what may is held back until it is clear", () => {
  const redactor = createRedactor(named({ pw: "swordfish" }));
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  expect(text(redactor.push(Buffer.from("progress 10%\n")))).toBe("progress 10%\n");
  expect(text(redactor.push(Buffer.from("a sword")))).toBe("a ");
  expect(text(redactor.push(Buffer.from("fight\n")))).toBe("swordfight\n");
  expect(text(redactor.push(Buffer.from("s")))).toBe("");
  expect(text(redactor.end())).toBe("s");
  expect(text(redactor.push(Buffer.from("wordfish")))).toBe("wordfish"); // a new stream
});

test("bytes that are not text pass unchanged", () => {
  const bytes = Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919) % 256));
  expect(whole(createRedactor(named({ pw: "swordfish" })), split(bytes, [1, 100, 2500])).equals(bytes)).toBe(true);
});

test("any way of cutting the stream gives the same result, and no form of a secret is left", () => {
  // A small alphabet makes secrets overlap; marks that the marker itself is made of are left out.
  const value = fc.string({ unit: fc.constantFrom("a", "b", "'", '"', "\\", " ", "ö", "+", "\n", "😀"), minLength: 1, maxLength: 12 });
  const noise = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "b", "'", "Y", "%", "\\", "ö"), maxLength: 6 }),
    fc.base64String({ maxLength: 12 }),
  );
  const pieces = (values: readonly string[]) => {
    const forms = values.flatMap((each) => secretForms(each).map((form) => Buffer.from(form)));
    const form = forms.length === 0 ? noise.map((text) => Buffer.from(text)) : fc.constantFrom(...forms);
    const cutForm = fc.tuple(form, fc.nat(12)).map(([bytes, length]) => bytes.subarray(0, length));
    return fc
      .array(
        fc.oneof(
          noise.map((text) => Buffer.from(text)),
          form,
          cutForm,
        ),
        { maxLength: 12 },
      )
      .map((list) => Buffer.concat(list));
  };
  const input = fc
    .uniqueArray(value, { minLength: 1, maxLength: 4 })
    .chain((values) => fc.record({ values: fc.constant(values), bytes: pieces(values), cuts: fc.array(fc.nat(300), { maxLength: 30 }) }));
  let redactions = 0;
  fc.assert(
    fc.property(input, ({ values, bytes, cuts }) => {
      const secrets = values.map((each, index) => ({ name: `S${index}`, value: new SecretValue(each) }));
      const atOnce = whole(createRedactor(secrets), [bytes]);
      expect(whole(createRedactor(secrets), split(bytes, cuts)).equals(atOnce)).toBe(true);
      const left = atOnce.toString("latin1").split(/\[secret S\d\]/);
      redactions += left.length - 1;
      for (const form of values.flatMap(secretForms)) {
        const text = Buffer.from(form).toString("latin1");
        expect(left.some((part) => part.includes(text))).toBe(false);
      }
    }),
    { numRuns: 1500 },
  );
  expect(redactions).toBeGreaterThan(1000); // the property saw what it is about
});
