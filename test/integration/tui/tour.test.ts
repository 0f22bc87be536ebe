import { expect, test } from "vitest";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { halligan, temporaryFolder } from "../../cli/run-cli.ts";
import { openPty } from "../../support/pty.ts";

const question = /Apply this plan\? \[y\/N\] $/u;

test("the tour ends in the terminal UI on its own cluster, and the lab stays up", async () => {
  using folder = temporaryFolder();
  try {
    await using tour = openPty(["lab", "tour"], { cwd: folder.path });
    let asked = 0;
    const ended = (): boolean => tour.raw().includes("Press enter to see this cluster");
    while (!ended()) {
      await tour.until(() => ended() || question.test(tour.screen().join("\n").trimEnd().concat(" ")), 150_000);
      if (ended()) break;
      tour.press("y\r");
      asked += 1;
      await tour.until(() => ended() || !question.test(tour.screen().join("\n").trimEnd().concat(" ")), 150_000);
    }
    expect(asked).toBe(4);
    tour.press("\r");
    await tour.see(/^› {2}n1 .*✔ ok/mu);
    tour.press("q");
    await tour.see("The lab is still up");
    expect(await tour.exit).toEqual({ code: 0, signal: 0 });
    expect(existsSync(join(folder.path, "lab/cluster.yaml"))).toBe(true);
  } finally {
    await halligan(["lab", "down", "--discard", "--yes"], { cwd: join(folder.path, "lab") });
  }
}, 240_000);
