import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "../../../src/core/ports.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { run, targetOf, transports } from "./rig.ts";

const digestOf = (pieces: readonly Uint8Array[]): string => {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
};

/** Pieces of many sizes: empty ones, some just about a packet, some larger than several. */
const sizes = [0, 1, 700, 32_767, 32_768, 32_769, 5, 0, 200_000, 4_095, 4_096, 4_097, 1];

describe.each(transports)("what is sent to commands over $name", ({ name, transport }) => {
  let sshd: Sshd | undefined;
  const connections: Connection[] = [];
  beforeAll(async () => {
    // Keys are exchanged anew again and again, in the middle of what is sent.
    const started = await startSshd({ config: { RekeyLimit: "300K" } });
    sshd = started;
    for (let count = 0; count < 3; count += 1) connections.push(await transport.connect(targetOf(started, name)));
    // What goes over a jump host is encrypted twice, one inside the other.
    connections.push(await transport.connect(targetOf(started, name, { jumps: [targetOf(started, name, { node: "j1" })] })));
  });
  afterAll(async () => {
    await Promise.all(connections.map((each) => each.close()));
    await sshd?.stop();
  });

  it("arrives as it is, whatever is sent at the same time over this connection and others", async () => {
    const sent = connections.flatMap((connection) =>
      [0, 1, 2, 3].map(() => ({ connection, pieces: sizes.map((size) => randomBytes(size)) })),
    );
    const heard = await Promise.all(
      sent.map(async ({ connection, pieces }) => (await run(connection, "sha256sum", pieces)).out.replace(/\s+-\s*$/, "")),
    );
    expect(heard).toEqual(sent.map(({ pieces }) => digestOf(pieces)));
  });

  it("arrives as it is while the other side takes its time", async () => {
    const pieces = Array.from({ length: 40 }, () => randomBytes(100_000));
    const slow = run(connections[0] as Connection, "sleep 1; sha256sum", pieces);
    const others = connections.slice(1).map((connection) => run(connection, "sha256sum", pieces));
    for (const { out } of await Promise.all([slow, ...others])) expect(out).toContain(digestOf(pieces));
  });

  it("is over when there are no pieces, or only empty ones", async () => {
    for (const pieces of [[], [new Uint8Array()]]) expect((await run(connections[0] as Connection, "wc -c", pieces)).out.trim()).toBe("0");
  });
});
