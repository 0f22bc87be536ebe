import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { helperProgram } from "../../../src/core/jigs/shell/prelude/helper-program.ts";
import { done, expectDone, nodeRole, Place, step, withoutPerl } from "./run-script.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** Asks a helper that is started for it; gives what it answered to all of the requests. */
async function ask(...requests: readonly (readonly string[])[]): Promise<string> {
  const helper = spawn("perl", ["-e", helperProgram], { stdio: ["pipe", "pipe", "pipe"], env: { LC_ALL: "C", PATH: process.env["PATH"] } });
  const pieces = { out: "", error: "" };
  helper.stdout.on("data", (piece: Buffer) => (pieces.out += piece.toString("latin1")));
  helper.stderr.on("data", (piece: Buffer) => (pieces.error += piece.toString()));
  helper.stdin.write("hello\n");
  for (const words of requests) helper.stdin.write(`${words.length} ${Buffer.byteLength(words.join("\t"))}\n${words.join("\t")}`);
  helper.stdin.end("\n");
  await new Promise((resolve) => helper.on("close", resolve));
  expect(pieces.error).toBe("");
  expect(pieces.out).toMatch(/^hello\n/u);
  return pieces.out.slice("hello\n".length);
}

const mode = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8);

describe("the helper's program", () => {
  test("is strict Perl without a warning and without a single quote", () => {
    expect(helperProgram).not.toContain("'");
    const said = execFileSync("sh", ["-c", 'perl -Mstrict -wce "$0" 2>&1', helperProgram], { encoding: "utf8" });
    expect(said).toBe("-e syntax OK\n");
  });

  test("does what tools do", async () => {
    const [a, b, folder, link] = ["a", "b", "x/y/d", "l"].map((name) => place.path(name)) as [string, string, string, string];
    writeFileSync(a, "text\n");
    const answers = await ask(
      ["mkdir", "-p", "-m", "710", "--", folder],
      ["mkdir", "-m", "700", "--", `${folder}/e`],
      ["install", "-d", "-m", "751", "-o", "1234", "-g", "2345", "--", place.path("i")],
      ["chmod", "--", "640", a],
      ["chown", "-h", "--", "daemon:1235", a],
      ["chown", "-h", "--", ":1236", a],
      ["mv", "-f", "--", a, b],
      ["ln", "-s", "-n", "--", "to where", link],
      ["rm", "-f", "--", link, place.path("never there")],
      ["ln", "-s", "--", "to\nwhere", link],
    );
    expect(answers).toBe("done\n".repeat(10));
    expect([mode(place.path("x")), mode(folder), mode(`${folder}/e`), mode(place.path("i")), mode(b)]).toEqual([
      "755",
      "710",
      "700",
      "751",
      "640",
    ]);
    expect(lstatSync(place.path("i"))).toMatchObject({ uid: 1234, gid: 2345 });
    expect(lstatSync(b)).toMatchObject({ uid: Number(execFileSync("id", ["-u", "daemon"], { encoding: "utf8" })), gid: 1236 });
    expect([existsSync(a), readFileSync(b, "utf8"), readlinkSync(link)]).toEqual([false, "text\n", "to\nwhere"]);
  });

  test("leaves to tools what it cannot do, and what is not exactly theirs", async () => {
    const [file, folder, link] = ["file", "folder", "link"].map((name) => place.path(name)) as [string, string, string];
    writeFileSync(file, "theirs\n", { mode: 0o600 });
    chmodSync(file, 0o600);
    mkdirSync(folder);
    writeFileSync(`${folder}/full`, "");
    symlinkSync(file, link);
    const requests = [
      ["mv", "-f", "--", file, folder],
      ["mv", "-f", "--", place.path("none"), file],
      ["mv", "--", file, place.path("other")],
      ["rm", "-f", "--", folder],
      ["rm", "-rf", "--", folder],
      ["ln", "-s", "--", "x", file],
      ["mkdir", "-m", "700", "--", folder],
      ["mkdir", "--", place.path("new")],
      ["mkdir", "-p", "-m", "2755", "--", place.path("new")],
      ["install", "-d", "-m", "700", "--", folder],
      ["install", "-d", "-m", "700", "-o", "no such user", "--", place.path("new")],
      ["chmod", "--", "644", link],
      ["chmod", "--", "755", folder],
      ["chmod", "--", "u+x", file],
      ["chown", "-h", "--", "1234:1234", link],
      ["chown", "-h", "--", "nobody:", file],
      ["chown", "-h", "--", "no such user", file],
      ["cat", "--", place.path("none")],
      ["stat", "--", file, place.path("none")],
      ["pour", "--", place.path("out"), file, "0", "99"],
      ["sh", "-c", "--", `: >${place.path("new")}`],
      ["mkdir", "-m", "700", "--", place.path("new\tother")],
      ["--"],
      [""],
    ];
    expect(await ask(...requests)).toBe("no\n".repeat(requests.length));
    expect([
      existsSync(place.path("new")),
      existsSync(place.path("new\tother")),
      existsSync(place.path("out")),
      readFileSync(file, "utf8"),
    ]).toEqual([false, false, false, "theirs\n"]);
    expect([mode(file), mode(folder), lstatSync(link).uid]).toEqual(["600", "755", process.getuid?.()]);
  });

  test("tells of files as stat does, of accounts as getent does without their passwords", async () => {
    const [file, link] = [place.path("a file"), place.path("link")];
    writeFileSync(file, "12345", { mode: 0o4640 });
    symlinkSync("a file", link);
    const stat = (path: string, format: string): string =>
      execFileSync("stat", ["-c", format, "--", path], { encoding: "utf8", env: { ...process.env, QUOTING_STYLE: "literal" } });
    const columns = "%f %a %s %u %g:%U:%G:";
    const expected = [file, place.root].map((path) => stat(path, columns)).join("") + stat(link, `${columns}%N`);
    expect(await ask(["stat", "--", file, place.root, link])).toBe(`done\n${expected}`);
    const getent = (...words: readonly string[]): string => execFileSync("getent", words, { encoding: "utf8" });
    const accounts = await ask(
      ["getent", "passwd", "--", "root", "no such user", "1"],
      ["getent", "group", "--", "root", "1", "no such group"],
    );
    expect(accounts).toBe(`done\n2\n${getent("passwd", "root", "1")}done\n2\n${getent("group", "root", "1")}`);
  });

  test("gives short texts line by line, whatever is in them, and no others", async () => {
    const texts = ["", "\n", "one", "one\n", "\n\n two \\n\n", `\xff${"x".repeat(4095)}`];
    const files = texts.map((text, at) => {
      writeFileSync(place.path(String(at)), text, "latin1");
      return place.path(String(at));
    });
    const told = await ask(...files.map((file) => ["cat", "--", file]));
    expect(told).toBe(texts.map((text) => `done\n${text.split("\n").length}\n${text}\n`).join(""));
    writeFileSync(place.path("nul"), "a\0b");
    writeFileSync(place.path("long"), "x".repeat(4097));
    expect(await ask(["cat", "--", place.path("nul")], ["cat", "--", place.path("long")])).toBe("no\nno\n");
  });
});

/** What lies below a folder: kinds, modes, owners, targets and contents. */
function tree(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .toSorted()
    .map((name) => {
      const path = `${folder}/${name}`;
      const { mode: bits, uid, gid } = lstatSync(path);
      const content = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : lstatSync(path).isFile() ? readFileSync(path, "latin1") : "";
      return `${name} ${bits.toString(8)} ${uid}:${gid} ${content}`;
    });
}

const many = (at: (name: string) => string) =>
  nodeRole([
    step("directory", { path: at("d/e"), mode: "0750", owner: "daemon:daemon" }),
    step("directory", { path: at("s"), mode: "2775" }),
    step("file", { path: at("d/a"), content: "a\n", mode: "0640", owner: "root:daemon" }),
    step("file", { path: at("d/e/b"), content: "", owner: "daemon" }),
    step("file", { path: at("s/c"), content: "x\0y", mode: "4755" }),
    step("line", { path: at("lines"), line: "b = 3", match: "^b =" }),
    step("line", { path: at("bare"), line: "new" }),
    step("ini", { path: at("x.ini"), set: { "s.k": "v" } }),
    step("link", { path: at("l"), to: "d/a" }),
    step("link", { path: at("old"), to: "d" }),
    step("command", { name: "m", run: `umask >'${at("m")}'; echo told; echo too >&2`, unless: `[ -e '${at("m")}' ]` }),
    step("command", { name: "n", run: `pwd >'${at("n")}'; echo "$A" >>'${at("n")}'`, cwd: "/", env: { A: "b c" } }),
  ]);

describe("a script with the helper", () => {
  test.each(["dash", "bash --posix", "busybox ash"])("leaves in %s what it leaves without, and says the same", async (shell) => {
    const results = await Promise.all(
      [true, false].map(async (helped) => {
        const own = new Place();
        try {
          writeFileSync(own.path("lines"), "a = 1\nb = 2\nc = 3");
          writeFileSync(own.path("bare"), "no line break");
          writeFileSync(own.path("x.ini"), "[s]\nk = u\n");
          symlinkSync("elsewhere", own.path("old"));
          const tools = `${own.root}/tools`;
          mkdirSync(tools);
          if (!helped) withoutPerl(tools);
          writeFileSync(`${tools}/mv`, `#!/bin/sh\necho mv >>'${own.root}/called'\nexec /bin/mv "$@"\n`, { mode: 0o755 });
          const ran = await own.run(
            { mode: "apply", nodeRole: many((name) => own.path(name)) },
            { shell, env: { PATH: `${tools}:${process.env["PATH"]}` } },
          );
          expectDone(ran, "changed");
          const text = ran.log.toString("latin1").replaceAll(own.root, "ROOT");
          const out = [...text.matchAll(/^@ (?:out|observed|begin) [^\n]*\n[^@]*/gmu)].map(([each]) => each);
          return {
            left: tree(own.path("")).map((each) => each.replaceAll(own.root, "ROOT")),
            out,
            frames: ran.frames.length,
            called: existsSync(`${own.root}/called`),
          };
        } finally {
          own.remove();
        }
      }),
    );
    const [one, other] = results;
    expect(one?.called).toBe(false);
    expect(other?.called).toBe(true);
    expect(one?.left).toEqual(other?.left);
    expect(one?.out).toEqual(other?.out);
    expect(one?.frames).toBe(other?.frames);
  });

  test.each(["ends", "is killed"])("ends when the script %s, though a daemon keeps its pipe open", async (how) => {
    const notes = ["helper", "daemon"].map((name) => place.path(name)) as [string, string];
    const kill = how === "ends" ? ":" : "set -- $(cat /proc/$PPID/stat); kill -9 $4";
    const role = nodeRole([
      // With a variable of its own the shell starts it.
      step("command", {
        name: "daemon",
        run: `setsid sleep 60 </dev/null >/dev/null 2>&1 & echo $! >'${notes[1]}'`,
        always: true,
        env: { A: "b" },
      }),
      step("command", { name: "note", run: `echo $PPID >'${notes[0]}'; ${kill}`, always: true }),
    ]);
    const ran = await place.run({ mode: "apply", nodeRole: role });
    expect(ran.frames.at(-1)?.type === "done").toBe(how === "ends");
    const [helper, daemon] = notes.map((note) => readFileSync(note, "utf8").trim());
    try {
      const pipes = readdirSync(`/proc/${daemon}/fd`).filter((fd) => readlinkSync(`/proc/${daemon}/fd/${fd}`).startsWith("pipe:"));
      expect(pipes).toContain("8");
      await expect.poll(() => existsSync(`/proc/${helper}`), { timeout: 10_000 }).toBe(false);
    } finally {
      process.kill(Number(daemon), "SIGKILL");
    }
  });

  test("goes on with tools when the helper is killed between steps", async () => {
    const note = place.path("helper");
    const role = nodeRole([
      step("command", { name: "note", run: `echo $PPID >'${note}'`, creates: note }),
      // With a variable of its own the shell runs it.
      step("command", { name: "kill", run: `kill -9 $(cat '${note}')`, always: true, env: { A: "b" } }),
      ...["a", "b"].map((name) => step("file", { path: place.path(name), content: `${name}\n`, mode: "0640" })),
    ]);
    const ran = await place.run({ mode: "apply", nodeRole: role });
    expectDone(ran, "changed");
    expect(existsSync(`/proc/${readFileSync(note, "utf8").trim()}`)).toBe(false);
    expect([mode(place.path("a")), readFileSync(place.path("b"), "utf8")]).toEqual(["640", "b\n"]);
  });

  test("says so when the helper is killed while it runs a command, and tries again without it", async () => {
    const once = place.path("once");
    const text = `[ -e '${once}' ] || { : >'${once}'; kill -9 $PPID; sleep 5; }`;
    const run = async (retries: number) =>
      await place.run({ mode: "apply", nodeRole: nodeRole([step("command", { name: "c", run: text, always: true }, { retries })]) });
    const failed = await run(0);
    expect(done(failed)).toMatchObject({ status: "failed", message: expect.stringContaining("was killed") as string });
    execFileSync("rm", [once]);
    expectDone(await run(1), "changed");
  });

  test("ends a command that takes too long, with all that it started", async () => {
    const note = place.path("pid");
    const ran = await place.run({
      mode: "apply",
      nodeRole: nodeRole([
        step("command", { name: "c", run: `sleep 300 & echo $! >'${note}'; echo waiting; wait`, always: true }, { timeoutMs: 1_000 }),
      ]),
    });
    expect(done(ran)).toMatchObject({ status: "failed", message: expect.stringContaining("longer than 1s") as string });
    expect(ran.log.toString()).toMatch(/^@ end 0 timeout 124 /mu);
    expect(ran.log.toString()).toContain("waiting");
    await expect.poll(() => existsSync(`/proc/${readFileSync(note, "utf8").trim()}`), { timeout: 5_000 }).toBe(false);
  });
});
