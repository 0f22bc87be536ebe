import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readText } from "../../src/cli/local/import-files.ts";
import { temporaryFolder } from "./run-cli.ts";

const text = "# Büro\r\n[web]\r\nw1\r\n";
const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();

test.each([
  ["UTF-8", Buffer.from(text)],
  ["UTF-16 as Windows writes it", Buffer.from(`\ufeff${text}`, "utf16le")],
  ["UTF-16, the other way round", swapped(Buffer.from(`\ufeff${text}`, "utf16le"))],
  ["Windows-1252", Buffer.from(text, "latin1")],
])("an inventory in %s", async (_what, bytes) => {
  using folder = temporaryFolder();
  const file = join(folder.path, "hosts");
  writeFileSync(file, bytes);
  expect(await readText(file)).toBe(text);
});
