/**
 * Loaded into a process of ours before anything else (`node --import`): its wall clock is off by as many ms as the file says that HALLIGAN_TEST_CLOCK
 * names (default: `clock` in its working folder), and jumps when the file changes. Timers go on as they are: a clock that is set does not move them either.
 */
import { readFileSync } from "node:fs";

const file = process.env.HALLIGAN_TEST_CLOCK ?? "clock";
const real = Date.now;
let offsetMs = 0;

function read() {
  try {
    offsetMs = Number(readFileSync(file, "utf8")) || 0;
  } catch {
    // no file yet: no offset
  }
}

read();
setInterval(read, 50).unref();
Date.now = () => real() + offsetMs;
globalThis.Date = new Proxy(Date, {
  construct: (target, args, wanted) => Reflect.construct(target, args.length === 0 ? [Date.now()] : args, wanted),
});
