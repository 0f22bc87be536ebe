import { runPresenter } from "../../src/cli/live/presenter.ts";
import { processTerminal } from "../../src/cli/live/terminal.ts";
import { processOutput } from "../../src/cli/output.ts";
import { renderAnswer } from "../../src/cli/render.ts";
import { createScreen } from "../../src/cli/screen.ts";
import { watchCommand } from "../../src/core/commands/watch.ts";
import { planBody } from "../core/run/plans.ts";
import { openFakeHouse } from "./fake-house.ts";

// `halligan watch` as the command line puts it together, on the store in a folder: node live-child.ts FOLDER
const leaving = new AbortController();
const leave = (): void => leaving.abort(new Error("the person left"));
const output = processOutput(leave);
const screen = createScreen({ isTerminal: process.stdout.isTTY, columns: process.stdout.columns, plain: false, environment: process.env });
const presenter = runPresenter({
  output,
  outScreen: screen,
  errScreen: screen,
  ...(screen.live ? { terminal: processTerminal() } : {}),
  leave,
});
process.on("SIGINT", () => {
  if (presenter.interrupt() === "leave") leave();
});
process.on("SIGTERM", leave);
const house = await openFakeHouse(process.argv[2] ?? "", planBody());
const answer = await watchCommand.run(
  {
    house: async () => house,
    local: undefined as never,
    pass: (passing) => presenter.pass(passing),
    confirm: async () => undefined,
    offerCancel: presenter.offerCancel,
    signal: leaving.signal,
    by: "ann",
    front: "cli",
    authorise: async () => undefined,
    cwd: "/",
  },
  {},
);
presenter.end();
await house.close();
output.out(await renderAnswer(answer, screen));
await output.flush();
process.exit(answer.exit);
