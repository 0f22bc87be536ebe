import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { secretFromCommand } from "../../../../src/core/adapters/secrets/command-source.ts";
import { HalliganError } from "../../../../src/core/errors.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "halligan-command-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const from = (words: readonly string[], deadlineMs = 20_000) =>
  secretFromCommand({
    words,
    folder,
    environment: { PATH: process.env["PATH"], GREETING: "hello" },
    deadlineMs,
    what: "secret db.password",
  });

async function problemOf(words: readonly string[], deadlineMs?: number): Promise<string> {
  const error: unknown = await from(words, deadlineMs).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(HalliganError);
  expect((error as HalliganError).code).toBe("SECRET_COMMAND_FAILED");
  expect(inspect(error, { depth: 9 })).not.toContain("CANARY");
  return (error as HalliganError).problems[0].message;
}

test.each([
  [["printf", "one line\\n"], "one line"],
  [["printf", "two\\nlines\\n\\n"], "two\nlines\n"],
  [["printf", "windows\\r\\n"], "windows"],
  [["printf", "%s", "$HOME `id` *; x"], "$HOME `id` *; x"],
  [["printenv", "GREETING"], "hello"],
  [["pwd"], undefined],
])("what a program prints is the secret, but for one newline: %j", async (words, value) => {
  expect((await from(words)).reveal()).toBe(value ?? folder);
});

test("its input is closed, and what it says on standard error is not shown", async () => {
  expect((await from(["sh", "-c", "cat; echo CANARY >&2; echo fine"])).reveal()).toBe("fine");
  expect(await problemOf(["sh", "-c", "echo CANARY; echo CANARY >&2; exit 7"])).toContain("exit code 7");
});

test.each([
  [["no-such-program-here"], "is not there"],
  [["/"], "cannot be started (EACCES)"],
  [["true"], "printed nothing"],
  [["printf", "\\377\\376"], "not text"],
  [["sh", "-c", "kill -9 $$"], "SIGKILL"],
  [["sh", "-c", "echo CANARY; yes CANARY"], "more than 65536 bytes"],
])("what gives no secret is told by its program alone: %j", async (words, says) => {
  const message = await problemOf(words);
  expect(message).toContain(says);
  expect(message).toContain(`the program ${words[0]}`);
});

test("one that does not end is killed with all that it started", async () => {
  expect(await problemOf(["sh", "-c", "sleep 300 & echo $! >child; wait"], 700)).toContain("did not end");
  const child = readFileSync(join(folder, "child"), "utf8").trim();
  for (let tries = 0; tries < 100 && isAlive(child); tries++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isAlive(child)).toBe(false);
});

/** A killed child that nobody has waited for yet counts as ended. */
function isAlive(pid: string): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) [ZX] /u.test(readFileSync(stat, "latin1"));
}
