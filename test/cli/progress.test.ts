import { expect, test } from "vitest";
import type { Output } from "../../src/cli/output.ts";
import { type Progress, progressLine } from "../../src/cli/progress.ts";
import { colourful, paper } from "./views/screens.ts";
import type { Screen } from "../../src/cli/screen.ts";

const told = (screen: Screen, use: (progress: Progress, pass: (ms: number) => void) => void): string => {
  let [text, now] = ["", 0];
  const output: Output = {
    out: () => undefined,
    document: async () => undefined,
    err: (piece) => (text += piece),
    broken: false,
    flush: async () => undefined,
  };
  use(
    progressLine(output, screen, () => now),
    (ms) => (now += ms),
  );
  return text;
};

test("without a terminal: a line per phase, and one more only after five seconds", () => {
  const text = told(paper, (progress, pass) => {
    for (let done = 1; done <= 3; done += 1) progress.show({ type: "progress", what: "discover", done, total: 3, item: `n${done}` });
    for (let done = 1; done <= 100; done += 1) {
      progress.show({ type: "progress", what: "check", done, total: 100, item: `n${done}/web` });
      pass(120);
    }
  });
  expect(text.trimEnd().split("\n")).toEqual([
    "Looking at 3 nodes",
    "Checking 100 node-roles",
    "Checking 100 node-roles: 43 of 100",
    "Checking 100 node-roles: 85 of 100",
  ]);
});

test("without a terminal: what takes its time without getting further is told", () => {
  const text = told(paper, (progress) => {
    progress.show({ type: "progress", what: "lab up", done: 0, total: 2, item: "installing systemd-container" });
    progress.show({ type: "progress", what: "lab up", done: 0, total: 2, item: "building trixie" });
    progress.show({ type: "progress", what: "lab up", done: 1, total: 2, item: "n1" });
    progress.show({ type: "progress", what: "lab up", done: 2, total: 2, item: "n2" });
  });
  expect(text).toBe("Bringing up 2 machines, installing systemd-container\nBringing up 2 machines: 0 of 2, building trixie\n");
});

test("on a terminal: one line, narrower than it, that is redrawn and goes away", () => {
  const text = told(colourful(31), (progress) => {
    progress.show({ type: "progress", what: "check", done: 1, total: 2, item: "n1/a-very-long-name-of-a-role" });
    progress.show({ type: "progress", what: "check", done: 2, total: 2, item: "n2/web" });
    progress.clear();
    progress.clear();
  });
  expect(text).toBe("\r\u001b[KChecking 2 node-roles: 1 of 2…\r\u001b[KChecking 2 node-roles: 2 of 2…\r\u001b[K");
});
