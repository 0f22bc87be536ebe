import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { openStage, type Stage } from "./bot-stage.ts";
import { startSandbox, type TestLab } from "./lab.ts";
import { type Served, startServe } from "./serve-process.ts";
import { type SlackDouble, startSlackDouble } from "./slack-double/double.ts";

/** What a test of the bot plays on: a node, a Slack, and any number of `serve`, all of them real but Slack. */
export interface Scene {
  /** The node and its cluster folder, for all tests of the file. */
  readonly lab: TestLab;
  /** Slack, anew for each test. */
  readonly slack: SlackDouble;
  /** The people, the channel and what they do there, anew for each test. */
  readonly stage: Stage;
  /** Starts `serve` with further arguments; it is killed after the test unless it has ended. */
  serve(...args: readonly string[]): Served;
}

/** Sets the scene for the tests of a file: call it at its top. */
export function useScene(): Scene {
  const running: Served[] = [];
  let lab: TestLab;
  let slack: SlackDouble;
  let stage: Stage;
  beforeAll(async () => {
    lab = await startSandbox(1);
  });
  afterAll(async () => {
    await lab.dispose();
  });
  beforeEach(async () => {
    // How soon the bot answers is tested elsewhere: a busy machine must not fail what is tested here.
    slack = await startSlackDouble({ triggerMs: 60_000, ackMs: 30_000 });
    stage = openStage(lab, slack);
  });
  afterEach(async () => {
    for (const served of running.splice(0)) await served.end("SIGKILL");
    await slack.close();
  });
  return {
    get lab() {
      return lab;
    },
    get slack() {
      return slack;
    },
    get stage() {
      return stage;
    },
    serve(...args) {
      const served = startServe(lab.folder, args, slack);
      running.push(served);
      return served;
    },
  };
}
