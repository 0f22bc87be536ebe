import { afterEach, beforeEach, expect, test } from "vitest";
import { compileScript } from "../../../src/core/jigs/shell/compile.ts";
import { fixtureStateSchema } from "../../../src/core/jigs/shell/fixture-state.ts";
import { changes, done, nodeRole, Place, step } from "./run-script.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const key = "ssh-ed25519 AAAA ops";
const steps = [
  step("package", { name: ["nginx", "curl"] }),
  step("file", { path: "/etc/app.conf", content: "it's $(x)\n", mode: "0640", owner: "root:app" }, { notify: ["svc"] }),
  step("directory", { path: "/srv/app" }),
  step("link", { path: "/srv/l", to: "app" }),
  step("line", { path: "/etc/hosts", line: "10.0.0.1 db" }),
  step("line", { path: "/etc/ssh.conf", line: "Root no", match: "^#?Root" }, { id: "m" }),
  step("ini", { path: "/etc/x.ini", set: { "a.b": "1" } }),
  step("group", { name: "app" }),
  step("user", { name: "ops", groups: ["app"], keys: [key] }),
  step("service", { name: "nginx", enabled: true }, { id: "svc" }),
  step("service", { name: "own", exec: "/bin/true" }),
  step("command", { run: "make-db", unless: "test -e /db" }),
  step("command", { run: "other" }, { id: "c2" }),
  step("port", { port: 80 }),
  step("http", { url: "http://localhost/" }),
];

const settled = {
  packages: { nginx: "1.22.1", curl: "7" },
  files: {
    "/etc/app.conf": { content: "it's $(x)\n", mode: "0640", owner: "root:app" },
    "/srv/app": { directory: true },
    "/srv/l": { link: "app" },
    "/etc/hosts": { content: "127.0.0.1 localhost\n10.0.0.1 db\n" },
    "/etc/ssh.conf": { content: "# x\nRoot no\n" },
    "/etc/x.ini": { content: "[a]\nb = 1\n" },
    "/home/ops/.ssh/authorized_keys": { content: `${key}\n` },
  },
  groups: { app: { gid: 5, members: ["ops"] } },
  users: { ops: { uid: 7 } },
  services: { nginx: { active: true, enabled: true }, own: { active: true, enabled: true } },
  commands: { "test -e /db": 0, "port 80": 0, "http http://localhost/": 0 },
};

test("a fixture's state is judged by the code that judges a node", async () => {
  const seen = async (observe: unknown): Promise<readonly string[]> => {
    const ran = await place.run({ mode: "check", nodeRole: nodeRole(steps), observe: fixtureStateSchema.parse(observe) });
    expect({ ...done(ran), trouble: ran.trouble }).toMatchObject({ status: "ok", trouble: "" });
    return changes(ran);
  };
  const others = steps.map((one) => (one.id.includes("other") || one.id === "c2" ? "change" : "none"));
  expect(await seen(settled)).toEqual(others);
  const nothing = [
    "create",
    "create",
    "create",
    "create",
    "create",
    "create",
    "create",
    "create",
    "create",
    "create",
    "create",
    "change",
    "change",
    "change",
    "change",
  ];
  expect(await seen({})).toEqual(nothing);
  const drifted = structuredClone(settled);
  drifted.files["/etc/app.conf"].mode = "0644";
  drifted.files["/etc/ssh.conf"].content = "#Root yes\n";
  drifted.services.own.active = false;
  expect((await seen(drifted)).flatMap((change, i) => (change === "none" ? [] : [i]))).toEqual([1, 5, 9, 10, 12]);
});

test("the facts of a fixture choose what versions look like", async () => {
  const packages = [step("package", { name: "nginx=1.20.1" })];
  const seen = async (manager: "apt" | "dnf"): Promise<readonly string[]> =>
    changes(await place.run({ mode: "check", nodeRole: nodeRole(packages), observe: { packages: { nginx: "1:1.20.1-14.el9" } }, manager }));
  expect(await seen("dnf")).toEqual(["none"]);
  expect(await seen("apt")).toEqual(["change"]);
});

test("wrong arguments are all told, without values", () => {
  expect(() => compileScript({ mode: "check", nodeRole: nodeRole([step("file", { path: "relative", mode: "9", hunter2: 1 })]) })).toThrow(
    /^STEP_INVALID: Step file:"relative": path: must be an absolute path\.[\s\S]*mode: [\s\S]*Unrecognized key/u,
  );
});
