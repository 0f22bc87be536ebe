import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { endSession } from "../../../src/core/run/exec/node-text.ts";

test("KILL leaves nothing of a session, also where a command comes before its shell in /proc", () => {
  // In a process table of its own the shell is 99 and its command 100, which /proc lists first; what it starts next is seen by no first look.
  const script = `echo 98 >/proc/sys/kernel/ns_last_pid
    setsid sh -c 'echo $$; sleep 701; sleep 702; sleep 703; sleep 704' &
    until [ -d /proc/100 ]; do :; done
    sh -c "$END"
    for q in /proc/[0-9]*; do read -r t <$q/stat; t=\${t##*) }; set -- $t; [ "$4" = 99 ] && [ "$1" != Z ] && echo "left: $q"; done; echo looked`;
  const said = execFileSync("unshare", ["--pid", "--fork", "--mount-proc", "sh", "-c", script], {
    encoding: "utf8",
    timeout: 20_000,
    env: { PATH: process.env["PATH"], END: endSession(99, "KILL") },
  });
  expect(said.trim().split("\n")).toEqual(["99", "looked"]);
});
