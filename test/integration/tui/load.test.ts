import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { node } from "../../cli/run-cli.ts";
import { writeBigRun } from "../../support/big-run.ts";
import { openPty } from "../../support/pty.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "halligan-load-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("1,000 nodes and 200 events a second: few frames, few bytes, nothing at all while nothing happens", async () => {
  const state = await writeBigRun(folder, 1_000, 4);
  await using tui = openPty(["tui"], { cwd: folder });
  await tui.see(/^› {2}n1 /mu);
  await tui.see("1000 nodes");
  await sleep(3_000);
  const idleFrom = tui.raw().length;
  await sleep(3_000);
  expect(tui.raw().length - idleFrom).toBeLessThan(2_000);
  const writer = spawn(node, [join(import.meta.dirname, "../../support/run-writer.ts"), state, "200"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await tui.see(/R-1 running [1-9]/u);
    const [from, began] = [tui.raw().length, performance.now()];
    await sleep(5_000);
    const raw = tui.raw().slice(from);
    const seconds = (performance.now() - began) / 1_000;
    expect(raw.split("\u001b[?2026h").length - 1).toBeGreaterThan(0);
    expect((raw.split("\u001b[?2026h").length - 1) / seconds).toBeLessThanOrEqual(15);
    expect(Buffer.byteLength(raw) / seconds).toBeLessThanOrEqual(30_000);
    tui.press("G");
    await tui.see(/^› {2}n1000 /mu);
  } finally {
    writer.kill("SIGKILL");
  }
});

test("any bytes on the keyboard: it goes on, and nothing is changed", async () => {
  const nodes = ["n1", "n2", "n3"].map((name, at) => `  ${name}: { address: 127.9.9.${at + 1}, port: 9 }`);
  writeFileSync(join(folder, "cluster.yaml"), `${["halligan: 1", "cluster: lone", "nodes:", ...nodes].join("\n")}\n`);
  await using tui = openPty(["tui"], { cwd: folder, env: { EDITOR: "true", VISUAL: "true", PAGER: "cat" } });
  await tui.see(/^› {2}n1 /mu);
  // Without keys that leave, stop, or begin a program of their own; `:` is emptied and left before enter could run a line.
  const piece = fc.oneof(
    fc.constantFrom(
      ..."jkgGsJK<>?1256789_*/&".split(""),
      "\u001b[A",
      "\u001b[B",
      "\u001b[5~",
      "\u001b[6~",
      "\t",
      "\u001b[Z",
      "\u001b[15~",
      "\u001b[<0;3;4M",
      "\u001b[I",
      "\u001b[200~yes\r\u001b[201~",
    ),
    fc.string({ minLength: 1, maxLength: 3, unit: "grapheme" }).map((text) => `:${text.replaceAll(/[\p{C}qdp!]/gu, "")}\u0015\u007f`),
    fc.constantFrom("A\u001b", "X\u001b", "\u001bOP", "\u001b[99999;9999H", "\u0000", "\u009b31m"),
  );
  const pieces = fc.sample(piece, { numRuns: 400, seed: 20_261_121 });
  for (const [index, text] of pieces.entries()) {
    tui.press(text);
    if (index % 40 === 0) tui.resize(40 + ((index * 7) % 200), 8 + ((index * 3) % 60));
    if (index % 20 === 0) await sleep(30);
  }
  tui.resize(100, 30);
  await sleep(500);
  tui.press("\u0003"); // leaves what may lie over the page; leaves the program where nothing does
  await sleep(500);
  const ended = await Promise.race([tui.exit, sleep(1).then(() => undefined)]);
  if (ended === undefined) tui.press("\u0003");
  expect(await tui.exit).toEqual({ code: 0, signal: 0 });
  expect(tui.raw()).not.toMatch(/BUG:|TypeError|RangeError/u);
});
