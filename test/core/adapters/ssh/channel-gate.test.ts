import { describe, expect, it } from "vitest";
import { createChannelGate, maxChannels } from "../../../../src/core/adapters/ssh/channel-gate.ts";

describe("the channel gate", () => {
  it("lets eight in, and the next one when one leaves, in order; leaving twice counts once", async () => {
    const gate = createChannelGate();
    const leaves = await Promise.all(Array.from({ length: maxChannels }, () => gate.enter()));
    const order: string[] = [];
    const ninth = gate.enter().then(() => order.push("ninth"));
    const tenth = gate.enter().then(() => order.push("tenth"));
    await Promise.resolve();
    expect(order).toEqual([]);
    leaves[0]?.();
    leaves[0]?.();
    await ninth;
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual(["ninth"]);
    leaves[1]?.();
    await tenth;
  });

  it("tells those that would give way that somebody waits, as long as they are inside", async () => {
    const gate = createChannelGate();
    const told: string[] = [];
    const [first] = await Promise.all([gate.enter(() => told.push("first")), gate.enter(() => told.push("second"))]);
    const others = await Promise.all(Array.from({ length: maxChannels - 2 }, () => gate.enter()));
    expect(told).toEqual([]);
    const ninth = gate.enter();
    expect(told).toEqual(["first", "second"]);
    first();
    await ninth;
    const tenth = gate.enter();
    expect(told).toEqual(["first", "second", "second"]);
    others[0]?.();
    await tenth;
  });

  it("narrows to what the server allows, and says when nothing is open at all", async () => {
    const gate = createChannelGate();
    const first = await gate.enter();
    const second = await gate.enter();
    expect(gate.refused()).toBe(true);
    second();
    let entered = false;
    const waiting = gate.enter().then((leave) => {
      entered = true;
      return leave;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(entered).toBe(false);
    first();
    await waiting;
    expect(gate.refused()).toBe(false);
  });

  it("rejects everybody once it has ended", async () => {
    const gate = createChannelGate();
    await Promise.all(Array.from({ length: maxChannels }, () => gate.enter()));
    const waiting = gate.enter();
    gate.end(new Error("over"));
    await expect(waiting).rejects.toThrow("over");
    await expect(gate.enter()).rejects.toThrow("over");
  });
});
