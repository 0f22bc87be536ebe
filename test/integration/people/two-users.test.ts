import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { entry, node, type Ran } from "../../cli/run-cli.ts";

const iAmRoot = process.getuid?.() === 0;
const root = new URL("../../../", import.meta.url).pathname.replace(/\/$/u, "");
/** Names that no other test run has. */
const mark = `${process.pid % 100_000}`;
const group = `hg${mark}`;
const users = { ann: `hga${mark}`, bob: `hgb${mark}`, eve: `hge${mark}` } as const;

const barclamp = `barclamp: demo
version: 1.0.0
attributes:
  text: { type: string, default: one }
  token: { type: secret, required: true }
roles:
  demo:
    steps:
      - file: { path: /root/demo, content: "{{ set.text }} {{ set.token }}" }
`;

const people = `halligan: 1
people:
  ann: { local: [${users.ann}] }
  bob: { local: [${users.bob}] }
roles: { admin: [ann], observer: [bob] }
deployments:
  all: { roles: { operator: [bob] } }
`;

let folder = "";
let shared = "";

/** Runs something as one of the users; where they cannot reach this project's folder, through a mount that only this command sees. */
function as(user: keyof typeof users, words: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
  const name = users[user];
  const environment = { PATH: process.env["PATH"] ?? "", HOME: join(folder, name), LANG: "C.UTF-8", ...env };
  const drop = ["setpriv", "--reuid", name, "--regid", name, "--init-groups", "--", ...words];
  const seen = join(folder, "project");
  const mounted = ["unshare", "-m", "--", "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"', root, seen];
  const argv = reachable ? drop : [...mounted, ...drop.map((word) => word.replaceAll(root, seen))];
  const ran = spawnSync(argv[0] ?? "", argv.slice(1), {
    cwd: user === "eve" ? folder : shared,
    env: environment,
    encoding: "utf8",
    timeout: 60_000,
  });
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

const halligan = (user: keyof typeof users, args: string, env: Readonly<Record<string, string>> = {}): Ran =>
  as(user, [node, entry, ...args.split(" ")], env);
const document = (ran: Ran): Readonly<Record<string, unknown>> => JSON.parse(ran.stdout) as Readonly<Record<string, unknown>>;

const reachable = iAmRoot && spawnSync("setpriv", ["--reuid", "65534", "--clear-groups", "test", "-r", entry]).status === 0;

function lab(...args: readonly string[]): void {
  execFileSync(node, [entry, "lab", ...args], { cwd: join(folder, "lab"), stdio: "ignore" });
}

/** A cluster folder of root's whose `.halligan` the group shares, as docs/people.md tells to make it. */
function shareFolder(): void {
  mkdirSync(join(shared, "barclamps", "demo"), { recursive: true });
  const address = /127[\d.]+/u.exec(readFileSync(join(folder, "lab", "cluster.yaml"), "utf8"))?.[0] ?? "";
  const cluster = `halligan: 1
cluster: shared
ssh: { user: root, key: ~/key, hostKeys: accept-new }
nodes: { n1: { address: ${address}, port: 2222 } }
deployments:
  all: { place: { demo: { on: all } }, secrets: { demo.token: { generate: 20 } } }
`;
  writeFileSync(join(shared, "cluster.yaml"), cluster);
  writeFileSync(join(shared, "people.yaml"), people);
  writeFileSync(join(shared, "barclamps", "demo", "barclamp.yaml"), barclamp);
  execFileSync("chgrp", ["-R", group, shared]);
  execFileSync("chmod", ["-R", "u=rwX,g=rX,o=", shared]);
  mkdirSync(join(shared, ".halligan"));
  execFileSync("chgrp", [group, join(shared, ".halligan")]);
  chmodSync(join(shared, ".halligan"), 0o2770);
}

describe.runIf(iAmRoot)("two local users and a stranger with one cluster folder", { timeout: 120_000 }, () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "halligan-users-"));
    shared = join(folder, "shared");
    chmodSync(folder, 0o755);
    for (const each of ["project", "lab", "shared"]) mkdirSync(join(folder, each));
    execFileSync("groupadd", [group]);
    lab("up", "--nodes", "1");
    for (const [who, name] of Object.entries(users)) {
      execFileSync("useradd", ["-M", "-d", join(folder, name), "-s", "/bin/sh", ...(who === "eve" ? [] : ["-G", group]), name]);
      mkdirSync(join(folder, name), { mode: 0o700 });
      writeFileSync(join(folder, name, "key"), readFileSync(join(folder, "lab", ".halligan", "lab", "id_ed25519")), { mode: 0o600 });
      execFileSync("chown", ["-R", name, join(folder, name)]);
    }
    shareFolder();
  }, 120_000);

  afterAll(async () => {
    const { engine } = document(halligan("ann", "status --json")) as { readonly engine?: { readonly pid: number } | null };
    if (engine !== null && engine !== undefined) process.kill(engine.pid);
    lab("down", "--discard", "--yes");
    // A user is removed when none of their processes is left.
    const gone = (name: string): boolean => spawnSync("userdel", [name]).status === 0;
    for (const name of Object.values(users)) while (!gone(name)) await new Promise((resolve) => setTimeout(resolve, 100));
    execFileSync("groupdel", [group]);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  test("each is who the system says, whatever their environment says", () => {
    const lies = { USER: users.ann, LOGNAME: users.ann, SUDO_USER: users.ann, SUDO_UID: "0" };
    expect(document(halligan("bob", "whoami --json", lies))).toMatchObject({ person: "bob", principal: `local:${users.bob}` });
    expect(document(halligan("ann", "whoami --json"))).toMatchObject({ person: "ann" });
  });

  test("both run, with each other's files; keys stay with their owner", () => {
    expect(halligan("ann", "apply --yes").stderr).not.toMatch(/[A-Z]+_[A-Z]+ /u);
    // Secrets were sealed for Ann alone: she lets Bob in.
    expect(halligan("bob", "apply --yes").stderr).toMatch(/SECRET_UNREADABLE|NOT_A_RECIPIENT/u);
    const recipient = /age1[a-z0-9]+/u.exec(readFileSync(join(shared, ".halligan", `identity-${users.bob}`), "utf8"))?.[0] ?? "";
    expect(halligan("ann", `secrets recipients add ${recipient}`).code).toBe(0);
    const again = halligan("bob", "apply --yes --json");
    expect(JSON.parse(again.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ type: "run.ended", phase: "succeeded" });
    expect(document(halligan("ann", "runs --json"))).toMatchObject({
      runs: [
        { run: "R-2", by: "bob" },
        { run: "R-1", by: "ann" },
      ],
    });
    expect(halligan("ann", "audit verify").code).toBe(0);
    const home = join(shared, ".halligan");
    for (const name of readdirSync(home)) {
      const { mode } = statSync(join(home, name));
      const own = /^identity|\.key$/u.test(name);
      expect([name, (mode & 0o007) === 0, own ? mode & 0o077 : 0]).toEqual([name, true, 0]);
    }
    expect(as("bob", ["cat", join(home, "identity")]).code).not.toBe(0);
    expect(as("ann", ["cat", join(home, `identity-${users.bob}`)]).code).not.toBe(0);
  });

  test("rights hold for each of them", () => {
    expect(halligan("bob", "discover").stderr).toMatch(/^NOT_ALLOWED bob /u);
    expect(halligan("bob", "freeze --for 1h --reason because").stderr).toMatch(/^NOT_ALLOWED bob /u);
    expect(halligan("bob", "link --for ann").stderr).toMatch(/^NOT_ALLOWED bob /u);
    expect(halligan("ann", "discover").code).toBe(0);
  });

  test("the file that says so is not theirs to change, and who is not in the group gets nothing", () => {
    for (const user of ["ann", "bob"] as const) {
      expect(as(user, ["sh", "-c", "echo >> people.yaml"]).code).not.toBe(0);
      expect(as(user, ["rm", "-f", "people.yaml"]).code).not.toBe(0);
    }
    const { code, stdout, stderr } = halligan("eve", `status -f ${shared}/cluster.yaml`);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^STORE_UNAVAILABLE /u);
  });
});
