import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { inverseSteps } from "../../../src/core/jigs/shell/inverse.ts";
import { containerKind } from "../../../src/core/jigs/shell/kinds/container.ts";
import { PrivateMachine } from "./private-machine.ts";
import { changes, done, expectDone, nodeRole, Place, type Ran, shells, step } from "./run-script.ts";

let place: Place;
let machine: PrivateMachine;
let archive: string;
let sha256: string;

/** podman with files of its own; its runtime knows cgroups of version 1 or 2, and not a mixture. */
const setup = (root: string): string => `mount -t tmpfs tmpfs /run; umount /sys/fs/cgroup/unified 2>/dev/null
mkdir -p /etc/containers; rm -f /etc/containers/storage.conf /etc/containers/containers.conf
printf '[storage]\\ndriver = "vfs"\\ngraphroot = "%s/store"\\nrunroot = "/run/store"\\n' '${root}' >/etc/containers/storage.conf
printf '[containers]\\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\\n[engine]\\ncgroup_manager = "cgroupfs"\\nevents_logger = "file"\\n' >/etc/containers/containers.conf`;

/** A small file system of this machine's busybox and its libraries, as an archive with one image. */
function image(root: string): string {
  const base = join(root, "root");
  mkdirSync(join(base, "bin"), { recursive: true });
  const libraries = execFileSync("sh", ["-c", "ldd /bin/busybox 2>/dev/null | grep -o '/[^ ]*' || :"], { encoding: "utf8" });
  execFileSync("cp", ["-L", "--parents", "/bin/busybox", ...libraries.trim().split("\n").filter(Boolean), base]);
  for (const name of ["sh", "sleep", "cat", "env"]) symlinkSync("busybox", join(base, "bin", name));
  return `cd '${root}' && tar -C root -cf root.tar . && podman import -q root.tar localhost/hgtest:1 >/dev/null 2>&1 && podman save -q -o image.tar localhost/hgtest:1 && podman rmi localhost/hgtest:1 >/dev/null && podman images -q`;
}

beforeEach(async () => {
  place = new Place();
  machine = await PrivateMachine.open();
  const said = await machine.sh(`${setup(place.root)}\n${image(place.root)}`);
  if (said !== "") throw new Error(`podman does not work here: ${said}`);
  archive = join(place.root, "image.tar");
  sha256 = createHash("sha256").update(readFileSync(archive)).digest("hex");
}, 60_000);
afterEach(async () => {
  await machine.sh("podman rm -af; podman system reset -f");
  await machine.close();
  place.remove();
});

const container = (more: ResolvedStep["args"] = {}, parts: Partial<ResolvedStep> = {}): ResolvedStep =>
  step(
    "container",
    { name: "hgbox", archive, sha256, network: "host", command: ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"], ...more },
    { id: "container:hgbox", ...parts },
  );

describe.each(shells)("%s", (shell) => {
  const run = (mode: "check" | "apply" | "remove", steps: readonly ResolvedStep[]): Promise<Ran> =>
    place.run({ mode, nodeRole: nodeRole(steps) }, { shell, under: machine.under });
  const id = (): Promise<string> => machine.sh("podman container inspect --format '{{.Id}} {{.State.Running}}' hgbox");

  test("runs as declared, is made anew only when that changes, and goes with its image", async () => {
    const odd = 'it\'s "$(id)"\n--x=1\t100%\\ ';
    const env = { ODD: odd, PLAIN: "a=b", EMPTY: "", SECRET: "hunter two" };
    const steps = [
      container({ env, volumes: [`${place.path(".")}:/data:ro`], labels: { who: "it's" }, workdir: "/bin" }, { secret: true }),
    ];
    expect(changes(await run("check", steps))).toEqual(["create"]);
    const applied = await run("apply", steps);
    expectDone(applied, "changed");
    expect(applied.log.toString()).not.toContain("hunter");
    const read = (name: string): Promise<string> => machine.sh(`podman exec hgbox sh -c 'printf %s "$${name}"'`);
    expect([await read("ODD"), await read("PLAIN"), await read("EMPTY"), await read("SECRET"), await read("PWD")]).toEqual([
      odd,
      "a=b",
      "",
      "hunter two",
      "/bin",
    ]);
    const first = await id();
    expect(first).toMatch(/ true\n$/u);
    expectDone(await run("apply", steps), "ok");
    expect(await id()).toBe(first);
    expect(await machine.sh("podman stop hgbox")).toBe("hgbox\n");
    expect(changes(await run("check", steps))).toEqual(["change"]);
    expectDone(await run("apply", steps), "changed");
    expect(await id()).toBe(first);
    const other = [container({ env: { ...env, SECRET: "hunter three" } }, { secret: true })];
    const planned = await run("check", other);
    expect(changes(planned)).toEqual(["change"]);
    expect(planned.log.toString()).not.toMatch(/diff|hunter/u);
    expectDone(await run("apply", other), "changed");
    expect(await id()).not.toBe(first);
    expect(await machine.sh("podman ps -aq | wc -l; podman exec hgbox sh -c 'echo $SECRET'")).toBe("1\nhunter three\n");
    expectDone(await run("remove", inverseSteps(other)), "changed");
    expect(await machine.sh("podman ps -aq; podman images -q; podman volume ls -q")).toBe("");
    expectDone(await run("remove", inverseSteps(other)), "ok");
  }, 120_000);

  test("an old container goes on when a new one cannot be made; others' containers and wrong archives are refused", async () => {
    expectDone(await run("apply", [container()]), "changed");
    const first = await id();
    const bad = await run("apply", [container({ options: ["--no-such-option"] })]);
    expect(done(bad).message).toMatch(/^podman did not make the container \(exit code \d+\)$/u);
    expect(await id()).toBe(first);
    const wrong = await run("apply", [container({ sha256: "0".repeat(64), labels: { a: "b" } })]);
    expect(done(wrong).message).toContain(`has sha256 ${sha256}, not 000`);
    expect(await id()).toBe(first);
    const ended = await run("apply", [container({ command: ["sh", "-c", "echo no such luck; exit 3"], restart: "no" })]);
    expect(done(ended).message).toBe("the container hgbox ended right after its start");
    expect(ended.log.toString()).toContain("no such luck");
    await machine.sh(
      "podman rm -f hgbox; podman load -q -i image.tar; podman create --name hgbox --network host localhost/hgtest:1 sleep 9",
    );
    expect(done(await run("apply", [container()])).message).toContain("a container hgbox is there that Halligan did not make");
    expectDone(await run("remove", inverseSteps([container()])), "ok");
    expectDone(await run("apply", [container({ state: "absent" })]), "changed");
    expectDone(await run("apply", [container({ state: "stopped" })]), "changed");
    expect(await id()).toMatch(/ false\n$/u);
    expectDone(await run("apply", [container({ state: "stopped" })]), "ok");
    expectDone(await run("apply", [container({ state: "stopped", labels: { a: "b" } })]), "changed");
    expectDone(await run("remove", inverseSteps([container({ labels: { a: "b" } })])), "changed");
    expect(await machine.sh("podman ps -aq")).toBe("");
  }, 120_000);
});

test("tags, odd ports and client variables are refused", () => {
  const take = (args: object): boolean =>
    containerKind.schema.safeParse({ name: "a", image: `example.org/app@sha256:${"a".repeat(64)}`, ...args }).success;
  expect(take({})).toBe(true);
  expect(take({ image: "nginx:1.25" })).toBe(false);
  expect(take({ archive: "/x", sha256 })).toBe(false);
  for (const port of ["80:80", "127.0.0.1:80:80", "[::1]:80:80/udp", "8000-8010:8000-8010"]) expect(take({ ports: [port] })).toBe(true);
  for (const port of ["80", "80:80/icmp", "x:80"]) expect(take({ ports: [port] })).toBe(false);
  expect(take({ env: { PATH: "/bin:/usr/bin" } })).toBe(true);
  expect(take({ env: { PATH: "/a b" } })).toBe(false);
});
