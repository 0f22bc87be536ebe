import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ResolvedStep } from "../../src/core/jigs/resolved.ts";
import { inverseSteps } from "../../src/core/jigs/shell/inverse.ts";
import { changes, done, expectDone, nodeRole, Place, type Ran, shells, step } from "../integration/jigs/run-script.ts";

/** Debian's docker, unpacked and run beside the machine's own: files, socket and containers of its own, no networks, no firewall rules. */
let folder: string;
let daemon: ChildProcess;
let env: NodeJS.ProcessEnv;
let place: Place;
let archive: string;
let sha256: string;

const docker = (...args: readonly string[]): string =>
  execFileSync("docker", args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hg-docker-"));
  execFileSync("sh", ["-c", 'apt-get download -q docker.io containerd runc >/dev/null 2>&1; for d in *.deb; do dpkg -x "$d" root; done'], {
    cwd: folder,
  });
  const path = ["usr/sbin", "usr/bin"].map((each) => join(folder, "root", each)).join(":");
  const socket = `unix://${folder}/docker.sock`;
  env = { PATH: `${path}:${process.env["PATH"]}`, DOCKER_HOST: socket, HOME: folder };
  const own = [
    "--data-root",
    join(folder, "data"),
    "--exec-root",
    join(folder, "exec"),
    "--pidfile",
    join(folder, "pid"),
    "--containerd-namespace",
    "hgtest",
  ];
  const plain = [
    "--iptables=false",
    "--ip6tables=false",
    "--bridge=none",
    "--storage-driver=vfs",
    "--exec-opt",
    "native.cgroupdriver=cgroupfs",
  ];
  daemon = spawn("dockerd", ["--host", socket, ...own, ...plain], { env, stdio: "ignore" });
  for (let tries = 0; tries < 300 && !existsSync(join(folder, "docker.sock")); tries += 1) await setTimeout(200);
  docker("version"); // fails when the daemon does not answer
  archive = join(folder, "image.tar");
  const root = join(folder, "image");
  mkdirSync(join(root, "bin"), { recursive: true });
  const libraries = execFileSync("sh", ["-c", "ldd /bin/busybox 2>/dev/null | grep -o '/[^ ]*' || :"], { encoding: "utf8" });
  execFileSync("cp", ["-L", "--parents", "/bin/busybox", ...libraries.trim().split("\n").filter(Boolean), root]);
  for (const name of ["sh", "sleep", "cat", "env"]) symlinkSync("busybox", join(root, "bin", name));
  execFileSync(
    "sh",
    ["-c", "tar -C image -cf root.tar . && docker import root.tar hgtest:1 && docker save -o image.tar hgtest:1 && docker rmi hgtest:1"],
    {
      cwd: folder,
      env,
      stdio: "ignore",
    },
  );
  sha256 = createHash("sha256").update(readFileSync(archive)).digest("hex");
}, 300_000);
afterAll(async () => {
  const ended = new Promise((resolve) => daemon.once("exit", resolve));
  daemon.kill();
  await ended;
  // what its networks were bound to stays mounted
  execFileSync("sh", ["-c", `grep -o " ${folder}/[^ ]*" /proc/mounts | sort -r | xargs -r umount`]);
  rmSync(folder, { recursive: true, force: true });
}, 120_000);
beforeEach(() => {
  place = new Place();
});
afterEach(() => {
  const left = docker("ps", "-aq");
  if (left !== "") docker("rm", "-f", ...left.split("\n"));
  place.remove();
});

const container = (more: ResolvedStep["args"] = {}, parts: Partial<ResolvedStep> = {}): ResolvedStep =>
  step(
    "container",
    {
      name: "hgbox",
      engine: "docker",
      archive,
      sha256,
      network: "host",
      command: ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"],
      ...more,
    },
    { id: "container:hgbox", ...parts },
  );

describe.each(shells)("a real docker, %s", (shell) => {
  const run = (mode: "check" | "apply" | "remove", steps: readonly ResolvedStep[]): Promise<Ran> =>
    place.run({ mode, nodeRole: nodeRole(steps) }, { shell, env });
  const id = (): string => docker("container", "inspect", "--format", "{{.Id}} {{.State.Running}}", "hgbox");

  test("runs as declared, is made anew only when that changes, and goes with its image", async () => {
    const odd = 'it\'s "$(id)"\n--x=1\t100%\\ ';
    const variables = { ODD: odd, PLAIN: "a=b", EMPTY: "", SECRET: "hunter two" };
    const steps = [
      container({ env: variables, volumes: [`${folder}:/data:ro`], labels: { who: "it's" }, workdir: "/bin" }, { secret: true }),
    ];
    expect(changes(await run("check", steps))).toEqual(["create"]);
    const applied = await run("apply", steps);
    expectDone(applied, "changed");
    expect(applied.log.toString()).not.toContain("hunter");
    const read = (name: string): string =>
      execFileSync("docker", ["exec", "hgbox", "sh", "-c", `printf %s "$${name}"`], { env, encoding: "utf8" });
    expect(["ODD", "PLAIN", "EMPTY", "SECRET", "PWD"].map(read)).toEqual([odd, "a=b", "", "hunter two", "/bin"]);
    const first = id();
    expect(first).toMatch(/ true$/u);
    expectDone(await run("apply", steps), "ok");
    expect(id()).toBe(first);
    docker("stop", "hgbox");
    expect(changes(await run("check", steps))).toEqual(["change"]);
    expectDone(await run("apply", steps), "changed");
    expect(id()).toBe(first);
    const other = [container({ env: { ...variables, SECRET: "hunter three" } }, { secret: true })];
    expect(changes(await run("check", other))).toEqual(["change"]);
    expectDone(await run("apply", other), "changed");
    expect([id() === first, read("SECRET"), docker("ps", "-aq").split("\n").length]).toEqual([false, "hunter three", 1]);
    expectDone(await run("remove", inverseSteps(other)), "changed");
    expect([docker("ps", "-aq"), docker("images", "-q"), docker("volume", "ls", "-q")]).toEqual(["", "", ""]);
    expectDone(await run("remove", inverseSteps(other)), "ok");
  }, 180_000);

  test("an old container goes on when a new one cannot be made; others' containers are refused; stopped stays stopped", async () => {
    expectDone(await run("apply", [container()]), "changed");
    const first = id();
    expect(done(await run("apply", [container({ options: ["--no-such-option"] })])).message).toMatch(/^docker did not make the container/u);
    expect(id()).toBe(first);
    const ended = await run("apply", [container({ command: ["sh", "-c", "echo no such luck; exit 3"], restart: "no" })]);
    expect(done(ended).message).toBe("the container hgbox ended right after its start");
    expect(ended.log.toString()).toContain("no such luck");
    docker("rm", "-f", "hgbox");
    docker("create", "--name", "hgbox", "--network", "host", "hgtest:1", "sleep", "9");
    expect(done(await run("apply", [container()])).message).toContain("a container hgbox is there that Halligan did not make");
    expectDone(await run("apply", [container({ state: "absent" })]), "changed");
    expectDone(await run("apply", [container({ state: "stopped" })]), "changed");
    expect(id()).toMatch(/ false$/u);
    expectDone(await run("apply", [container({ state: "stopped" })]), "ok");
    expectDone(await run("remove", inverseSteps([container()])), "changed");
    expect(docker("ps", "-aq")).toBe("");
  }, 180_000);
});
