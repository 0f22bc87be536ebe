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
  ["hexadecimal", "wörd 1", () => "77c3b6726420 31".replace(" ", "")],
  ["HEXADECIMAL", "hunter22", () => "68756E7465723232"],
  ["hexadecimal, spaced", "hunter22", () => "68 75 6e 74 65 72 32 32"],
  ["JSON in JSON", 'a"b\\c"d', (value: string) => JSON.stringify(JSON.stringify(value)).slice(3, -3)],
  ["JSON of PHP", "pass/word", () => "pass\\/word"],
  ["XML", `<a&"b'c>`, () => "&lt;a&amp;&quot;b&#39;c&gt;"],
  ["Python", "it's\nhere", () => "it\\'s\\nhere"],
  ["C with octal codes", "wörd1", () => "w\\303\\266rd1"],
  ["base64 inside of a URL", "n>w?~~n>w", (value: string) => encodeURIComponent(Buffer.from(value).toString("base64"))],
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

test.each([
  [
    "base64 in lines of 76",
    (pem: string) =>
      (
        Buffer.from(pem)
          .toString("base64")
          .match(/.{1,76}/gu) ?? []
      ).join("\n"),
  ],
  [
    "base64 of something larger in lines of 64",
    (pem: string) =>
      (
        Buffer.from(`x: ${pem}`)
          .toString("base64")
          .match(/.{1,64}/gu) ?? []
      ).join("\r\n"),
  ],
  [
    "xxd -p",
    (pem: string) =>
      (
        Buffer.from(pem)
          .toString("hex")
          .match(/.{1,60}/gu) ?? []
      ).join("\n"),
  ],
  [
    "od -An -tx1",
    (pem: string) =>
      [...Buffer.from(pem)].map((byte, at) => `${at % 16 === 0 && at > 0 ? "\n" : ""} ${byte.toString(16).padStart(2, "0")}`).join(""),
  ],
  ["fold -w 9", (pem: string) => (pem.replaceAll("\n", "").match(/.{1,9}/gu) ?? []).join("\n")],
  ["indented", (pem: string) => pem.replaceAll("\n", "\n      ")],
  ["with line ends of Windows", (pem: string) => pem.replaceAll("\n", "\r\n")],
])("a large secret that is wrapped over lines is found: %s", (_, wrap) => {
  const lines = Array.from({ length: 60 }, (__, n) =>
    Buffer.from(`line ${n} of the key, ${n * 7919 + 13}-${n ** 5}`.padEnd(48, "~")).toString("base64"),
  );
  const pem = `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
  const text = wrap(pem);
  const redacted = createRedactor(named({ key: pem })).redactText(`before\n${text}\nafter`);
  const left = redacted.split(/\[secret key\]/u).join("");
  expect(left.startsWith("before")).toBe(true);
  expect(left.trimEnd().endsWith("after")).toBe(true);
  expect(left.length).toBeLessThan(40);
});

test("endless line breaks after what may begin a secret are not held back", () => {
  const redactor = createRedactor(named({ pw: "swordfish" }));
  let out = 0;
  for (let n = 0; n < 200; n++) out += redactor.push(Buffer.from(n === 0 ? "swo" : "\n".repeat(1000))).length;
  expect(out).toBeGreaterThan(198_000);
});

test("where output was cut, the pieces of a secret on both sides are found", () => {
  const value = "correct-horse+battery/staple";
  const text = `${value}\n`.repeat(40);
  const encoded = (
    Buffer.from(text)
      .toString("base64")
      .match(/.{1,76}/gu) ?? []
  ).join("\n");
  for (const whole of [text, encoded, Buffer.from(text).toString("hex")]) {
    for (let shift = 0; shift < 40; shift++) {
      const redactor = createRedactor(named({ pw: value }));
      const [head, tail] = [whole.slice(0, 300 + shift), whole.slice(700 + shift)];
      const parts = [redactor.push(Buffer.from(head)), redactor.cut(), redactor.push(Buffer.from(tail)), redactor.end()];
      const [before, after] = [Buffer.concat(parts.slice(0, 2)).toString(), Buffer.concat(parts.slice(2)).toString()];
      for (const side of [before, after]) {
        const left = side.replaceAll(/\[secret pw\]|\[secret, cut off\]/gu, " ");
        // Fewer than 4 bytes at the edge, and what base64 mixes with the line end, tell nothing.
        expect(Math.max(...left.split(/[ \n]/u).map((piece) => piece.length))).toBeLessThan(8);
      }
    }
  }
  const clean = createRedactor(named({ pw: value }));
  const parts = [clean.push(Buffer.from("nothing here, cor")), clean.cut(), clean.push(Buffer.from("and after\n")), clean.end()];
  expect(Buffer.concat(parts).toString()).toBe("nothing here, corand after\n");
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

test("a secret that is wrapped anywhere, indented, and cut anywhere is found", () => {
  const wrapped = fc
    .tuple(fc.string({ unit: fc.constantFrom("a", "b", "c", "'", "\\", "ö", "+"), minLength: 8, maxLength: 40 }), fc.nat(1000))
    .chain(([value, pick]) => {
      const forms = secretForms(value).map((form) => Buffer.from(form).toString("latin1"));
      const form = forms.filter((each) => each.length >= 8)[pick % forms.length] ?? value;
      const breaks = fc.array(fc.tuple(fc.integer({ min: 1, max: form.length - 1 }), fc.constantFrom("\n", "\r\n", "\n  ", "\n\t")), {
        maxLength: 5,
      });
      return fc.record({ value: fc.constant(value), form: fc.constant(form), breaks, cuts: fc.array(fc.nat(200), { maxLength: 8 }) });
    });
  fc.assert(
    fc.property(wrapped, ({ value, form, breaks, cuts }) => {
      let text = form;
      for (const [at, mark] of breaks.toSorted((a, b) => b[0] - a[0])) text = `${text.slice(0, at)}${mark}${text.slice(at)}`;
      const bytes = Buffer.from(`Z${text}Z`, "latin1");
      const secrets = named({ S: value });
      const atOnce = whole(createRedactor(secrets), [bytes]).toString("latin1");
      expect(whole(createRedactor(secrets), split(bytes, cuts)).toString("latin1")).toBe(atOnce);
      expect(atOnce).toContain("[secret S]");
      expect(atOnce.replace(/\[secret S\]/gu, "").replace(/[\r\n\t ]/gu, "")).not.toContain(form.replace(/[\r\n\t ]/gu, ""));
    }),
    { numRuns: 2000 },
  );
});
