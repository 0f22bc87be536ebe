import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { overlapsLayout, sandboxLayout } from "../../../../src/core/adapters/lab/sandbox/layout.ts";
import { parseMounts } from "../../../../src/core/adapters/lab/sandbox/mounts.ts";
import { PipeMaker } from "../../../../src/core/adapters/lab/sandbox/pipes.ts";
import { nodeScript } from "../../../../src/core/adapters/lab/sandbox/script.ts";
import { type NamespaceSettings, remedyFor } from "../../../../src/core/adapters/lab/sandbox/support.ts";

const plain = parseMounts("22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n");

test("reads mount points with spaces", () => {
  expect(parseMounts("30 22 0:5 / /mnt/a\\040b rw,nosuid shared:1 - tmpfs none rw\n")).toEqual([
    { path: "/mnt/a b", options: ["rw", "nosuid"], type: "tmpfs" },
  ]);
});

test("a directory with a mount below it is overlaid child by child", () => {
  const mounts = [...plain, { path: "/var/lib/dpkg", options: ["rw"], type: "fuse.x" }];
  const layout = sandboxLayout({ mounts, owner: "root", readable: [] });
  const kinds = new Map(layout.map((part) => [part.path, part.kind]));
  expect(kinds.get("/usr")).toBe("overlay");
  expect(kinds.get("/var")).toBe("directory");
  expect(kinds.get("/var/lib")).toBe("directory");
  expect(kinds.get("/var/lib/dpkg")).toBe("directory");
  const siblings = readdirSync("/var/lib", { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== "dpkg");
  expect(siblings.length).toBeGreaterThan(0);
  for (const { name } of siblings) expect(kinds.get(`/var/lib/${name}`)).toBe("overlay");
});

test("an ordinary user gets a copy of /etc, and what lies outside the overlays is bound read-only", () => {
  const layout = sandboxLayout({ mounts: plain, owner: "user", readable: ["/work/program", "/usr/lib/node"] });
  expect(layout).toContainEqual({ kind: "copy", path: "/etc" });
  expect(layout.filter((part) => part.kind === "bind")).toEqual([{ kind: "bind", path: "/work/program" }]);
  expect(overlapsLayout(layout, "/var/tmp/lab")).toBe(true);
  expect(overlapsLayout(layout, "/home/me/lab")).toBe(false);
});

test("the set-up script is valid shell whatever the names are", () => {
  const script = nodeScript({
    name: "n1",
    address: "127.77.0.1",
    folder: "/tmp/it's a $(folder) `x`",
    base: "/tmp/base",
    layout: sandboxLayout({ mounts: plain, owner: "user", readable: ["/work/it's"] }),
    mounts: plain,
    storage: "memory",
    owner: "user",
    hide: "/work/it's/.halligan",
    nodeBinary: "/opt/no'de",
  });
  expect(execFileSync("/bin/sh", ["-n"], { input: script }).toString()).toBe("");
});

test("makes pipes that are pipes", async () => {
  const maker = new PipeMaker();
  const pipes = await Promise.all(Array.from({ length: 20 }, () => maker.make()));
  expect(new Set(pipes.flatMap((pipe) => [pipe.read, pipe.write])).size).toBe(40);
  for (const pipe of pipes) expect(existsSync(`/proc/self/fd/${pipe.read}`)).toBe(true);
});

const open: NamespaceSettings = {
  platform: "linux",
  maxUserNamespaces: "90000",
  unprivilegedClone: undefined,
  apparmorRestriction: undefined,
  inContainer: false,
};

test.each([
  ["unshare: unshare failed: No space left on device", { maxUserNamespaces: "0" }, "sysctl -w user.max_user_namespaces="],
  ["unshare: unshare failed: Operation not permitted", { unprivilegedClone: "0" }, "sysctl -w kernel.unprivileged_userns_clone=1"],
  ["mount: permission denied", { apparmorRestriction: "1" }, "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"],
  ["mount: unknown filesystem type 'overlay'", {}, "modprobe overlay"],
  ["spawn unshare ENOENT", {}, "apt-get install util-linux"],
  ["mount: permission denied", { inContainer: true }, "--privileged"],
  ["anything", {}, "as root"],
])("explains %j with %j", (words, settings, remedy) => {
  expect(remedyFor(words, { ...open, ...settings })).toContain(remedy);
});
