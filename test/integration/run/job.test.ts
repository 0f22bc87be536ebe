import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/cli/house/clock.ts";
import type { Frame } from "../../../src/core/jigs/resolved.ts";
import { superviseJob, type Job, type JobEnd } from "../../../src/core/run/remote/job.ts";
import { askNode } from "../../../src/core/run/remote/node-link.ts";
import { attachCommand, cacheCommand, cancelCommand, cleanCommand, nodeExit } from "../../../src/core/run/remote/node-shell.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { type TestLinks, testLinks } from "../../support/nodes.ts";

/** A script in the shape of a job's: frames to log and channel, written by hand so that this test does not depend on the jig. */
function handScript(body: string): Uint8Array {
  return Buffer.from(
    [
      "trap '' HUP PIPE",
      'exec 3>>"$HG_JOB/log"',
      'frame() { printf \'@ %s %s\\n%s\\n\' "$1" ${#2} "$2" >&3; [ "$HG_CHANNEL" = 1 ] && printf \'@ %s %s\\n%s\\n\' "$1" ${#2} "$2" 2>/dev/null; :; }',
      "count() { echo x >>/root/count; }",
      body,
      'rm -rf "$HG_VOLATILE"',
      "exit 0",
      "",
    ].join("\n"),
  );
}

let lab: TestLab;
let links: TestLinks;
let number = 0;

beforeAll(async () => {
  lab = await startSandbox(1);
  links = testLinks(lab.targets);
});

afterAll(async () => {
  await links?.end();
  await lab?.dispose();
});

async function onNode(command: string): Promise<string> {
  const { connection } = await links.link("n1");
  const run = await connection.exec(command);
  const chunks: Uint8Array[] = [];
  for await (const chunk of run.stdout) chunks.push(chunk);
  for await (const _ of run.stderr);
  return Buffer.concat(chunks).toString();
}

function jobOf(body: string, parts: Partial<Job> = {}): Job {
  number += 1;
  return { name: `feedbeef.R-${number}.1.web`, scope: "feedbeef", fence: "1", script: [handScript(body)], ...parts };
}

async function supervise(
  job: Job,
  options: { attachFirst?: boolean; onFrame?: (frame: Frame) => Promise<void>; signal?: AbortSignal; patienceMs?: number } = {},
): Promise<{ end: JobEnd; frames: Frame[]; contacts: string[]; prepared: number }> {
  const frames: Frame[] = [];
  let prepared = 0;
  const contacts: string[] = [];
  const end = await superviseJob(
    job,
    {
      link: (signal) => links.link("n1", signal),
      clock: systemClock,
      patienceMs: options.patienceMs ?? 20_000,
      beforeSend: async () => {
        prepared += 1;
      },
      onFrame: async (frame) => {
        frames.push(frame);
        await options.onFrame?.(frame);
      },
      onContact: async (contact) => {
        contacts.push(contact);
      },
    },
    { attachFirst: options.attachFirst ?? false, signal: options.signal ?? new AbortController().signal },
  );
  return { end, frames, contacts, prepared };
}

function indices(frames: readonly Frame[]): number[] {
  return frames.flatMap((frame) => (frame.type === "begin" ? [frame.index] : []));
}

const done = { type: "done", status: "changed", message: "" };

describe("a job", () => {
  test("that an engine left before it was sent gets what it needs on the node, one that is there does not", async () => {
    const job = jobOf("frame 'begin 0' ''; count; frame 'end 0 changed 0 10' ''; frame 'done changed' ''");
    const first = await supervise(job, { attachFirst: true });
    expect([first.end, first.prepared]).toEqual([done, 1]);
    const again = await supervise(job, { attachFirst: true });
    expect([again.end, again.prepared]).toEqual([done, 0]);
    expect(await onNode("wc -l </root/count; rm /root/count")).toBe("1\n");
  });

  test("runs once and tells its frames in order", async () => {
    const { end, frames } = await supervise(jobOf("frame 'begin 0' ''; count; frame 'end 0 changed 0 10' ''; frame 'done changed' ''"));
    expect(end).toEqual(done);
    expect(frames.map((frame) => frame.type)).toEqual(["begin", "end", "done"]);
    expect(await onNode("wc -l </root/count; rm /root/count")).toBe("1\n");
  });

  test("sent twice runs once: the second sender follows the first one's job", async () => {
    const job = jobOf("frame 'begin 0' ''; count; sleep 1; frame 'done changed' ''");
    const [first, second] = await Promise.all([supervise(job), supervise(job)]);
    expect([first.end, second.end]).toEqual([done, done]);
    expect(await onNode("wc -l </root/count; rm /root/count")).toBe("1\n");
  });

  test("goes on when the connection is cut, and is followed from the byte where reading stopped", async () => {
    const job = jobOf("i=0; while [ $i -lt 30 ]; do frame \"begin $i\" ''; count; sleep 0.1; i=$((i+1)); done; frame 'done changed' ''");
    let cuts = 0;
    const { end, frames, contacts } = await supervise(job, {
      onFrame: async (frame) => {
        if (frame.type === "begin" && frame.index % 10 === 5) {
          cuts += 1;
          await links.drop("n1");
        }
      },
    });
    expect(end).toEqual(done);
    expect(cuts).toBe(3);
    expect(contacts).toContain("lost");
    expect(indices(frames)).toEqual(Array.from({ length: 30 }, (_, index) => index));
    expect(await onNode("wc -l </root/count; rm /root/count")).toBe("30\n");
  });

  test("another engine attaches to it by name alone and reads it from the start", async () => {
    const job = jobOf("frame 'begin 0' ''; count; sleep 1; frame 'begin 1' ''; frame 'done changed' ''");
    const leaving = new AbortController();
    const first = supervise(job, { signal: leaving.signal, onFrame: async () => leaving.abort(new Error("killed")) });
    await expect(first).rejects.toThrow("killed");
    await links.drop("n1");
    const { end, frames } = await supervise(job, { attachFirst: true });
    expect(end).toEqual(done);
    expect(indices(frames)).toEqual([0, 1]);
    expect(await onNode("wc -l </root/count; rm /root/count")).toBe("1\n");
  });

  test("is sent after all when attaching finds that it never started", async () => {
    const { end } = await supervise(jobOf("count; frame 'done changed' ''"), { attachFirst: true });
    expect(end).toEqual(done);
    expect(await onNode("wc -l </root/count; rm /root/count")).toBe("1\n");
  });

  test("whose process is killed has an unknown outcome and is not run again", async () => {
    const job = jobOf("frame 'begin 0' ''; count; kill -9 $$");
    const { end } = await supervise(job);
    expect(end).toMatchObject({ type: "unknown" });
    expect((await supervise(job, { attachFirst: true })).end).toMatchObject({ type: "unknown" });
    expect(await onNode("wc -l </root/count; rm /root/count")).toBe("1\n");
  });

  test("of an engine that was replaced is refused", async () => {
    await supervise(jobOf("frame 'done changed' ''", { fence: "9", scope: "0000abcd" }));
    const { end } = await supervise(jobOf("count; frame 'done changed' ''", { fence: "8", scope: "0000abcd" }));
    expect(end).toEqual({ type: "fenced" });
    expect(await onNode("ls /root/count 2>/dev/null")).toBe("");
  });

  test("of an engine that is replaced between its look at the token and its start is refused, and leaves nothing", async () => {
    const job = jobOf("count; frame 'done changed' ''", { fence: "5", scope: "0000feed" });
    // The receiver reads this on its way, and waits until somebody writes it.
    const held = "/var/lib/halligan/jobs/held";
    await onNode(`mkdir -p ${held} && mkfifo ${held}/pid`);
    const replaced = supervise(job);
    while ((await onNode("cat /var/lib/halligan/fence-0000feed 2>/dev/null")) !== "5\n") await sleep(20);
    const { exit } = await askNode(await links.link("n1"), attachCommand({ ...job, fence: "6" }, 0));
    expect(exit).toEqual({ kind: "exited", code: nodeExit.absent });
    await onNode(`echo 1 1 none >${held}/pid`);
    expect((await replaced).end).toEqual({ type: "fenced" });
    expect(await onNode(`rm -r ${held}; ls -d /root/count /var/lib/halligan/jobs/${job.name} /run/halligan/${job.name} 2>/dev/null`)).toBe(
      "",
    );
  });

  test("does not start on a full disk, which keeps neither the token nor whose job it is", async () => {
    const scope = "0000f011";
    const folder = "/var/lib/halligan";
    await onNode(
      `mount -t tmpfs -o size=64k,mode=0700 tmpfs ${folder} && mkdir ${folder}/jobs && echo 5 >${folder}/fence-${scope}; cat /dev/zero >${folder}/filler`,
    );
    for (const fence of ["6", "5"])
      await expect(supervise(jobOf("count; frame 'done changed' ''", { fence, scope }))).rejects.toMatchObject({ code: "NODE_DISK_FULL" });
    expect(await onNode(`cat ${folder}/fence-${scope}; ls ${folder} ${folder}/jobs /root/count 2>/dev/null; umount -l ${folder}`)).toBe(
      `5\n${folder}:\nfence-${scope}\nfiller\njobs\n\n${folder}/jobs:\n`,
    );
  });

  test("of a worker whose turn is over is refused, whether it sends or attaches", async () => {
    const scope = "0000beef";
    const job = jobOf("frame 'done changed' ''", { fence: "9.9", scope });
    await supervise(job);
    // The next turn only attaches, and that is enough; turns are numbers, not decimals.
    expect((await supervise({ ...job, fence: "9.10" }, { attachFirst: true })).end).toMatchObject({ type: "done" });
    expect((await supervise({ ...job, fence: "9.9" }, { attachFirst: true })).end).toEqual({ type: "fenced" });
    expect((await supervise(jobOf("count; frame 'done changed' ''", { fence: "9.9", scope }))).end).toEqual({ type: "fenced" });
    expect((await supervise(jobOf("count; frame 'done changed' ''", { fence: "8.99", scope }))).end).toEqual({ type: "fenced" });
    expect(await onNode("ls /root/count 2>/dev/null; cat /var/lib/halligan/fence-0000beef")).toBe("9.10\n");
    // A later engine that works by itself.
    expect((await supervise(jobOf("frame 'done changed' ''", { fence: "10", scope }))).end).toMatchObject({ type: "done" });
  });

  test("that writes more than the channel may carry is read from its log", async () => {
    const body =
      "x=$(head -c 30000 /dev/zero | tr '\\0' y); i=0; while [ $i -lt 5 ]; do HG_CHANNEL=$([ $i = 0 ] && echo 1); frame \"out $i\" \"$x\"; i=$((i+1)); done; sleep 2; frame 'done changed' ''";
    const { end, frames } = await supervise(jobOf(body));
    expect(end).toEqual(done);
    expect(frames.filter((frame) => frame.type === "out").map((frame) => frame.content.length)).toEqual([
      30_000, 30_000, 30_000, 30_000, 30_000,
    ]);
  });

  test("stops after its step when it is asked to, and at once when it is told to", async () => {
    const polite = jobOf(
      "i=0; while [ $i -lt 100 ]; do [ -e \"$HG_JOB/cancel\" ] && { frame 'done cancelled' ''; exit 0; }; sleep 0.1; i=$((i+1)); done",
    );
    const [first] = await Promise.all([
      supervise(polite),
      sleep(500).then(async () => askNode(await links.link("n1"), cancelCommand(polite.name, false))),
    ]);
    expect(first.end).toMatchObject({ type: "done", status: "cancelled" });
    const hard = jobOf("sleep 60; [ -e \"$HG_JOB/cancel\" ] && frame 'done cancelled' ''");
    const started = Date.now();
    const [second] = await Promise.all([
      supervise(hard),
      sleep(500).then(async () => askNode(await links.link("n1"), cancelCommand(hard.name, true))),
    ]);
    expect(second.end).toMatchObject({ type: "done", status: "cancelled" });
    expect(Date.now() - started).toBeLessThan(30_000);
  });

  test("does not start beside another one that still runs on the node", async () => {
    const first = jobOf("sleep 3; frame 'done changed' ''");
    const running = supervise(first);
    await sleep(500);
    await expect(supervise(jobOf("count; frame 'done changed' ''"))).rejects.toMatchObject({
      code: "NODE_BUSY",
      message: expect.stringContaining(first.name),
    });
    expect((await running).end).toEqual(done);
    expect((await supervise(jobOf("count; frame 'done changed' ''"))).end).toEqual(done);
    expect(await onNode("wc -l </root/count; rm /root/count")).toBe("1\n");
  });

  test("starts while another one that has ended still tidies up, over another channel once that takes too long", async () => {
    const first = jobOf(`true >"$HG_JOB/ended"; frame 'done changed' ''; sleep 20`);
    const running = supervise(first);
    await sleep(500);
    expect((await supervise(jobOf("count; frame 'done changed' ''"))).end).toEqual(done);
    expect(await onNode(`cd /var/lib/halligan/jobs/${first.name} && read -r p _ <pid && kill -0 $p && echo lives`)).toBe("lives\n");
    expect((await running).end).toEqual(done);
    expect(await onNode("wc -l </root/count; rm /root/count")).toBe("1\n");
  });

  test("leaves nothing behind once it is cleaned up", async () => {
    const job = jobOf("frame 'done changed' ''");
    await supervise(job);
    await askNode(await links.link("n1"), cleanCommand([job.name]));
    expect(await onNode(`ls -d /var/lib/halligan/jobs/${job.name} /run/halligan/${job.name} 2>/dev/null`)).toBe("");
  });

  test("takes along what an earlier run left, but nothing that goes on, of its own run, of a later one, or of another store", async () => {
    const jobs = "/var/lib/halligan/jobs";
    const made = [
      "aaaabbbb.R-8.1.over",
      "aaaabbbb.R-7.1.goes-on",
      "aaaabbbb.R-9.1.unknown",
      "aaaabbbb.R-10.1.later",
      "bbbbaaaa.R-1.1.theirs",
    ];
    const alive = `read -r t </proc/self/stat; sleep 600 & read -r t </proc/$!/stat; t=\${t##*) }; set -- $t; shift 19; read -r b </proc/sys/kernel/random/boot_id; echo $! $1 $b`;
    const pid = await onNode(
      `cd ${jobs} && mkdir ${made.join(" ")} && echo 1 2 other-boot >${made[0]}/pid && { ${alive}; } >${made[1]}/pid </dev/null 2>/dev/null; cat ${made[1]}/pid`,
    );
    await askNode(await links.link("n1"), cleanCommand(["aaaabbbb.R-9.1.web"]));
    expect(await onNode(`ls -d ${made.map((each) => `${jobs}/${each}`).join(" ")} 2>/dev/null`)).toBe(
      made
        .slice(1)
        .toSorted()
        .map((each) => `${jobs}/${each}\n`)
        .join(""),
    );
    await onNode(`kill ${pid.split(" ")[0]}; cd ${jobs} && rm -rf ${made.join(" ")}`);
  });
});

test("a node whose state folder cannot be written says so and starts nothing", async () => {
  await onNode("mv /var/lib/halligan /var/lib/halligan.away; : >/var/lib/halligan");
  try {
    await expect(supervise(jobOf("count; frame 'done changed' ''"))).rejects.toMatchObject({
      name: "HalliganError",
      code: "NODE_DISK_FULL",
    });
  } finally {
    await onNode("rm /var/lib/halligan; mv /var/lib/halligan.away /var/lib/halligan");
  }
  expect(await onNode("ls /root/count 2>/dev/null")).toBe("");
});

test("content comes into the cache once, and only when it is what its digest says", async () => {
  const bytes = Buffer.from("abc");
  const hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const head = Buffer.from("HALLIGAN/1 cache none 0 3\n");
  const good = await askNode(await links.link("n1"), cacheCommand(hex), Buffer.concat([head, bytes]));
  expect(good.stdout.toString()).toContain("cached");
  const bad = await askNode(await links.link("n1"), cacheCommand(hex.replace("ba", "ab")), Buffer.concat([head, bytes]));
  expect(bad.stdout.toString()).toContain("cut");
  expect(await onNode("ls /var/lib/halligan/cache")).toBe(`sha256-${hex}\n`);
});
