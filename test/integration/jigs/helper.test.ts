import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { wholeProgram } from "../../../src/core/jigs/shell/prelude/helper-program.ts";
import { done, expectDone, nodeRole, Place, step, withoutPerl } from "./run-script.ts";

/** All of it. */
const program = wholeProgram();

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** Asks a helper that is started for it; gives what it answered to all of the requests. */
async function ask(...requests: readonly (readonly string[])[]): Promise<string> {
  const helper = spawn("perl", ["-e", program], { stdio: ["pipe", "pipe", "pipe"], env: { LC_ALL: "C", PATH: process.env["PATH"] } });
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
    expect(program).not.toContain("'");
    const said = execFileSync("sh", ["-c", 'perl -Mstrict -wce "open(C, q(<&=0)); $0" 2>&1', program], { encoding: "utf8" });
    expect(said).toBe("-e syntax OK\n");
  });

  test("one that serves several scripts leaves when nobody asks it for a while, others do not", async () => {
    const waiting = (...more: readonly string[]) => spawn("perl", ["-e", program, "x", ...more], { stdio: ["pipe", "pipe", "inherit"] });
    const [patient, other] = [waiting("3"), waiting()];
    const ended = new Promise((resolve) => patient.on("close", resolve));
    for (const helper of [patient, other]) helper.stdin.write("hello\n");
    const since = Date.now();
    expect(await ended).toBe(0);
    expect(Date.now() - since).toBeGreaterThan(3_000);
    expect(other.exitCode).toBeNull();
    other.stdin.end("\n");
    expect(await new Promise((resolve) => other.on("close", resolve))).toBe(0);
  }, 20_000);

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

  test("puts a new file in the place of another, with owner and mode at once", async () => {
    const [script, a, b, other, folder] = ["script", "a", "b", "other", "folder"].map((name) => place.path(name)) as [
      string,
      string,
      string,
      string,
      string,
    ];
    writeFileSync(script, "text:one\ntwo\n");
    for (const name of [a, other]) writeFileSync(name, "old\n");
    symlinkSync(other, b);
    mkdirSync(folder);
    const next = `${a}.new`;
    writeFileSync(next, "placed\n");
    expect(await ask(["place", "--", next, ":1234", "", a])).toBe("done\n");
    expect([readFileSync(a, "utf8"), mode(a), lstatSync(a).gid, existsSync(next)]).toEqual(["placed\n", "644", 1234, false]);
    const write = (offset: number, size: number, ...rest: readonly string[]) => [
      "write",
      "--",
      script,
      String(offset),
      String(size),
      next,
      ...rest,
    ];
    expect(await ask(write(5, 4, "1234:1235", "4751", a), write(9, 4, "", "604", b), write(5, 0, "", "600", place.path("c")))).toBe(
      "done\n".repeat(3),
    );
    expect([readFileSync(a, "utf8"), mode(a), lstatSync(a).uid]).toEqual(["one\n", "4751", 1234]);
    expect([readFileSync(b, "utf8"), mode(b), readFileSync(other, "utf8")]).toEqual(["two\n", "604", "old\n"]);
    expect(readFileSync(place.path("c"), "utf8")).toBe("");
    symlinkSync(other, place.path("planted"));
    const refused = [
      write(5, 40, "", "600", a),
      write(5, 4, "no such user", "600", a),
      write(5, 4, "", "600", folder),
      write(5, 4, "", "600", place.path("none/there")),
      ["write", "--", script, "5", "4", place.path("planted"), "", "600", a],
      ["place", "--", place.path("planted"), "", "600", a],
    ];
    expect(await ask(...refused)).toBe("no\n".repeat(refused.length));
    expect([readFileSync(a, "utf8"), readFileSync(other, "utf8"), existsSync(next)]).toEqual(["one\n", "old\n", false]);
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
      [`texts ${place.path("new")}`, "--", "1", "3", place.path("none")],
      [`texts ${place.path("new")}`, "--", "1", "3", file],
      [`matching ${place.path("new")}`, "--", "1", "a", file, place.path("none")],
      [`matching ${place.path("new")}`, "--", "1", "(a", file],
      [`relined ${place.path("new")}`, "--", file, link, "a", "b"],
      [`relined ${place.path("new")}`, "--", place.path("none"), place.path("new"), "a", "b"],
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

  /** What a shell has in these variables after it has read what the helper told. */
  async function learn(variables: readonly string[], ...request: readonly string[]): Promise<readonly string[]> {
    const told = place.path("told");
    const [verb = "", ...words] = request;
    expect(await ask([`${verb} ${told}`, "--", ...words])).toBe("done\n");
    const print = variables.map((name) => `printf '%s\\0' "$${name}"`).join("; ");
    return execFileSync("sh", ["-c", `set -u; . '${told}'; ${print}`], { encoding: "latin1" })
      .split("\0")
      .slice(0, -1);
  }

  test("knows of paths what stat says, and where links point to", async () => {
    const [file, link, odd] = [place.path("a file"), place.path("link"), place.path("it's\nodd")];
    writeFileSync(file, "12345", { mode: 0o4640 });
    writeFileSync(odd, "");
    symlinkSync("to 'there'\n", link);
    const stat = (path: string): readonly string[] =>
      execFileSync("stat", ["-c", "%a %U %G %u %g %s", "--", path], { encoding: "utf8" }).trim().split(" ");
    const of = (k: number): readonly string[] => ["t", "m", "u", "g", "un", "gn", "s", "l"].map((name) => `${name}_${k}`);
    const names = [1, 2, 3, 4, 5].flatMap(of);
    const paths = [file, place.root, link, odd, place.path("none")];
    const told = await learn(names, "known", ...paths.flatMap((path, at) => [String(at + 1), path]));
    expect(told).toEqual([
      ...["file", ...stat(file), ""],
      ...["dir", ...stat(place.root), ""],
      ...["link", ...stat(link), "to 'there'\n"],
      ...["file", ...stat(odd), ""],
      ...["none", "", "", "", "", "", "0", ""],
    ]);
  });

  test("tells of accounts as getent does without their passwords", async () => {
    const getent = (...words: readonly string[]): string => execFileSync("getent", words, { encoding: "utf8" });
    const accounts = await ask(
      ["getent", "passwd", "--", "root", "no such user", "1"],
      ["getent", "group", "--", "root", "1", "no such group"],
    );
    expect(accounts).toBe(`done\n2\n${getent("passwd", "root", "1")}done\n2\n${getent("group", "root", "1")}`);
  });

  test("gives texts, whatever is in them, but not with NUL bytes or of another size", async () => {
    const texts = ["", "\n", "one", "one\n", "\n\n it's two \\n$x\n\n", `\xff${"x".repeat(60_000)}`];
    const words = texts.flatMap((text, at) => {
      writeFileSync(place.path(String(at)), text, "latin1");
      return [String(at), String(text.length), place.path(String(at))];
    });
    expect(
      await learn(
        texts.map((_, at) => `x_${at}`),
        "texts",
        ...words,
      ),
    ).toEqual(texts);
    writeFileSync(place.path("nul"), "a\0b");
    const told = `texts ${place.path("told")}`;
    expect(await ask([told, "--", "1", "3", place.path("nul")], [told, "--", "1", "2", place.path("2")])).toBe("no\nno\n");
  });

  test("finds files that hold what stands in a script, and follows no link to them", async () => {
    const script = place.path("script");
    writeFileSync(script, "text:onetwo");
    const contents = { one: "one", other: "oke", longer: "onet", two: "two", empty: "" };
    for (const [name, text] of Object.entries(contents)) writeFileSync(place.path(name), text);
    symlinkSync("one", place.path("link"));
    const asked = [
      ["1", "0", "3", "d-one", place.path("one")],
      ["2", "0", "3", "d-one", place.path("other")],
      ["3", "0", "3", "d-one", place.path("longer")],
      ["4", "3", "3", "d-two", place.path("two")],
      ["5", "6", "0", "d-none", place.path("empty")],
      ["6", "0", "3", "d-one", place.path("link")],
      ["7", "3", "9", "d-two", place.path("two")],
      ["8", "0", "3", "d-one", place.path("none")],
    ].flat();
    expect(await ask([`alike ${place.path("told")}`, "--", script, "5", ...asked])).toBe("done\n");
    expect(readFileSync(place.path("told"), "utf8")).toBe("d_1=d-one\nd_4=d-two\nd_5=d-none\n");
  });

  test("finds lines as grep does", async () => {
    const files = { a: "b = 1\n\n#b = 2\n it's b", "b c": "\n\nb\n\n", empty: "" };
    for (const [name, text] of Object.entries(files)) writeFileSync(place.path(name), text);
    const paths = Object.keys(files).map((name) => place.path(name));
    const patterns = ["^#?b = [[:digit:]]$", "it's", "^$"];
    const found = execFileSync("grep", ["-snHE", ...patterns.flatMap((each) => ["-e", each]), "--", ...paths], { encoding: "utf8" });
    expect(await learn(["hg_matches"], "matching", "3", ...patterns, ...paths)).toEqual([`\n${found}`]);
    expect(await learn(["hg_matches"], "matching", "1", "never", ...paths)).toEqual(["\n"]);
    writeFileSync(place.path("long"), "x".repeat(4097));
    expect(await ask([`matching ${place.path("told")}`, "--", "1", "x", place.path("long")])).toBe("no\n");
  });

  test.each([
    ["a\nb = 1\nb = 2\nc\n", "^b =", "a\nb = 1\nnew\nc\n", "3", "b = 2"],
    ["a\nb = 1", "^b =", "a\nnew\n", "2", "b = 1"],
    ["a\nb", "^c", "a\nb\nnew\n", "", ""],
    ["", "^c", "new\n", "", ""],
    ["\n\n", "", "\n\nnew\n", "", ""],
  ])("puts a line into %j", async (before, pattern, after, number, old) => {
    const [file, made] = [place.path("file"), place.path("made")];
    writeFileSync(file, before);
    expect(await learn(["hg_number", "hg_line"], "relined", file, made, pattern, "new")).toEqual([number, old]);
    expect([readFileSync(made, "utf8"), readFileSync(file, "utf8"), mode(made)]).toEqual([after, before, "600"]);
    expect(await ask([`relined ${place.path("told")}`, "--", file, made, pattern, "other"])).toBe("no\n");
    expect(readFileSync(made, "utf8")).toBe(after);
  });
});

describe("guards", () => {
  const judged = (text: string, limit = 30): readonly string[] => [`judged ${place.path("guard")}`, "--", String(limit), text];

  test("are judged in one shell that shows them nothing of each other", async () => {
    const note = place.path("note");
    const answers = await ask(
      judged("true"),
      judged("exit 7"),
      judged("x=1\ncd /\nset -- a b\nf() { :; }\nexport y=2; exec >/dev/null; false"),
      judged(`[ "$x$y$#$hg" = "0${place.path("guard")}" ] && [ "$(pwd)" != / ] && ! command -v f`),
      judged("if then"),
      judged("no-such-program"),
      judged(`echo "$PPID" >'${note}'; echo told; echo too >&2; cat; ls -l /proc/self/fd >'${place.path("open")}'`),
      judged(`[ "$PPID" = "$(cat '${note}')" ]`),
      judged("kill -9 $$"),
      judged("[ $# = 0 ]"),
      judged("a\tb"),
    );
    // Who ends the shell itself gets no answer from it, and no other guard's.
    const told = [0, 7, 1, 0, 2, 127, 0, 0, undefined, 0, undefined];
    expect(answers).toBe(told.map((code) => (code === undefined ? "no\n" : `ran ${code} 0 0\n`)).join(""));
    const open = [...readFileSync(place.path("open"), "utf8").matchAll(/ (\d+) -> (\S+)$/gmu)].map(([, fd = "", to = ""]) => [
      Number(fd),
      to,
    ]);
    // The folder that ls reads is its third; what stands far behind came from whoever started the tests.
    expect(open.filter(([fd]) => Number(fd) < 20 && Number(fd) !== 3)).toEqual([
      [0, "/dev/null"],
      [1, place.path("open")],
      [2, "/dev/null"],
    ]);
  });

  test("that take too long are ended with all that they started, and others are judged after them", async () => {
    const [first, second] = [place.path("first"), place.path("second")];
    const sleeping = (note: string, before = ""): string => `${before}sleep 300 & echo $! >'${note}'; wait; wait`;
    const answers = await ask(judged(sleeping(first), 1), judged("true"), judged(sleeping(second, "trap '' TERM; "), 1), judged("false"));
    expect(answers).toBe("ran 124 0 1\nran 0 0 0\nran 137 0 2\nran 1 0 0\n");
    for (const note of [first, second]) expect(existsSync(`/proc/${readFileSync(note, "utf8").trim()}/exe`)).toBe(false);
  }, 30_000);

  test.each(["TERM", "KILL"])("are not judged by a shell that a %s has ended since", async (signal) => {
    const waiting = ["run 9 ", "--", "sleep", "0.6"];
    const answers = await ask(judged(`(sleep 0.2; kill -${signal} $$) &`), waiting, judged("exit 7"), judged("exit 8"));
    expect(answers).toMatch(/^(?:ran 0 0 0\n){2}(?:no|ran 7 0 0)\nran 8 0 0\n$/u);
  });

  test("have no shell any more when a script has ended", async () => {
    const [note, folder] = [place.path("note"), place.path("folder")];
    mkdirSync(folder);
    const gone = `[ ! -e /proc/$(cat '${note}') ]`;
    expect(await ask(judged(`echo $$ >'${note}'`), ["clear", "--", folder], ["run 9 ", "--", "sh", "-c", gone])).toBe(
      "ran 0 0 0\ndone\nran 0 0 0\n",
    );
  });

  test("see the variables of the script that asks", async () => {
    const greeting = (name: string): readonly string[] => ["hello", "--", name, `${name}/job`, `${name}/state`, process.env["PATH"] ?? ""];
    const seen = (name: string): readonly string[] => judged(`[ "$HG_VOLATILE $HG_JOB" = "${name} ${name}/job" ]`);
    expect(await ask(greeting("a"), seen("a"), greeting("b"), seen("b"))).toBe("a\nran 0 0 0\nb\nran 0 0 0\n");
  });

  test.each(["dash", "bash --posix", "busybox ash"])("are judged in %s where they always were when the helper is gone", async (shell) => {
    const [note, marks] = [place.path("helper"), ["a", "b"].map((name) => place.path(name))];
    const role = nodeRole([
      step("command", { name: "note", run: `echo $PPID >'${note}'`, creates: note }),
      step("command", { name: "kill", run: `kill -9 $(cat '${note}') || :`, always: true, env: { A: "b" } }),
      ...marks.map((mark) => step("command", { name: mark, run: `: >'${mark}'`, unless: `[ -e '${mark}' ]` })),
    ]);
    expectDone(await place.run({ mode: "apply", nodeRole: role }, { shell }), "changed");
    expect(marks.map((mark) => existsSync(mark))).toEqual([true, true]);
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

  test("has no part of its pipes in what is started, least of all in what another user runs", async () => {
    const [seen, folder] = [place.path("seen"), place.path("open")];
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    chmodSync(place.root, 0o711);
    const note = (name: string): string => `ls -l /proc/self/fd >${folder}/${name}`;
    const env = { SEEN: seen };
    const role = nodeRole([
      step("command", { name: "plain", run: note("plain") }),
      step("command", { name: "env", run: note("env"), env }),
      step("command", { name: "as", run: note("as"), as: "nobody" }),
      step("command", { name: "as-env", run: note("as-env"), as: "nobody", env }),
      ...["one", "two"].map((name) => step("command", { name, run: "true", unless: `${note(name)}; [ -e ${seen} ] || ! : >${seen}`, env })),
    ]);
    const ran = await place.run({ mode: "apply", nodeRole: role }, { shell: "dash" });
    expectDone(ran, "changed");
    const pipes = readdirSync(folder).map((name) => [name, /^.* [78] -> .*$/mu.exec(readFileSync(`${folder}/${name}`, "utf8"))?.[0]]);
    expect(pipes).toEqual(["as", "as-env", "env", "one", "plain", "two"].map((name) => [name, undefined]));
  });

  test.each(["ends", "is killed"])("ends when the script %s, though a daemon keeps its pipe open", async (how) => {
    const notes = ["helper", "daemon"].map((name) => place.path(name)) as [string, string];
    const kill = how === "ends" ? ":" : "set -- $(cat /proc/$PPID/stat); kill -9 $4";
    const role = nodeRole([
      step("command", {
        name: "daemon",
        run: `setsid sleep 60 </dev/null >/dev/null 2>&1 8>/proc/$PPID/fd/0 & echo $! >'${notes[1]}'; echo $PPID >'${notes[0]}'; ${kill}`,
        always: true,
      }),
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
