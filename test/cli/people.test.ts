import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { entry, halligan, node, type Ran, temporaryFolder } from "./run-cli.ts";

const me = userInfo().username;
const cluster = "halligan: 1\ncluster: t\nnodes: { a: { address: 127.0.0.1 } }\ndeployments: {}\n";

/** I am observer; somebody else is the admin. */
const onlyLooking = `halligan: 1
people:
  watcher: { local: [${me}] }
  boss: { local: [somebody-else] }
roles: { observer: [watcher], admin: [boss] }
`;

function folderWith(
  people: string | undefined,
): { readonly path: string; run(args: string, env?: Record<string, string>): Promise<Ran> } & Disposable {
  const folder = temporaryFolder();
  writeFileSync(join(folder.path, "cluster.yaml"), cluster);
  if (people !== undefined) writeFileSync(join(folder.path, "people.yaml"), people);
  return {
    ...folder,
    run: (args, env = {}) => halligan(args.split(" "), { cwd: folder.path, env: { HOME: folder.path, ...env } }),
  };
}

function makeKey(folder: string, name: string): { readonly file: string; readonly line: string } {
  const file = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file]);
  return { file, line: readFileSync(`${file}.pub`, "utf8").trim() };
}

const personOf = ({ stdout }: Ran): unknown => (JSON.parse(stdout) as { readonly person: unknown }).person;

describe("who you are is what the system says", () => {
  test("no variable of the environment changes it", async () => {
    using folder = folderWith(onlyLooking);
    const names = ["USER", "LOGNAME", "USERNAME", "LNAME", "SUDO_USER", "LOGIN", "HALLIGAN_USER"];
    const env = { ...Object.fromEntries(names.map((name) => [name, "somebody-else"])), SUDO_UID: "12345", UID: "12345", EUID: "12345" };
    expect(personOf(await folder.run("whoami --json", env))).toBe("watcher");
    const refused = await folder.run("plan", env);
    expect([refused.code, refused.stderr.split(" ")[0]]).toEqual([3, "NOT_ALLOWED"]);
  });

  test("without people.yaml: the local user, who may do everything", async () => {
    using folder = folderWith(undefined);
    const { stdout, code } = await folder.run("whoami --json");
    expect(JSON.parse(stdout)).toMatchObject({ mode: "single-user", person: me, principal: `local:${me}`, may: { length: 5 } });
    expect(code).toBe(0);
  });

  test("nobody: exit code 3, and nothing may be looked at", async () => {
    using folder = folderWith("halligan: 1\npeople: { boss: { local: [somebody-else] } }\nroles: { admin: [boss] }\n");
    expect((await folder.run("whoami")).code).toBe(3);
    for (const command of ["status", "audit", "apply --yes", "link"]) {
      const { code, stderr } = await folder.run(command);
      expect([command, code, stderr.split(" ")[0]]).toEqual([command, 3, "PRINCIPAL_UNKNOWN"]);
    }
  });

  test("every attempt is on record, allowed or refused", async () => {
    using folder = folderWith(onlyLooking);
    await folder.run("plan");
    await folder.run("status");
    const { stdout } = await folder.run("audit --json");
    const { entries } = JSON.parse(stdout) as {
      readonly entries: readonly { action: string; by: string; decision: string; code?: string }[];
    };
    expect(entries.slice(0, 2).map(({ action, by, decision, code }) => [action, by, decision, code])).toEqual([
      ["plan", "watcher", "refused", "NOT_ALLOWED"],
      ["status", "watcher", "allowed", undefined],
    ]);
  });
});

describe("a people.yaml that cannot be used allows nothing", () => {
  test.each([
    ["broken", (path: string) => writeFileSync(path, "halligan: 1\npeople: {\n"), "YAML_INVALID", 2],
    ["empty", (path: string) => writeFileSync(path, ""), "KEY_MISSING", 2],
    ["a folder", (path: string) => mkdirSync(path), "FILE_NOT_FOUND", 2],
    ["a link to nowhere", (path: string) => symlinkSync("/nonexistent/people.yaml", path), "FILE_NOT_FOUND", 2],
    ["a link to itself", (path: string) => symlinkSync("people.yaml", path), "FILE_NOT_FOUND", 2],
    ["called people.yml", (path: string) => writeFileSync(path.replace(/yaml$/u, "yml"), onlyLooking), "FILE_NOT_FOUND", 2],
  ] as const)("%s", async (_what, make, expected, exit) => {
    using folder = folderWith(undefined);
    make(join(folder.path, "people.yaml"));
    for (const command of ["plan", "validate"]) {
      const { code, stdout, stderr } = await folder.run(command);
      expect([command, code, (stderr || stdout).includes(expected)]).toEqual([command, exit, true]);
      expect(stderr).not.toMatch(/\n\s+at /u);
    }
  });
});

describe("--identity", () => {
  test("a proof that fails is refused and on record also where the store has secrets to search the record for", async () => {
    using folder = folderWith(undefined);
    const demo = "barclamp: demo\nversion: 1.0.0\nattributes: { token: { type: secret, required: true } }\n";
    mkdirSync(join(folder.path, "barclamps", "demo"), { recursive: true });
    writeFileSync(
      join(folder.path, "barclamps", "demo", "barclamp.yaml"),
      `${demo}roles:\n  demo:\n    steps:\n      - file: { path: /root/demo, content: "{{ set.token }}" }\n`,
    );
    const all = "deployments:\n  all: { place: { demo: { on: all } }, secrets: { demo.token: { generate: 20 } } }\n";
    writeFileSync(join(folder.path, "cluster.yaml"), cluster.replace("deployments: {}\n", all));
    expect(await folder.run("secrets generate all/demo.token")).toMatchObject({ code: 0 });
    expect(await folder.run("status --identity /nonexistent")).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^IDENTITY_UNPROVEN /u),
    });
    expect((await folder.run("audit --refused")).stdout).toContain("IDENTITY_UNPROVEN");
  });

  test("the key counts, not the local user; a proof that fails never falls back", async () => {
    using folder = folderWith(undefined);
    const [boss, stranger] = [makeKey(folder.path, "boss"), makeKey(folder.path, "stranger")];
    writeFileSync(
      join(folder.path, "people.yaml"),
      `halligan: 1\npeople:\n  boss: { keys: ["${boss.line}"] }\n  root: { local: [${me}] }\nroles: { admin: [root], observer: [boss] }\n`,
    );
    expect(personOf(await folder.run("whoami --json"))).toBe("root");
    expect(personOf(await folder.run(`whoami --json --identity ${boss.file}`))).toBe("boss");
    expect(personOf(await folder.run("whoami --json", { HALLIGAN_IDENTITY: boss.file }))).toBe("boss");
    expect((await folder.run(`discover --identity ${boss.file}`)).stderr).toMatch(/^NOT_ALLOWED boss /u);
    writeFileSync(join(folder.path, "garbage"), "no key", { mode: 0o600 });
    const failing: readonly (readonly [string, string, Record<string, string>?])[] = [
      [`status --identity ${stranger.file}`, "PRINCIPAL_UNKNOWN"],
      ["status --identity /nonexistent", "IDENTITY_UNPROVEN"],
      [`status --identity ${folder.path}/garbage`, "IDENTITY_UNPROVEN"],
      [`status --identity ${boss.file}.pub`, "IDENTITY_UNPROVEN"],
      ["status --identity agent", "IDENTITY_UNPROVEN"],
      ["status --identity agent", "IDENTITY_UNPROVEN", { SSH_AUTH_SOCK: "/nonexistent" }],
      ["status", "IDENTITY_UNPROVEN", { HALLIGAN_IDENTITY: "" }],
      ["status", "IDENTITY_UNPROVEN", { HALLIGAN_IDENTITY: "agent" }],
      [`status --identity ${boss.file}.pub`, "IDENTITY_UNPROVEN", { SSH_AUTH_SOCK: "" }],
    ];
    for (const [command, expected, env] of failing) {
      const { code, stderr } = await folder.run(command, env);
      expect([command, code, stderr.split(" ")[0]]).toEqual([command, 3, expected]);
    }
  });

  test("an agent with one person's keys is that person, with two people's it is nobody", async () => {
    using folder = folderWith(undefined);
    const [ann, bob, other] = ["ann", "bob", "other"].map((name) => makeKey(folder.path, name));
    writeFileSync(
      join(folder.path, "people.yaml"),
      `halligan: 1\npeople:\n  ann: { keys: ["${ann?.line}"] }\n  bob: { keys: ["${bob?.line}"] }\nroles: { observer: [everyone] }\n`,
    );
    const socket = join(folder.path, "agent");
    const pid = Number(/SSH_AGENT_PID=(\d+)/u.exec(execFileSync("ssh-agent", ["-a", socket]).toString())?.[1]);
    const env = { SSH_AUTH_SOCK: socket };
    const add = (file = ""): unknown => execFileSync("ssh-add", ["-q", file], { env: { ...process.env, ...env } });
    try {
      add(other?.file);
      expect((await folder.run("status --identity agent", env)).stderr).toMatch(/holds no key of anybody/u);
      add(ann?.file);
      expect(personOf(await folder.run("whoami --json --identity agent", env))).toBe("ann");
      add(bob?.file);
      expect((await folder.run("status --identity agent", env)).stderr).toMatch(/^IDENTITY_UNPROVEN .*\n.*holds keys of ann and bob/u);
      expect(personOf(await folder.run(`whoami --json --identity ${bob?.file}.pub`, env))).toBe("bob");
    } finally {
      process.kill(pid);
    }
  });

  test("without people.yaml a key stands for nobody", async () => {
    using folder = folderWith(undefined);
    const { file } = makeKey(folder.path, "ann");
    expect((await folder.run(`status --identity ${file}`)).stderr).toMatch(/^PRINCIPAL_UNKNOWN /u);
  });
});

describe("link and unlink", () => {
  const text = z.string();
  const shape = (kind: string, fields: z.ZodRawShape): z.ZodObject =>
    z.strictObject({ halligan: z.literal(1), kind: z.literal(kind), ...fields });
  const shapes = {
    "link-offer": shape("link-offer", { person: text, code: text, principal: text.nullable(), until: z.int() }),
    linked: shape("linked", { principal: text, person: text, by: text }),
    unlinked: shape("unlinked", { principal: text, person: text }),
  };
  const fits = (kind: keyof typeof shapes, { stdout, stderr, code }: Ran): Readonly<Record<string, unknown>> => {
    expect([stderr, code]).toEqual(["", 0]);
    return shapes[kind].parse(JSON.parse(stdout));
  };

  test("a key becomes a person with a code that is in no argument, journal or record", async () => {
    using folder = folderWith(`halligan: 1\npeople: { ann: { local: [${me}] }, bob: {} }\nroles: { admin: [ann], observer: [bob] }\n`);
    const key = makeKey(folder.path, "bob");
    const { code } = fits("link-offer", await folder.run("link --for bob --json")) as { readonly code: string };
    const redeem = (...more: readonly string[]): Ran => {
      const args = [entry, "link", "-", "--json", "--identity", key.file, ...more];
      const ran = spawnSync(node, args, {
        cwd: folder.path,
        input: `${code}\n`,
        encoding: "utf8",
        env: { PATH: process.env["PATH"], HOME: folder.path },
      });
      return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
    };
    expect(JSON.parse(redeem().stdout)).toMatchObject({ problems: [{ code: "CONFIRM_NEEDED" }] });
    expect(personOf(await folder.run(`whoami --json --identity ${key.file}`))).toBeNull();
    expect(fits("linked", redeem("--yes"))).toMatchObject({ person: "bob", by: "ann" });
    expect(personOf(await folder.run(`whoami --json --identity ${key.file}`))).toBe("bob");
    expect(JSON.parse(redeem("--yes").stdout)).toMatchObject({ problems: [{ code: "LINK_REFUSED" }] });
    const store = ["state.db", "state.db-wal"].map((name) => {
      try {
        return readFileSync(join(folder.path, ".halligan", name), "latin1");
      } catch {
        return "";
      }
    });
    expect(store.join("")).toContain("link.made");
    expect(store.join("")).not.toContain(code);
    const principal =
      (JSON.parse((await folder.run("link --json")).stdout) as { readonly links: readonly { principal: string }[] }).links[0]?.principal ??
      "";
    expect((await folder.run(`unlink ${principal}x`)).stderr).toMatch(/^LINK_NOT_FOUND /u);
    expect(fits("unlinked", await folder.run(`unlink ${principal} --json`))).toEqual({
      halligan: 1,
      kind: "unlinked",
      principal,
      person: "bob",
    });
    expect(personOf(await folder.run(`whoami --json --identity ${key.file}`))).toBeNull();
  });

  test("codes for others are an admin's, links of others too", async () => {
    using folder = folderWith(onlyLooking);
    expect((await folder.run("link --for boss")).stderr).toMatch(/^NOT_ALLOWED watcher /u);
    expect((await folder.run("unlink local:somebody-else")).stderr).toMatch(/^NOT_ALLOWED watcher /u);
    expect((await folder.run("link --for watcher")).code).toBe(0);
    expect((await folder.run("link aaaa-bbbb")).stderr).toMatch(/^LINK_REFUSED /u);
    expect((await folder.run("audit --json")).stdout).not.toContain("aaaa-bbbb");
  });
});

describe("init --people and doctor", () => {
  test("the file is valid, makes its writer the admin, and is not overwritten", async () => {
    using folder = folderWith(undefined);
    expect((await folder.run("init --people")).code).toBe(0);
    expect((await folder.run("validate")).code).toBe(0);
    expect(JSON.parse((await folder.run("whoami --json")).stdout)).toMatchObject({
      mode: "people",
      roles: { cluster: ["observer", "admin"] },
    });
    expect((await folder.run("init --people")).stderr).toMatch(/^FILE_EXISTS /u);
  });

  test("doctor warns when others can change who may do what", async () => {
    using folder = folderWith(onlyLooking);
    const verdict = async (): Promise<string | undefined> => {
      const { subjects } = JSON.parse((await folder.run("doctor --json")).stdout) as {
        readonly subjects: readonly { readonly examinations: readonly { readonly name: string; readonly verdict: string }[] }[];
      };
      return subjects.flatMap((each) => each.examinations).find((each) => each.name === "people.yaml")?.verdict;
    };
    expect(await verdict()).toBe("ok");
    execFileSync("chmod", ["g+w", join(folder.path, "people.yaml")]);
    expect(await verdict()).toBe("warn");
    execFileSync("chmod", ["g-w", join(folder.path, "people.yaml")]);
    execFileSync("chmod", ["o+w", folder.path]);
    expect(await verdict()).toBe("warn");
  });
});
