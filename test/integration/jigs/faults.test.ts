import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFrameParser } from "../../../src/core/jigs/shell/frame-parser.ts";
import { changes, done, nodeRole, output, Place, type Ran, shells, step } from "./run-script.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** A process that runs; one that only waits to be reaped does not. */
const alive = (pid: string): boolean => existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
const ends = (ran: Ran): readonly string[] =>
  ran.frames.flatMap((frame) => (frame.type === "end" ? [`${frame.index} ${frame.status}`] : []));
const apply = (role: ReturnType<typeof nodeRole>) => ({ mode: "apply", nodeRole: role }) as const;

describe.each(shells)("%s", (shell) => {
  test("100 MB of output are capped: the head and the tail stay", async () => {
    const flood = "echo first; head -c 100000000 /dev/zero; echo last; exit 3";
    const ran = await place.run(apply(nodeRole([step("command", { run: flood })])), { shell });
    expect(done(ran)).toMatchObject({ status: "failed", message: "it ended with exit code 3" });
    const bytes = output(ran);
    expect(bytes.length).toBeLessThanOrEqual(327_680);
    expect(bytes.subarray(0, 6).toString()).toBe("first\n");
    expect(bytes.subarray(-5).toString()).toBe("last\n");
    expect(ran.frames.some((frame) => frame.type === "capped")).toBe(true);
    expect(ran.log.length).toBeLessThan(400_000);
    expect(ran.channel.length).toBeLessThanOrEqual(49_152);
    expect(ran.log.subarray(0, ran.channel.length).equals(ran.channel)).toBe(true);
  });

  test("output up to 320 KiB is whole, byte for byte", async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 256));
    writeFileSync(place.path("bytes"), bytes);
    const ran = await place.run(apply(nodeRole([step("command", { run: `cat '${place.path("bytes")}'` })])), { shell });
    expect(done(ran).status).toBe("changed");
    expect(output(ran).equals(bytes)).toBe(true);
    expect(ran.frames.some((frame) => frame.type === "capped")).toBe(false);
  });

  test("output comes while the command runs", async () => {
    const run = `echo early; sleep 0.9; cat "$HG_JOB/log" >'${place.path("seen")}'; echo late`;
    const ran = await place.run(apply(nodeRole([step("command", { run })])), { shell });
    expect(readFileSync(place.path("seen"), "utf8")).toContain("early");
    expect(output(ran).toString()).toBe("early\nlate\n");
  });

  test("a step that hangs is ended with its children", async () => {
    const run = `sh -c 'sleep 1000 & echo $! >'"'${place.path("pid")}'"'; wait'`;
    const ran = await place.run(apply(nodeRole([step("command", { run }, { timeoutMs: 1000 })])), { shell });
    expect(ends(ran)).toEqual(["0 timeout"]);
    expect(done(ran)).toMatchObject({ status: "failed", message: "it took longer than 1s and was ended" });
    expect(alive(readFileSync(place.path("pid"), "utf8").trim())).toBe(false);
  });

  test("a daemon that keeps the output open does not hold the step, and lives on", async () => {
    const run = `(sleep 1; echo noise; sleep 7; touch '${place.path("lives")}') & echo started`;
    const ran = await place.run(apply(nodeRole([step("command", { run })])), { shell });
    expect(done(ran).status).toBe("changed");
    expect(existsSync(place.path("lives"))).toBe(false);
    for (let tries = 0; tries < 150 && !existsSync(place.path("lives")); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(existsSync(place.path("lives"))).toBe(true);
  });

  test("a failing step stops the node-role, and on-failure follows", async () => {
    const role = nodeRole([step("command", { run: "exit 7" }), step("file", { path: place.path("never"), content: "" })], {
      around: {
        before: [step("command", { run: `touch '${place.path("before")}'` })],
        after: [],
        onFailure: [step("command", { run: `touch '${place.path("failed")}'` })],
      },
    });
    const ran = await place.run(apply(role), { shell });
    expect(done(ran)).toMatchObject({ status: "failed", message: "it ended with exit code 7" });
    expect(readdirSync(place.path("")).toSorted()).toEqual(["before", "failed"]);
    expect(ran.frames.flatMap((frame) => (frame.type === "phase" ? [frame.phase] : []))).toEqual([
      "check",
      "before",
      "apply",
      "on-failure",
    ]);
  });

  test("retries run a failing step again", async () => {
    const count = place.path("count");
    const run = `echo x >>'${count}'; test $(wc -l <'${count}') -ge 3`;
    const ran = await place.run(apply(nodeRole([step("command", { run }, { retries: 2 })])), { shell });
    expect(ends(ran)).toEqual(["0 changed"]);
    expect(readFileSync(count, "utf8")).toBe("x\nx\nx\n");
  });

  test("cancel stops after the current step", async () => {
    const role = nodeRole([step("command", { run: 'touch "$HG_JOB/cancel"' }), step("file", { path: place.path("never"), content: "" })]);
    const ran = await place.run(apply(role), { shell });
    expect(done(ran).status).toBe("cancelled");
    expect(ends(ran)).toEqual(["0 changed"]);
    expect(existsSync(place.path("never"))).toBe(false);
  });

  test("another state than approved is stale, and nothing is touched", async () => {
    const role = nodeRole([
      step("file", { path: place.path("f"), content: "new" }, { id: "f" }),
      step("file", { path: place.path("g"), content: "g" }, { id: "g" }),
    ]);
    writeFileSync(place.path("f"), "old");
    const checked = await place.run({ mode: "check", nodeRole: role }, { shell });
    const expected = Object.fromEntries(
      checked.frames.flatMap((frame) =>
        frame.type === "observed" ? [[frame.index === 0 ? "f" : "g", { change: frame.change, observed: frame.observed }] as const] : [],
      ),
    );
    writeFileSync(place.path("f"), "Old");
    const stale = await place.run({ mode: "apply", nodeRole: role, expected }, { shell });
    expect(done(stale).status).toBe("stale");
    expect(existsSync(place.path("g"))).toBe(false);
    const bounded = await place.run(
      { mode: "apply", nodeRole: role, expected: { ...expected, g: { change: "none" } }, staleness: "bounded" },
      { shell },
    );
    expect(done(bounded).status).toBe("stale");
    const allowed = await place.run({ mode: "apply", nodeRole: role, expected, staleness: "bounded" }, { shell });
    expect(done(allowed).status).toBe("changed");
  });

  test("what somebody else has done already is left at that, and what works is seen", async () => {
    const wish = (name: string) => step("file", { path: place.path(name), content: name }, { id: name });
    const role = nodeRole([wish("f"), wish("g"), step("command", { run: "true", unless: `test -e '${place.path("h")}'` }, { id: "h" })], {
      verify: [step("command", { run: `echo seen >>'${place.path("seen")}'` })],
      around: { before: [step("command", { run: `touch '${place.path("drained")}'` })], after: [], onFailure: [] },
    });
    const expected = { f: { change: "create", observed: "absent" }, g: { change: "create" }, h: { change: "change" } } as const;
    for (const name of ["f", "g", "h"]) writeFileSync(place.path(name), name);
    for (const name of ["f", "g"]) chmodSync(place.path(name), 0o644);
    const all = await place.run({ mode: "apply", nodeRole: role, expected }, { shell });
    expect(done(all)).toMatchObject({ status: "ok", message: "" });
    expect(readFileSync(place.path("seen"), "utf8")).toBe("seen\n");
    expect(existsSync(place.path("drained"))).toBe(false);
    rmSync(place.path("g"));
    const rest = await place.run({ mode: "apply", nodeRole: role, expected }, { shell });
    expect(done(rest).status).toBe("changed");
    expect(ends(rest)).toContain("0 ok");
    expect(ends(rest)).toContain("1 changed");
    expect(existsSync(place.path("drained"))).toBe(true);
  });

  test("another state, a step that tells others, and a condition are not left at that", async () => {
    const f = step("file", { path: place.path("f"), content: "f" }, { id: "f" });
    const other = { ...f, args: { ...f.args, content: "other" } };
    const told = { ...f, notify: ["reload"] };
    const reload = step("command", { run: "true", on: "notify" }, { id: "reload" });
    const guarded = step("command", { run: "true", onlyIf: "false" }, { id: "f" });
    const expected = { f: { change: "create", observed: "absent" } } as const;
    writeFileSync(place.path("f"), "f");
    chmodSync(place.path("f"), 0o644);
    for (const steps of [[other], [told, reload], [guarded]]) {
      const ran = await place.run({ mode: "apply", nodeRole: nodeRole(steps), expected }, { shell });
      expect(done(ran).status).toBe("stale");
    }
    const none = await place.run({ mode: "apply", nodeRole: nodeRole([other]), expected: { f: { change: "none" } } }, { shell });
    expect(done(none).status).toBe("stale");
    expect(readFileSync(place.path("f"), "utf8")).toBe("f");
  });

  test("an interrupted run still restarts what was notified", async () => {
    const steps = [
      step("file", { path: place.path("f"), content: "x" }, { notify: ["reload"] }),
      step("command", { run: "exit 1", unless: `test -e '${place.path("ok")}'` }),
      step("command", { run: `echo x >>'${place.path("reloads")}'`, on: "notify" }, { id: "reload" }),
    ];
    expect(done(await place.run(apply(nodeRole(steps)), { shell })).status).toBe("failed");
    expect(existsSync(place.path("reloads"))).toBe(false);
    writeFileSync(place.path("ok"), "");
    expect(changes(await place.run({ mode: "check", nodeRole: nodeRole(steps) }, { shell }))).toEqual(["none", "none", "change"]);
    expect(done(await place.run(apply(nodeRole(steps)), { shell })).status).toBe("changed");
    expect(readFileSync(place.path("reloads"), "utf8")).toBe("x\n");
    expect(done(await place.run(apply(nodeRole(steps)), { shell })).status).toBe("ok");
  });

  test("contents that were not uploaded are a clear failure, damaged ones too", async () => {
    const role = nodeRole([step("file", { path: place.path("f"), content: "x".repeat(70_000) })]);
    const missing = await place.run(apply(role), { shell, withoutArtefacts: true });
    expect(done(missing).message).toMatch(/the content sha256:\w{64} is not in the node's cache/u);
    const damaged = await place.run(apply(role), { shell, withoutArtefacts: true, prepare: () => damage() });
    expect(done(damaged).message).toMatch(/is damaged/u);
    const fine = await place.run(apply(role), { shell });
    expect(done(fine).status).toBe("changed");
    expect(statSync(place.path("f")).size).toBe(70_000);
  });

  function damage(): void {
    mkdirSync(place.state("cache"), { recursive: true });
    const digest = spawnSync("sha256sum", { input: "x".repeat(70_000), encoding: "utf8" }).stdout.slice(0, 64);
    writeFileSync(place.state(`cache/sha256-${digest}`), "y");
  }

  test("a folder in the place of a file is left alone, and nothing of the content stays beside it", async () => {
    mkdirSync(place.path("conf"));
    writeFileSync(place.path("conf/precious"), "kept\n");
    const file = step("file", { path: place.path("conf"), content: "password\n" });
    const line = step("line", { path: place.path("conf"), line: "password" });
    for (const each of [file, line]) {
      const ran = await place.run(apply(nodeRole([each])), { shell });
      expect(done(ran).status).toBe("failed");
      expect(readFileSync(place.path("conf/precious"), "utf8")).toBe("kept\n");
      expect(readdirSync(place.path("."))).toEqual(["conf"]);
      expect(existsSync(place.state("originals"))).toBe(false);
    }
  });

  test("a full disk and a read-only file system are said in words, and nothing half-written stays", async () => {
    const full = place.path("full");
    const frozen = place.path("frozen");
    mkdirSync(full);
    mkdirSync(frozen);
    writeFileSync(join(frozen, "f"), "old");
    const mounts = `mount -t tmpfs -o size=16k tmpfs '${full}' && mount --bind '${frozen}' '${frozen}' && mount -o remount,ro,bind '${frozen}'`;
    const under = ["unshare", "-m", "sh", "-c", `${mounts} && "$@"; s=$?; ls -A '${full}' >'${place.path("left")}'; exit $s`, "sh"];
    const big = await place.run(apply(nodeRole([step("file", { path: join(full, "f"), content: "x".repeat(60_000) })])), { shell, under });
    expect(done(big).message).toContain("the disk is full");
    const filled = [
      "unshare",
      "-m",
      "sh",
      "-c",
      `mount -t tmpfs -o size=4k tmpfs '${full}' && head -c 9000 /dev/zero >'${full}/fill'; "$@"`,
      "sh",
    ];
    const small = await place.run(apply(nodeRole([step("file", { path: join(full, "f"), content: "x\n" })])), { shell, under: filled });
    expect(done(small).message).toContain("the disk is full");
    expect(readFileSync(place.path("left"), "utf8")).toBe("");
    for (const one of [
      step("file", { path: join(frozen, "f"), content: "new" }),
      step("line", { path: join(frozen, "f"), line: "new" }),
      step("directory", { path: join(frozen, "d") }),
    ]) {
      const ran = await place.run(apply(nodeRole([one])), { shell, under });
      expect(done(ran).message).toContain("the file system is read-only");
    }
  });

  test("a full disk under the job folder loses no frame that the reserve can hold", async () => {
    const tiny = place.path("tiny");
    mkdirSync(tiny);
    const run = `head -c 100000 /dev/zero >'${tiny}/filler' 2>/dev/null; head -c 9000 /dev/zero | tr '\\0' x; exit 4`;
    const role = nodeRole([step("command", { run })]);
    const under = [
      "unshare",
      "-m",
      "sh",
      "-c",
      `mount -t tmpfs -o size=120k tmpfs '${tiny}' && mkdir '${tiny}/job' && HG_JOB='${tiny}/job' "$@"; cp '${tiny}/job/log' '${place.path("log")}'`,
      "sh",
    ];
    await place.run(apply(role), {
      shell,
      under,
      prepare: (job) => {
        writeFileSync(join(job, "log"), "");
        writeFileSync(join(job, "trouble"), "");
      },
    });
    const frames = createFrameParser().push(readFileSync(place.path("log")));
    expect(frames.at(-1)).toMatchObject({ type: "done", status: "failed", message: "it ended with exit code 4" });
  });

  test("a disk that has no room for another file does not make a command run twice, nor one begin that could not be noted", async () => {
    const [small, count] = [place.path("small"), place.path("count")];
    mkdirSync(small);
    const fills = `i=0; while [ $i -lt 100 ] && true >'${small}/filler'$i; do i=$((i+1)); done 2>/dev/null`;
    const steps = [
      step("command", { run: `echo one >>'${count}'; ${fills}; true` }, { id: "one" }),
      step("command", { run: `echo two >>'${count}'` }, { id: "two" }),
    ];
    const job = (number: number): string => {
      const [folder, volatile] = [join(small, `job${number}`), place.path(`volatile${number}`)];
      return `mkdir '${folder}' '${volatile}' && HG_JOB='${folder}' HG_VOLATILE='${volatile}' HG_STATE='${small}/state' "$@"`;
    };
    const disk = `mount -t tmpfs -o size=1m,nr_inodes=40 tmpfs '${small}' && mkdir '${small}/state'`;
    const twice = `${disk}; ${job(1)}; cp '${small}/job1/log' '${place.path("log")}'; rm '${small}'/filler*; ${job(2)}`;
    await place.run(apply(nodeRole(steps)), {
      shell,
      under: ["unshare", "-m", "sh", "-c", twice, "sh"],
      prepare: (folder) => {
        for (const name of ["log", "trouble"]) writeFileSync(join(folder, name), "");
      },
    });
    const frames = createFrameParser().push(readFileSync(place.path("log")));
    expect(frames.flatMap((frame) => (frame.type === "end" ? [`${frame.index} ${frame.status}`] : []))).toEqual(["0 changed", "1 failed"]);
    expect(frames.at(-1)).toMatchObject({
      type: "done",
      status: "failed",
      message: expect.stringContaining("nothing was changed by this step"),
    });
    expect(readFileSync(count, "utf8")).toBe("one\ntwo\n");
  });

  test("an environment without PATH is enough", async () => {
    const ran = await place.run(apply(nodeRole([step("command", { run: "id -u" })])), { shell: `/bin/${shell}`, env: {} });
    expect(output(ran).toString()).toBe("0\n");
  });

  test("values of unchanged steps are still known", async () => {
    const role = nodeRole([step("command", { run: "echo tok; echo en >&2; echo 2" }, { id: "c" })], {
      outputs: [{ name: "token", step: "c" }],
    });
    const value = (ran: Ran) => ran.frames.flatMap((frame) => (frame.type === "value" ? [Buffer.from(frame.content).toString()] : []));
    const first = await place.run(apply(role), { shell });
    expect(value(first)).toEqual(["tok\n2"]);
    const second = await place.run(apply(role), { shell });
    expect(done(second).status).toBe("ok");
    expect(value(second)).toEqual(["tok\n2"]);
  });
});
