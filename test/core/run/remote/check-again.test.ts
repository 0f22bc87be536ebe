import { expect, test } from "vitest";
import type { Connection, Exit } from "../../../../src/core/ports.ts";
import { runCheckAgain } from "../../../../src/core/run/remote/check.ts";
import type { NodeLink } from "../../../../src/core/run/remote/node-link.ts";

async function* said(text: string): AsyncGenerator<Uint8Array> {
  if (text !== "") yield Buffer.from(text);
}

const lost: Exit = { kind: "lost", reason: "the node did not answer keepalives for 15 s" };
const full = "HALLIGAN/1 plan.web nospace\n";

/** Asks nodes whose connections answer so, one after another, and says how it ended and how many were asked. */
async function ask(...answers: readonly (readonly [text: string, exit: Exit])[]): Promise<readonly [code: unknown, asked: number]> {
  let asked = 0;
  const link = (): NodeLink => {
    const [text, exit] = answers[asked] ?? ["", lost];
    const exec: Connection["exec"] = async () => {
      asked += 1;
      return { stdout: said(text), stderr: said(""), exit: Promise.resolve(exit), abandon: () => undefined };
    };
    return {
      node: "n1",
      become: { kind: "none" },
      connection: { closed: new Promise(() => undefined), close: async () => undefined, exec },
    };
  };
  const limits = { clock: { now: () => 0, sleep: async (_ms: number, signal?: AbortSignal) => await until(signal) }, deadlineMs: 60_000 };
  const code = await runCheckAgain(async () => link(), "plan.web", [new Uint8Array(10)], limits).catch(
    (error: { code?: unknown }) => error.code,
  );
  return [code, asked];
}

async function until(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
}

test("a check whose connection breaks is asked once more over another one", async () => {
  expect(await ask(["", lost], [full, { kind: "exited", code: 1 }])).toEqual(["NODE_DISK_FULL", 2]);
  expect(await ask(["", lost], ["", lost], [full, { kind: "exited", code: 1 }])).toEqual(["CONNECTION_LOST", 2]);
});

test("what a node did answer is not asked again", async () => {
  expect(await ask([full, { kind: "exited", code: 1 }], [full, { kind: "exited", code: 1 }])).toEqual(["NODE_DISK_FULL", 1]);
});
