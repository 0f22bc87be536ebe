import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { hasStackTrace, makePlace, type Place } from "./place.ts";

let sshd: Sshd;
let place: Place;

function clusterOf(server: Sshd): string {
  const ssh = `user: ${server.user}, key: ${server.clientKey}, agent: false`;
  return `halligan: 1\ncluster: keys\nssh: { ${ssh} }\nnodes:\n  n1: { address: ${server.address}, port: ${server.port} }\n`;
}

beforeAll(async () => {
  sshd = await startSshd();
  place = makePlace(clusterOf(sshd), "barclamp: faulty\nversion: 1.0.0\nroles:\n  nothing: { steps: [] }\n");
});

afterAll(async () => {
  await sshd?.stop();
  place?.dispose();
});

/** Commands that a text names between backquotes. */
function commandsIn(text: string): readonly string[] {
  return [...text.replace(/\s+/gu, " ").matchAll(/`([^`]+)`/gu)].map(([, command = ""]) => command);
}

/** Runs a line as it was printed. */
async function copied(line: string): Promise<{ readonly code: number | null; readonly text: string }> {
  const [name, ...args] = line.split(" ");
  if (name === "halligan") return await place.run(...args);
  return { code: 0, text: execFileSync("sh", ["-c", line], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }) };
}

test("a host key that is not known, then one that changed: the printed commands work as they are", async () => {
  const unknown = await place.run("discover", "--plain");
  expect(unknown).toMatchObject({ code: 5 });
  expect(unknown.text).toContain(`HOST_KEY_UNKNOWN n1`);
  expect(unknown.text).toContain(sshd.hostKeys[0]?.fingerprint);
  const accept = commandsIn(unknown.text).find((line) => line.includes("--accept-host-key")) ?? "";
  expect(await copied(accept)).toMatchObject({ code: 0 });
  expect(await place.run("discover", "--plain")).toMatchObject({ code: 0 });

  const { port, address } = sshd;
  await sshd.stop();
  sshd = await startSshd({ port, address });
  place.write("cluster.yaml", clusterOf(sshd));
  const changed = await place.run("discover", "--plain");
  expect(changed.code).toBe(5);
  expect(changed.text).toContain("HAS CHANGED");
  expect(hasStackTrace(changed.text)).toBe(false);
  const [remove = "", again = ""] = commandsIn(changed.text).filter((line) => /ssh-keygen -f|--accept-host-key/u.test(line));
  // accepting alone does not do: the old pin stands until it is removed on purpose
  expect((await copied(again)).text).toContain("HOST_KEY_CHANGED");
  await copied(remove);
  expect(await copied(again)).toMatchObject({ code: 0 });
});

test("a key that is not what the person accepts is named, with what to do", async () => {
  const told = await place.run("discover", "n1", "--accept-host-key", `SHA256:${"A".repeat(43)}`, "--plain");
  expect(told.code).toBe(5);
  expect(told.text).toContain(sshd.hostKeys[0]?.fingerprint);
  expect(told.text).toContain("Nothing was accepted");
});
