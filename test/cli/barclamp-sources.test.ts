import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { halligan, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const repository = join(folder.path, "repository");
const cluster = join(folder.path, "cluster");
afterAll(() => folder[Symbol.dispose]());

const barclampText = (version: string, attribute: string, more = ""): string =>
  `barclamp: greeter\nversion: ${version}\nattributes: { ${attribute}: { type: string, default: x } }\n${more}roles: { greeter: { steps: [ { file: { path: /var/tmp/g, content: "{{ set.${attribute} }}" } } ] } }\n`;

function git(...args: readonly string[]): void {
  execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false", ...args], {
    cwd: repository,
    stdio: "ignore",
  });
}

function release(tag: string, text: string): void {
  writeFileSync(join(repository, "barclamp.yaml"), text);
  git("add", "-A");
  git("commit", "-m", tag);
  git("tag", tag);
}

async function json(...args: readonly string[]): Promise<{ readonly code: number | null; readonly document: Record<string, unknown> }> {
  const { code, stdout } = await halligan([...args, "--json"], { cwd: cluster, env: { HOME: folder.path } });
  return { code, document: JSON.parse(stdout) as Record<string, unknown> };
}

const problemsOf = ({ document }: Awaited<ReturnType<typeof json>>): readonly string[] =>
  (document["problems"] as readonly { readonly code: string }[]).map((each) => each.code);

beforeAll(() => {
  mkdirSync(repository);
  mkdirSync(cluster);
  git("init", "--initial-branch=main");
  release("v1", barclampText("1.0.0", "text"));
  release("v2", barclampText("2.0.0", "words", "migrations: [ { to: 2.0.0, up: [ { rename: { from: text, to: words } } ] } ]\n"));
  writeFileSync(
    join(cluster, "cluster.yaml"),
    "halligan: 1\ncluster: c\nnodes: { n1: { address: 127.0.0.1 } }\ndeployments:\n  d:\n    place: { greeter: all }\n    set: { greeter: { text: hello } } # ours\n",
  );
});

test("add, a new clone, an altered cache and source, update with a proposal, and back", { timeout: 240_000 }, async () => {
  expect(problemsOf(await json("validate"))).toContain("ROLE_UNKNOWN");
  expect((await json("barclamp", "add", `${repository}@v1`)).document).toMatchObject({
    barclamps: [{ action: "added", version: "1.0.0", ref: "v1" }],
    diff: null,
  });
  expect(await json("validate")).toMatchObject({ code: 0, document: { notices: [], counts: { barclamps: 1 } } });
  const { document } = await json("barclamp", "list");
  expect((document["barclamps"] as readonly { readonly name: string }[]).find((each) => each.name === "greeter")).toMatchObject({
    origin: "fetched",
    source: { source: repository, ref: "v1" },
  });

  // a new clone: the cache is not in git
  rmSync(join(cluster, ".halligan"), { recursive: true });
  expect(problemsOf(await json("validate"))[0]).toBe("BARCLAMP_NOT_FETCHED");
  expect((await json("barclamp", "update", "--locked")).document).toMatchObject({ barclamps: [{ action: "fetched" }] });

  // from here on, nothing needs the source
  renameSync(repository, `${repository}.away`);
  expect((await json("validate")).code).toBe(0);
  const lock = readFileSync(join(cluster, "halligan.lock"), "utf8");
  expect((await json("barclamp", "update")).code).toBe(5);
  expect(readFileSync(join(cluster, "halligan.lock"), "utf8")).toBe(lock);
  renameSync(`${repository}.away`, repository);

  const [, hex = ""] = /sha256:([0-9a-f]{64})/u.exec(lock) ?? [];
  appendFileSync(join(cluster, ".halligan/barclamps", hex, "barclamp.yaml"), "# mine\n");
  expect(problemsOf(await json("validate"))[0]).toBe("BARCLAMP_ALTERED");
  expect((await json("barclamp", "update", "--locked")).document).toMatchObject({ barclamps: [{ action: "fetched" }] });
  writeFileSync(join(cluster, "halligan.lock"), lock.replace(hex, "0".repeat(64)));
  expect(problemsOf(await json("barclamp", "update", "--locked"))).toEqual(["BARCLAMP_ALTERED"]);
  writeFileSync(join(cluster, "halligan.lock"), lock);

  // forward: the setting has another name, and the file is proposed with it
  const forward = await json("barclamp", "update", "greeter", "--ref", "v2", "--propose");
  expect(forward.document).toMatchObject({
    barclamps: [{ action: "updated", version: "2.0.0", files: { changed: ["barclamp.yaml"] } }],
    proposal: "D-1",
  });
  expect(await json("validate")).toMatchObject({ code: 0, document: { notices: [{ code: "SETTING_CARRIED" }] } });
  expect((await json("propose", "commit", "D-1")).code).toBe(0);
  expect(readFileSync(join(cluster, "cluster.yaml"), "utf8")).toContain("set: { greeter: { words: hello } } # ours");
  expect(await json("validate")).toMatchObject({ code: 0, document: { notices: [] } });

  // back: what only the newer version knows stands in the lock file until the cluster file has no need of it
  expect((await json("barclamp", "update", "greeter", "--ref", "v1", "--propose")).document).toMatchObject({ proposal: "D-2" });
  expect(readFileSync(join(cluster, "halligan.lock"), "utf8")).toContain("carry:");
  expect((await json("propose", "commit", "D-2")).code).toBe(0);
  expect((await json("barclamp", "update")).document).toMatchObject({ barclamps: [{ action: "unchanged" }], diff: null });
  expect(readFileSync(join(cluster, "halligan.lock"), "utf8")).toBe(lock);
});

test("a folder, another name, and what is hidden by barclamps/", { timeout: 120_000 }, async () => {
  const plain = join(folder.path, "plain");
  cpSync(join(repository, "barclamp.yaml"), join(plain, "sub/barclamp.yaml"));
  const refused = await json("barclamp", "add", "../plain");
  expect(problemsOf(refused)).toEqual(["SOURCE_NO_BARCLAMP"]);
  expect(JSON.stringify(refused.document)).toContain("--path sub");
  const taken = await json("barclamp", "add", "../plain", "--path", "sub", "--as", "other");
  expect(taken.document).toMatchObject({ barclamps: [{ name: "other", commit: null, source: "../plain", path: "sub" }] });
  expect(problemsOf(await json("barclamp", "update", "nobody"))).toEqual(["BARCLAMP_NOT_LOCKED"]);
  expect(problemsOf(await json("barclamp", "add", "https://ada:secret@git.example.org/x"))).toEqual(["SOURCE_INVALID"]);
  expect((await halligan(["barclamp", "new", "other"], { cwd: cluster })).code).toBe(0);
  const { document } = await json("barclamp", "list");
  expect((document["barclamps"] as readonly { readonly name: string }[]).find((each) => each.name === "other")).toMatchObject({
    origin: "cluster",
    hides: true,
  });
});
