import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLogs } from "../../../src/core/adapters/logs.ts";
import { codeOf } from "../../contract/store-contract.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "halligan-logs-"));
});
afterEach(() => rm(dir, { recursive: true }));

const name = { run: "R-1", node: "web-1", role: "nginx" };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test("what is appended is read back from any offset, and from the end", async () => {
  const logs = openLogs(join(dir, "logs"));
  expect(await logs.read(name, 0)).toEqual({ bytes: new Uint8Array(0), from: 0, next: 0 });
  expect((await logs.tail(name, 10)).next).toBe(0);
  await Promise.all(["one\n", "two\n", "three\n"].map((line) => logs.append(name, Buffer.from(line))));
  const first = await logs.read(name, 0, 6);
  expect([text(first.bytes), first.next]).toEqual(["one\ntw", 6]);
  const rest = await logs.read(name, first.next);
  expect([text(rest.bytes), rest.from, rest.next]).toEqual(["o\nthree\n", 6, 14]);
  expect(await logs.read(name, 14)).toMatchObject({ from: 14, next: 14 });
  expect(text((await logs.tail(name, 6)).bytes)).toBe("three\n");
  expect(text((await logs.tail(name, 600)).bytes)).toBe("one\ntwo\nthree\n");
  const file = join(dir, "logs/R-1/web-1/nginx.log");
  expect([(await stat(file)).mode & 0o777, (await stat(join(dir, "logs/R-1"))).mode & 0o777]).toEqual([0o600, 0o700]);
});

test("a flood is cut at the cap, which the log says once, also after opening again", async () => {
  for (let times = 0; times < 3; times++) {
    const logs = openLogs(dir, 1000);
    await logs.append(name, Buffer.alloc(300, "x"));
    await logs.append(name, Buffer.alloc(450, "x"));
  }
  expect(text((await openLogs(dir).read(name, 0)).bytes)).toBe(
    `${"x".repeat(1000)}\n[output was cut here: a log holds at most 1000 bytes]\n`,
  );
});

test("output that fits exactly is not called cut", async () => {
  const logs = openLogs(dir, 1000);
  await logs.append(name, Buffer.alloc(1000, "x"));
  expect((await logs.read(name, 0)).next).toBe(1000);
  await logs.append(name, Buffer.from("y"));
  expect(text((await logs.tail(name, 7)).bytes)).toBe("bytes]\n");
});

test("odd names stay inside the folder and apart from each other", async () => {
  const logs = openLogs(dir);
  const odd = [
    "..",
    ".",
    "",
    "a/b",
    "a%2fb",
    "../../../etc/passwd",
    "nul\u0000",
    "ö",
    "-rf",
    "%",
    "x".repeat(5000),
    `${"x".repeat(5000)}y`,
  ];
  const names = odd.flatMap((part) => [
    { run: part, node: "n", role: "r" },
    { run: "R", node: part, role: "r" },
    { run: "R", node: "n", role: part },
  ]);
  for (const [index, each] of names.entries()) await logs.append(each, Buffer.from(`${index}`));
  for (const [index, each] of names.entries()) expect(text((await logs.read(each, 0)).bytes)).toBe(`${index}`);
  const files = (await readdir(dir, { recursive: true })).filter((file) => file.endsWith(".log"));
  expect(files).toHaveLength(names.length);
});

test("a folder that cannot be made is a coded problem", async () => {
  await writeFile(join(dir, "file"), "");
  expect(await codeOf(openLogs(join(dir, "file")).append(name, Buffer.from("x")))).toBe("STORE_UNAVAILABLE");
});
