import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inverseSteps } from "../../../src/core/jigs/shell/inverse.ts";
import { changes, done, nodeRole, Place, shells, step } from "./run-script.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => {
  for (const name of existsSync(place.state("services")) ? readdirSync(place.state("services")) : []) {
    for (const file of ["pid", "child"]) if (existsSync(place.state(`services/${name}/${file}`))) kill(pidIn(name, file));
  }
  place.remove();
});

const pidIn = (name: string, file: string): number => Number(readFileSync(place.state(`services/${name}/${file}`), "utf8").split(" ")[0]);
const alive = (pid: number): boolean => existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
function kill(pid: number): void {
  if (alive(pid)) process.kill(pid, "SIGKILL");
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !holds(); tries++) await pause(50);
  expect(holds()).toBe(true);
}

describe.each(shells)("our own supervisor under %s", (shell) => {
  const args = { name: "web", exec: "sleep 1000", env: { WORD: "it's $(id)" }, workdir: "/usr", user: "nobody" };
  const config = (content: string) => step("file", { path: place.path("conf"), content }, { notify: ["svc"] });
  const service = step("service", args, { id: "svc" });
  const run = (mode: "check" | "apply" | "remove", ...steps: Parameters<typeof nodeRole>[0]) =>
    place.run({ mode, nodeRole: nodeRole(steps) }, { shell });

  test("starts, survives the job, restarts what crashed or was notified, and stops", async () => {
    execFileSync("chmod", ["711", place.root]);
    expect(changes(await run("check", config("1"), service))).toEqual(["create", "create"]);
    const applied = await run("apply", config("1"), service);
    expect({ ...done(applied), trouble: applied.trouble }).toMatchObject({ status: "changed", message: "", trouble: "" });
    const first = pidIn("web", "child");
    expect(alive(first)).toBe(true);
    // It has no part in what the script says to its helper, which is root.
    expect(readdirSync(`/proc/${first}/fd`)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^[78]$/u)]));
    expect(readFileSync(`/proc/${first}/environ`, "utf8").split("\0")).toContain("WORD=it's $(id)");
    expect(readFileSync(`/proc/${first}/status`, "utf8")).toMatch(/^Uid:\t65534\t/mu);
    expect(execFileSync("readlink", [`/proc/${first}/cwd`], { encoding: "utf8" })).toBe("/usr\n");
    expect(readFileSync(`/proc/${first}/status`, "utf8")).toMatch(/^SigIgn:\t0000000000000000$/mu);
    expect(existsSync(place.state("services/web/enabled"))).toBe(true);
    expect(done(await run("apply", config("1"), service)).status).toBe("ok");
    expect(pidIn("web", "child")).toBe(first);

    expect(done(await run("apply", config("2"), service)).status).toBe("changed");
    const second = pidIn("web", "child");
    expect(second).not.toBe(first);
    expect(alive(first)).toBe(false);

    kill(second);
    await until(() => existsSync(place.state("services/web/child")) && pidIn("web", "child") !== second && alive(pidIn("web", "child")));
    expect(changes(await run("check", config("2"), service))).toEqual(["none", "none"]);

    const [supervisor, third] = [pidIn("web", "pid"), pidIn("web", "child")];
    const removed = await run("remove", ...inverseSteps([config("2"), service]));
    expect({ ...done(removed), trouble: removed.trouble }).toMatchObject({ status: "changed", trouble: "" });
    expect([supervisor, third].map(alive)).toEqual([false, false]);
    expect(existsSync(place.state("services/web"))).toBe(false);
  });

  test("a program that ends at once is a failure that shows its last words", async () => {
    const ran = await run("apply", step("service", { name: "bad", exec: "sh -c 'echo no such luck; exit 3'" }));
    expect(done(ran)).toMatchObject({ status: "failed", message: "the service bad ended right after its start" });
    expect(ran.log.toString()).toContain("no such luck");
    expect(existsSync(place.state("services/bad/pid"))).toBe(false);
  });

  test("what ended once starts when its cause is mended, and a second failure shows only its own last words", async () => {
    const service = step("service", { name: "app", exec: `sh ${place.path("conf")}` }, { id: "svc" });
    expect(done(await run("apply", config("echo first; exit 3\n"), service)).status).toBe("failed");
    const again = await run("apply", config("echo second; exit 3\n"), service);
    expect(done(again).status).toBe("failed");
    expect(again.log.toString()).toContain("second");
    expect(again.log.toString()).not.toContain("first");
    expect(done(await run("apply", config("exec sleep 300\n"), service)).status).toBe("changed");
    expect(alive(pidIn("app", "child"))).toBe(true);
    expect(readFileSync(place.state("services/app/log"), "utf8")).toMatch(/first[^]*second/u);
  });

  test("what its services say is told when the role does not work in the end, in a run and in a look at it", async () => {
    const log = place.path("web.log");
    const exec = `sh -c 'echo no port for me; echo in the file too >${log}; exec sleep 300'`;
    const steps = [step("service", { name: "deaf", exec, log }, { id: "svc" })];
    const verify = [step("port", { port: 1, within: 300 }, { id: "port" })];
    const ran = await place.run({ mode: "apply", nodeRole: nodeRole(steps, { verify }) }, { shell });
    expect(done(ran)).toMatchObject({ status: "failed", message: "port 1 is closed" });
    expect(ran.log.toString()).toContain("deaf: in the file too\ndeaf: no port for me\n");
    const looked = await place.run({ mode: "check", nodeRole: nodeRole([]), checks: verify, served: steps }, { shell });
    expect(changes(looked)).toEqual(["change"]);
    expect(looked.log.toString()).toContain("deaf: no port for me\n");
    const checked = await place.run({ mode: "check", nodeRole: nodeRole([]), checks: verify }, { shell });
    expect(checked.log.toString()).not.toContain("deaf");
  });

  test("without exec and without an init script the failure says what to do", async () => {
    const ran = await run("apply", step("service", { name: "hgnowhere" }));
    expect(done(ran).message).toBe("there is no service hgnowhere on this node: install its package before this step, or give exec");
  });

  test("an ordinary user can run files, commands and services of their own; the rest is refused in words", async () => {
    execFileSync("chown", ["-R", "65534:65534", place.root]);
    const under = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const prepare = (job: string): void => void execFileSync("chown", ["-R", "65534:65534", job]);
    const go = (...steps: Parameters<typeof nodeRole>[0]) =>
      place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell, under, prepare });
    const fine = await go(
      step("file", { path: place.path("f"), content: "x" }),
      step("command", { run: "id -u" }),
      step("service", { name: "mine", exec: "sleep 1000" }),
    );
    expect({ ...done(fine), trouble: fine.trouble }).toMatchObject({ status: "changed", message: "", trouble: "" });
    expect(statSync(place.path("f"))).toMatchObject({ uid: 65534 });
    expect(done(await go(step("package", { name: "hgtest-x" }))).message).toContain("needs root");
    expect(done(await go(step("command", { run: "true", as: "root" }))).message).toBe("running as root needs root");
    expect(done(await go(step("file", { path: "/etc/hg-never", content: "" }))).message).toContain("not permitted for this user");
    expect(done(await go(step("file", { path: place.path("g"), content: "", owner: "root:root" }))).message).toContain(
      "not permitted for this user",
    );
    expect(existsSync(place.path("g"))).toBe(false);
  });
});
