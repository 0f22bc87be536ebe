import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { awaitTurn, beatEveryMs, standbyWords } from "../../src/cli/house/standby.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Lets what was written be read, which needs no clock. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A standby and the other end of its pipe. */
function standby() {
  const pipe = new PassThrough();
  const turn = awaitTurn(pipe);
  let over = false;
  void turn.then(() => {
    over = true;
  });
  return { pipe, turn, isOver: () => over };
}

describe("the turn of an engine process", () => {
  test("an engine whose starter has said all begins at once, with the answers", async () => {
    const { pipe, turn } = standby();
    pipe.end('{"SSH password of ops":"geheim"}\n');
    expect((await turn)?.answers).toEqual({ "SSH password of ops": "geheim" });
  });

  test("a standby waits as long as its starter lives, and begins when it is told to", async () => {
    const { pipe, turn, isOver } = standby();
    pipe.write('{"a":"b"}\n');
    for (let beats = 0; beats < 20; beats += 1) {
      pipe.write("\n");
      await settle();
      await vi.advanceTimersByTimeAsync(beatEveryMs);
    }
    expect(isOver()).toBe(false);
    pipe.write(`${standbyWords.begin}\n`);
    expect((await turn)?.answers).toEqual({ a: "b" });
  });

  test("it begins when the starter has fallen silent, and hears afterwards that nothing is left to do", async () => {
    const { pipe, turn, isOver } = standby();
    pipe.write("{}\n");
    await settle();
    await vi.advanceTimersByTimeAsync(beatEveryMs * 2);
    expect(isOver()).toBe(false);
    await vi.advanceTimersByTimeAsync(beatEveryMs * 2);
    const begun = await turn;
    expect(begun?.dismissed.aborted).toBe(false);
    pipe.write(`${standbyWords.dismiss}\n`);
    await settle();
    expect(begun?.dismissed.aborted).toBe(true);
  });

  test("it begins when the starter is gone, and ends when it is dismissed", async () => {
    const killed = standby();
    killed.pipe.write("{}\n");
    killed.pipe.end();
    expect((await killed.turn)?.answers).toEqual({});
    const dismissed = standby();
    dismissed.pipe.end(`{}\n${standbyWords.dismiss}\n`);
    expect(await dismissed.turn).toBeUndefined();
  });
});
