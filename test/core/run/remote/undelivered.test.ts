import { expect, test } from "vitest";
import type { Exit, RemoteCommand } from "../../../../src/core/ports.ts";
import { superviseJob } from "../../../../src/core/run/remote/job.ts";
import type { NodeLink } from "../../../../src/core/run/remote/node-link.ts";

async function* said(text: string): AsyncGenerator<Uint8Array> {
  if (text !== "") yield Buffer.from(text);
}

function command(text: string, exit: Exit): RemoteCommand {
  return { stdout: said(text), stderr: said(""), exit: Promise.resolve(exit), abandon: () => undefined };
}

test("a script that never arrives whole, and of which the node has nothing each time, is given up with a reason", async () => {
  const asked: string[] = [];
  const link: NodeLink = {
    node: "n1",
    become: { kind: "none" },
    connection: {
      closed: new Promise(() => undefined),
      close: async () => undefined,
      exec: async (text) => {
        const attaches = text.includes("attached");
        asked.push(attaches ? "attach" : "send");
        return attaches
          ? command("HALLIGAN/1 feedbeef.R-1.1.web absent\n", { kind: "exited", code: 78 })
          : command("", { kind: "lost", reason: "the node did not answer keepalives for 15 s" });
      },
    },
  };
  const told: string[] = [];
  const ended = superviseJob(
    { name: "feedbeef.R-1.1.web", scope: "feedbeef", token: "1", script: [new Uint8Array(20_000)] } as never,
    {
      link: async () => link,
      clock: { now: () => 0, sleep: async (ms, signal) => (ms > 60_000 ? await until(signal) : undefined) },
      beforeSend: async () => undefined,
      onFrame: async () => undefined,
      onContact: async (contact) => void told.push(contact),
      patienceMs: 60_000,
    },
    { attachFirst: false, signal: new AbortController().signal },
  );
  await expect(ended).rejects.toMatchObject({
    code: "CONNECTION_LOST",
    message: expect.stringMatching(/broke 9 times while 20 KiB .* nothing was started/u) as unknown,
  });
  expect(asked.filter((each) => each === "send")).toHaveLength(9);
  expect(told.slice(0, 2)).toEqual(["lost", "back"]);
});

/** Sleeps until the signal. */
async function until(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
}
