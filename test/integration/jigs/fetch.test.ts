import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hexDigest } from "../../../src/core/jigs/shell/context.ts";
import { circle, listing, type World } from "./circle.ts";
import { busyboxAlone, changes, done, nodeRole, Place, type Ran, shells, step } from "./run-script.ts";

let place: Place;
let server: Server;
let url: string;
let asked: string[];
const bytes = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256));
const sha256 = hexDigest(bytes);

beforeEach(async () => {
  place = new Place();
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers["x-token"] ?? ""}`);
    if (request.url === "/there") response.writeHead(302, { location: "/file" }).end();
    else if (request.url === "/cut")
      response.writeHead(200, { "content-length": bytes.length }).write(bytes.subarray(0, 50_000), () => response.destroy());
    else if (request.url === "/file") response.end(bytes);
    else response.writeHead(404).end("no such thing");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  place.remove();
  await new Promise((resolve) => server.close(resolve));
});

const world = (shell: string): World => ({ place, options: { shell }, look: () => listing(place.path("")) });

/** Words that run a command where curl cannot be run. */
const withoutCurl = ["unshare", "-m", "sh", "-c", 'mount --bind /dev/null "$(command -v curl)" && exec "$@"', "sh"];

describe.each([...shells, busyboxAlone])("%s", (shell) => {
  const apply = (args: Parameters<typeof step>[1], kind = "download"): Promise<Ran> =>
    place.run({ mode: "apply", nodeRole: nodeRole([step(kind, args)]) }, { shell });

  test("a download comes with owner and mode, and what was there comes back", async () => {
    writeFileSync(place.path("old"), "theirs", { mode: 0o600 });
    writeFileSync(place.path("a b"), bytes);
    const steps = [
      step("download", {
        url: `${url}/there`,
        sha256,
        path: place.path("tool"),
        mode: "0755",
        owner: "1:2",
        headers: { "X-Token": "t k" },
      }),
      step("download", { url: `${url}/file`, sha256: `sha256:${sha256.toUpperCase()}`, path: place.path("old") }),
      step("download", { url: `file://${place.path("a%20b")}`, sha256, path: place.path("copy") }),
    ].map((each, i) => ({ ...each, id: `d${i}` }));
    await circle(world(shell), steps, () => {
      expect(readFileSync(place.path("tool")).equals(bytes)).toBe(true);
      expect(statSync(place.path("tool"))).toMatchObject({ uid: 1, gid: 2, mode: 0o100755 });
      expect(statSync(place.path("old")).mode).toBe(0o100600);
      expect(readFileSync(place.path("copy")).equals(bytes)).toBe(true);
      expect(asked).toHaveLength(3);
      asked.push("applied");
    });
    expect(asked.slice(0, 1)).toEqual(["/there t k"]);
    expect(asked.at(-1)).toBe("applied");
  });

  test("half a file, another file and no file leave nothing behind", async () => {
    const path = place.path("f");
    const before = listing(place.root).filter((line) => !line.includes("/job"));
    expect(done(await apply({ url: `${url}/cut`, sha256, path })).message).toMatch(/could not be fetched \(exit code|instead of sha256/u);
    expect(done(await apply({ url: `${url}/file`, sha256: "0".repeat(64), path })).message).toContain(
      `holds sha256:${sha256} instead of sha256:000`,
    );
    expect(done(await apply({ url: `${url}/gone`, sha256, path })).message).toContain("could not be fetched (exit code");
    expect(done(await apply({ url: `${url}/file`, sha256, path: place.path("no/f") })).message).toContain("make it with a directory step");
    expect(readdirSync(place.path(""))).toEqual([]);
    expect(readdirSync(place.state("downloads"))).toEqual([]);
    expect(before.every((line) => !line.includes("downloads"))).toBe(true);
  });

  test("a git work tree stands at one commit and goes again", async () => {
    const origin = place.path("../origin");
    const git = (...words: readonly string[]): string =>
      execFileSync("git", ["-C", origin, "-c", "user.name=t", "-c", "user.email=t@example.org", ...words], { encoding: "utf8" }).trim();
    mkdirSync(origin);
    git("init", "-q");
    const commits = ["one", "two"].map((text) => {
      writeFileSync(`${origin}/file`, text);
      writeFileSync(`${origin}/.gitignore`, "cache\n");
      git("add", ".");
      git("commit", "-q", "-m", text);
      return git("rev-parse", "HEAD");
    });
    const path = place.path("tree");
    const at = (commit: string | undefined) => step("git", { repository: `file://${origin}`, commit: commit ?? "", path });
    await circle({ ...world(shell), look: () => listing(place.path("")).length }, [at(commits[1])], async () => {
      expect(readFileSync(`${path}/file`, "utf8")).toBe("two");
      expect(statSync(path).mode & 0o777).toBe(0o755);
      expect(execFileSync("git", ["-C", path, "rev-list", "--all", "--count"], { encoding: "utf8" }).trim()).toBe("1");
      expect(statSync(`${path}/file`).mode & 0o777).toBe(0o644);
    });
    const run = (mode: "check" | "apply", commit: string | undefined) => place.run({ mode, nodeRole: nodeRole([at(commit)]) }, { shell });
    await run("apply", commits[0]);
    writeFileSync(`${path}/file`, "edited");
    writeFileSync(`${path}/stray`, "x");
    writeFileSync(`${path}/cache`, "kept");
    const dirty = await run("check", commits[0]);
    expect(changes(dirty)).toEqual(["change"]);
    expect(dirty.log.toString()).toContain("local change: ?? stray -> as in the commit");
    expect(done(await run("apply", commits[1]))).toMatchObject({ status: "changed", message: "" });
    expect([readFileSync(`${path}/file`, "utf8"), readdirSync(path).sort()]).toEqual(["two", [".git", ".gitignore", "cache", "file"]]);
    expect(changes(await run("check", commits[1]))).toEqual(["none"]);
    expect(done(await run("apply", "0".repeat(40))).message).toContain(`file://${origin} holds no commit 000`);
  }, 20_000);

  test("a work tree of others goes back to its commit, and its local changes are not lost", async () => {
    const make = (name: string): string => {
      const folder = place.path(name);
      execFileSync("sh", [
        "-c",
        `git init -q "$0" && cd "$0" && echo ${name} >f && git add f && git -c user.name=t -c user.email=t@e commit -q -m 1`,
        folder,
      ]);
      return execFileSync("git", ["-C", folder, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();
    };
    const [mine, theirs] = [make("mine"), make("theirs")];
    const steps = [step("git", { repository: place.path("mine"), commit: mine, path: place.path("theirs") })];
    writeFileSync(place.path("theirs/new"), "unsaved");
    const refused = await place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell });
    expect(done(refused).message).toContain("holds local changes that Halligan did not see come");
    execFileSync("rm", [place.path("theirs/new")]);
    const look = (): unknown => [
      readFileSync(place.path("theirs/f"), "utf8"),
      execFileSync("git", ["-C", place.path("theirs"), "rev-parse", "HEAD"])
        .toString()
        .trim(),
    ];
    await circle({ ...world(shell), look }, steps, () => expect(look()).toEqual(["mine\n", mine]));
    expect(look()).toEqual(["theirs\n", theirs]);
    mkdirSync(place.path("full"));
    writeFileSync(place.path("full/x"), "");
    expect(done(await apply({ repository: place.path("mine"), commit: mine, path: place.path("full") }, "git")).message).toContain(
      "a folder without git: it is not replaced",
    );
  }, 20_000);
});

test.each(shells)(
  "%s: a work tree of another user is made and read as that user",
  async (shell) => {
    for (const path of [place.root, place.path("")]) chmodSync(path, 0o755);
    const text = 'git init -q "$0" && cd "$0" && git -c user.name=t -c user.email=t@e commit -q --allow-empty -m 1 && git rev-parse HEAD';
    const origin = place.path("origin");
    mkdirSync(origin);
    chownSync(origin, 1, 1);
    const commit = execFileSync("setpriv", ["--reuid=1", "--regid=1", "--clear-groups", "sh", "-c", `umask 022; ${text}`, origin], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: "/nonexistent" },
    }).trim();
    const path = place.path("tree");
    const steps = [step("git", { repository: origin, commit, path, user: "daemon" })];
    await circle({ ...world(shell), look: () => listing(place.path("")).filter((line) => line.includes("/tree")).length }, steps, () => {
      expect(statSync(`${path}/.git/HEAD`)).toMatchObject({ uid: 1 });
    });
    const run = (args: Parameters<typeof step>[1]): Promise<Ran> =>
      place.run({ mode: "apply", nodeRole: nodeRole([step("git", args)]) }, { shell });
    await run({ repository: origin, commit, path, user: "daemon" });
    expect(done(await run({ repository: origin, commit, path })).message).toContain(
      "a work tree that git does not trust: give its owner as user",
    );
  },
  20_000,
);

test("without curl wget fetches; a secret header needs curl and is in no frame", async () => {
  const one = step("download", { url: `${url}/file`, sha256, path: place.path("f"), headers: { "X-Token": "hunter2" } });
  await circle({ ...world("dash"), options: { under: withoutCurl } }, [one]);
  expect(asked).toEqual(["/file hunter2"]);
  const refused = await place.run({ mode: "apply", nodeRole: nodeRole([{ ...one, secret: true }]) }, { under: withoutCurl });
  expect(done(refused).message).toBe("no tool of this node can fetch this: install curl");
  const secret = await place.run({
    mode: "apply",
    nodeRole: nodeRole([{ ...one, secret: true, args: { ...one.args, url: `${url}/gone?hunter2` } }]),
  });
  expect(done(secret).status).toBe("failed");
  expect(secret.log.toString()).not.toContain("hunter2");
});
