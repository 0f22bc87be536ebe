import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openSocket } from "../../../../src/core/adapters/ssh/socket.ts";
import { createSocketsAhead } from "../../../../src/core/adapters/ssh/sockets-ahead.ts";
import type { SshTarget } from "../../../../src/core/ports.ts";

let server: Server;
let place: { readonly address: string; readonly port: number };
let accepted: Socket[];
const never = new AbortController().signal;

beforeEach(async () => {
  accepted = [];
  server = createServer((socket) => {
    accepted.push(socket.on("error", () => undefined));
    socket.write("SSH-2.0-test\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  place = { address: "127.0.0.1", port: (server.address() as AddressInfo).port };
});

afterEach(() => {
  vi.useRealTimers();
  for (const each of accepted) each.destroy();
  server.close();
});

const target = (to = place): SshTarget => ({ ...to, node: "n1", user: "root", jumps: [] }) as unknown as SshTarget;

/** What the server said first. */
async function greeting(socket: Socket): Promise<string> {
  return String((await once(socket, "data"))[0]);
}

test("a connection that was opened ahead is taken once, with what the server has said by then", async () => {
  const ahead = createSocketsAhead();
  ahead.open([place, place]);
  await vi.waitFor(() => expect(accepted).toHaveLength(1));
  const first = await openSocket(target(), never, ahead);
  expect(await greeting(first)).toBe("SSH-2.0-test\r\n");
  expect(accepted).toHaveLength(1);
  const second = await openSocket(target(), never, ahead);
  expect(await greeting(second)).toBe("SSH-2.0-test\r\n");
  expect(accepted).toHaveLength(2);
  for (const each of [first, second]) each.destroy();
});

test("one that is taken while it is being opened is waited for", async () => {
  const ahead = createSocketsAhead();
  ahead.open([place]);
  const socket = await openSocket(target(), never, ahead);
  expect(await greeting(socket)).toBe("SSH-2.0-test\r\n");
  expect(accepted).toHaveLength(1);
  socket.destroy();
});

test("one that the server has closed, or nobody has taken for a while, is not given out", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const ahead = createSocketsAhead();
  ahead.open([place]);
  await vi.waitFor(() => expect(accepted).toHaveLength(1));
  const [socket] = accepted as [Socket];
  const closed = once(socket, "close");
  vi.advanceTimersByTime(5_000);
  socket.resume();
  await closed;
  expect(ahead.take(place)).toBeUndefined();
});

test("a place that refuses is told to whoever connects", async () => {
  const ahead = createSocketsAhead();
  server.close();
  await once(server, "close");
  ahead.open([place]);
  await expect(openSocket(target(), never, ahead)).rejects.toMatchObject({ code: "HOST_UNREACHABLE" });
  await expect(openSocket(target(), never, ahead)).rejects.toMatchObject({ code: "HOST_UNREACHABLE" });
});
