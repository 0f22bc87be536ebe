import { expect, test } from "vitest";
import { useScene } from "../../support/bot-scene.ts";
import { useServedHttp } from "../../support/serve-process.ts";

const scene = useScene();

test.each(["socket", "http"] as const)(
  "over %s: plan, reject with a reason, plan again, approve, follow, fail, retry, roll back",
  { timeout: 400_000 },
  async (transport) => {
    const { slack } = scene;
    const { alice, bob, room, see, ask, intent, applied } = scene.stage;
    intent({ text: `first-${transport}` });
    const served = transport === "http" ? scene.serve("--http", "0") : scene.serve();
    if (transport === "http") await useServedHttp(served, slack);
    else await slack.until("both connections", () => slack.sockets.count === 2);

    await alice.command(room, "plan test-lab");
    await ask(alice, /^Plan P-1 /u, "Ask for approval");
    await alice.submit();
    await ask(bob, /^Plan P-1 /u, "Reject…");
    await bob.submit({ value: "Not before the backup" });
    const rejected = await see(/^Plan P-1 .*Not before the backup/su, "Plan again");
    expect(rejected.buttons.map(({ label }) => label)).not.toContain("Apply…");
    expect(rejected.text).toContain("rejected");

    // Another plan than the rejected one.
    intent({ text: `better-${transport}` });
    await alice.click("Plan again", { channel: room.id, message: rejected.message.ts });
    await see(/^Plan P-2 /u, "Ask for approval");
    await applied("P-2");
    await see(/^Run R-1 .*Succeeded/su);

    intent({ text: `second-${transport}`, broken: true });
    await alice.mention({ channel: room.id }, "plan test-lab");
    await see(/^Plan P-3 /u, "Ask for approval");
    await applied("P-3");
    await see(/^Run R-2 .*Failed.*n1\/greeting/su, "Retry failed…");

    // Mended, and tried again; then back to what stood before.
    intent({ text: `third-${transport}` });
    await ask(alice, /^Run R-2 .*Failed/su, "Retry failed…");
    await alice.submit();
    await see(/^Plan P-4 /u, "Ask for approval");
    await applied("P-4");
    const overtaken = await see(/^Run R-2 .*R-3 has come after it/su);
    expect(overtaken.buttons.map(({ label }) => label)).toEqual(["Logs"]);
    await ask(alice, /^Run R-3 .*Succeeded/su, "Roll back…");
    await alice.submit();
    await see(/^Plan P-5 /u, "Ask for approval");
    await applied("P-5");
    await see(/^Run R-4 .*Succeeded/su);

    expect(slack.violations).toEqual([]);
    expect(await served.end()).toBe(0);
  },
);
