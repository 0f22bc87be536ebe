/** Another process that uses a store: `node store-actor.ts URL WHAT [ARG]`; it reports on stdout, one line of JSON each. */
import { writeSync } from "node:fs";
import { openStore } from "../../src/core/adapters/store/open.ts";
import { hasCode } from "../../src/core/errors.ts";
import type { Store } from "../../src/core/ports.ts";

const say = (value: unknown): void => {
  writeSync(1, `${JSON.stringify(value)}\n`);
};

/** Adds `count` events to one stream, each on the version it has just read. */
async function increment(store: Store, count: number): Promise<void> {
  let conflicts = 0;
  for (let done = 0; done < count; ) {
    const version = (await store.read({ stream: "counter", limit: 1_000_000 })).length;
    try {
      await store.append("counter", [{ type: "incremented", data: { by: process.pid } }], { expected: version });
      done++;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
      conflicts++;
    }
  }
  say({ conflicts });
}

/** Delivers the same clicks that every other process delivers too, then tries to start the run. */
async function approve(store: Store): Promise<void> {
  for (const user of ["ann", "bob", "ann", "bob"]) {
    for (let times = 0; times < 5; times++) {
      await store.append("approval:A-1", [{ type: "granted", data: { user } }], { commandId: `approve:A-1:${user}` });
    }
  }
  let started = 0;
  try {
    await store.append("run:A-1", [{ type: "started", data: { by: process.pid } }], { expected: 0 });
    started = 1;
  } catch (error) {
    if (!hasCode(error, "VERSION_CONFLICT")) throw error;
  }
  say({ started });
}

/** Appends numbered pairs until it is killed, saying each number once it is acknowledged. */
async function spam(store: Store, from: number): Promise<void> {
  say("ready");
  for (let number = from; ; number++) {
    const pair = [
      { type: "first", data: { number } },
      { type: "second", data: { number } },
    ];
    await store.append("spam", pair, { commandId: `c-${number}` });
    say(number);
  }
}

/** Appends `count` events of its own, many at once. */
async function write(store: Store, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, index) => store.append(`writer-${process.pid}`, [{ type: "written", data: { index } }])),
  );
  say({ count });
}

const [url = "", what = "", argument = "0"] = process.argv.slice(2);
const store = await openStore(url);
if (what === "increment") await increment(store, Number(argument));
else if (what === "approve") await approve(store);
else if (what === "spam") await spam(store, Number(argument));
else if (what === "write") await write(store, Number(argument));
else if (what === "open") say("opened");
else throw new Error(`unknown actor ${what}`);
await store.close();
