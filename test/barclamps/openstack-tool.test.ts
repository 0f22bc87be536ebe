import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeKeystone } from "./fake-keystone.ts";

const tool = join(import.meta.dirname, "../../barclamps/openstack-client/files/halligan-openstack");
const keys = join(import.meta.dirname, "../../barclamps/keystone/files/halligan-keystone-keys");

let keystone: FakeKeystone;
beforeEach(async () => {
  keystone = await FakeKeystone.start();
});
afterEach(async () => await keystone.stop());

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function python(args: readonly string[], input: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn("python3", args, { env: { PATH: process.env["PATH"], PYTHONDONTWRITEBYTECODE: "1", ...env } });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (data: Buffer) => out.push(data));
  child.stderr.on("data", (data: Buffer) => err.push(data));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject));
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

const document = (more: Readonly<Record<string, unknown>> = {}, identity: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    identity: { url: keystone.url, user: "admin", password: "admin-password", project: "admin", region: "RegionOne", ...identity },
    projects: ["service"],
    roles: ["service"],
    users: [{ name: "glance", password: "first-password", project: "service", roles: ["admin", "service"] }],
    services: [{ name: "glance", type: "image", endpoints: { public: "http://cloud:9292", internal: "http://192.0.2.1:9292" } }],
    ...more,
  });
const run = async (command: string, text = document()): Promise<Ran> => await python([tool, ...command.split(" ")], text);

test("a service is registered once, with one token, and looking at it changes nothing", async () => {
  expect(await run("register --check")).toEqual({ code: 1, stdout: "", stderr: "halligan-openstack: project service is missing\n" });
  expect(keystone.all("projects")).toHaveLength(1);
  const made = await run("register");
  expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: "" });
  expect(keystone.calls.filter((call) => call === "POST /auth/tokens")).toHaveLength(2);
  expect(keystone.all("endpoints")).toEqual([
    expect.objectContaining({ interface: "public", url: "http://cloud:9292", region_id: "RegionOne" }),
    expect.objectContaining({ interface: "internal", url: "http://192.0.2.1:9292" }),
  ]);
  expect(keystone.grants.size).toBe(2);
  expect(await run("register --check")).toEqual({ code: 0, stdout: "", stderr: "" });
  const before = keystone.calls.length;
  expect(await run("register")).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(keystone.calls.slice(before).filter((call) => /^(?:PUT|PATCH|DELETE)|POST \/(?!auth)/u.test(call))).toEqual([]);
});

test("what was changed by hand is told by name and put right, and nothing secret is said", async () => {
  await run("register");
  keystone.change("users", "glance", { password: "of-somebody" });
  const [endpoint] = keystone.things["endpoints"] ?? [];
  Object.assign(endpoint ?? {}, { url: "http://elsewhere:9292" });
  expect((await run("register --check")).stderr).toBe("halligan-openstack: user glance has another password, or is disabled\n");
  const { code, stdout } = await run("register");
  expect(code).toBe(0);
  expect(stdout).toBe("user glance has another password, or is disabled\nendpoint public: url is another\n");
  expect((await run("register --check")).code).toBe(0);
});

test("a Keystone that starts is waited for, but not by a check; a wrong password is said at once", async () => {
  keystone.unready = 3;
  expect((await run("register")).code).toBe(0);
  keystone.unready = 1_000;
  const check = await run("register --check");
  expect(check.code).toBe(1);
  expect(check.stderr).toContain("answered 503");
  keystone.unready = 0;
  const refused = await run("token", document({}, { password: "not-this-one" }));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("does not let admin in");
  expect(refused.stderr).not.toContain("not-this-one");
});

test("what a document brought goes with it, also when it is gone already", async () => {
  await run("register");
  expect((await run("forget")).code).toBe(0);
  expect(keystone.all("services")).toEqual([]);
  expect(keystone.all("users").map((user) => user["name"])).toEqual(["admin"]);
  expect((await run("forget")).code).toBe(0);
});

test("a document that is none, and a command that is none, are said in one line", async () => {
  expect(await run("register", "{")).toMatchObject({ code: 2, stderr: expect.stringMatching(/^halligan-openstack: [^\n]+\n$/u) });
  expect(await run("register", "{}")).toMatchObject({ code: 2, stderr: expect.stringMatching(/^halligan-openstack: [^\n]+\n$/u) });
  expect(await run("regsiter")).toMatchObject({ code: 2, stderr: expect.stringContaining("no command regsiter") });
});

test("the next key of Keystone's tokens is on every member before it is used, and former ones stay as many as are kept", async () => {
  const wanted = async (generation: number): Promise<Record<string, string>> => {
    const show =
      "import importlib.machinery as m, json; k = m.SourceFileLoader('k', __import__('sys').argv[1]).load_module(); print(json.dumps({p: c.decode() for p, c in k.wanted().items()}))";
    const env = { SEED: "a seed of the test, long enough", GENERATION: String(generation), KEEP: "2" };
    return JSON.parse((await python(["-W", "ignore", "-c", show, keys], "", env)).stdout) as Record<string, string>;
  };
  const [four, five] = [await wanted(4), await wanted(5)];
  const name = (number: number): string => `/etc/keystone/fernet-keys/${number}`;
  expect(Object.keys(five).filter((path) => path.includes("fernet"))).toEqual([0, 3, 4, 5].map(name));
  expect(five[name(5)]).toBe(four[name(0)]);
  expect(five[name(4)]).toBe(four[name(4)]);
  expect(new Set(Object.values(five)).size).toBe(Object.keys(five).length);
  for (const key of Object.values(five)) expect(Buffer.from(key, "base64url")).toHaveLength(32);
  expect(Object.entries(five).filter(([path]) => path.includes("credential"))).toEqual(
    Object.entries(four).filter(([path]) => path.includes("credential")),
  );
});
