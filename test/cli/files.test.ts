import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createScreen, wrapText } from "../../src/cli/screen.ts";
import { halligan, temporaryFolder } from "./run-cli.ts";

describe("commands that write files", () => {
  test("init writes a valid cluster file and never overwrites one", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "new", "cluster.yaml");
    expect((await halligan(["init", "lab-a", "--user", "ops", "-f", file])).code).toBe(0);
    const written = readFileSync(file, "utf8");
    expect((await halligan(["validate", file])).stdout).toContain("1 node, 0 deployments");
    const again = await halligan(["init", "-f", file]);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("FILE_EXISTS");
    expect(readFileSync(file, "utf8")).toBe(written);
  });

  test("a user name that the file format refuses is refused at once", async () => {
    using folder = temporaryFolder();
    const ran = await halligan(["init", "lab-a", "--user", "o'ps: x", "-f", join(folder.path, "c.yaml")]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain("USAGE --user is");
  });

  test("a place that cannot be written to is told", async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, "file"), "");
    const ran = await halligan(["init", "-f", join(folder.path, "file", "cluster.yaml")]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain("FILE_UNWRITABLE");
  });

  test("a new barclamp passes its fixture; a fixture that expects something else fails with the difference", async () => {
    using folder = temporaryFolder();
    const cwd = folder.path;
    expect((await halligan(["barclamp", "new", "motd"], { cwd })).code).toBe(0);
    const passed = await halligan(["barclamp", "test", "motd"], { cwd });
    expect(passed.stdout).toMatch(/^passed barclamps\/motd\/fixtures\//m);
    expect(passed.code).toBe(0);
    const again = await halligan(["barclamp", "new", "motd"], { cwd });
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("BARCLAMP_EXISTS");

    const wrong = "role: motd\nset: { greeting: x }\nobserved: {}\nchanges: { no-such-step: create }\n";
    writeFileSync(join(cwd, "barclamps/motd/fixtures/wrong.yaml"), wrong);
    writeFileSync(join(cwd, "barclamps/motd/fixtures/broken.yaml"), "rol: motd\nchanges: {}\n");
    const failed = await halligan(["barclamp", "test", "motd"], { cwd });
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain("no-such-step: the role has no such step");
    expect(failed.stdout).toMatch(/: expected none, found create/);
    expect(failed.stdout).toContain("KEY_UNKNOWN");
    expect(failed.stdout).toContain("1 passed, 2 failed");
  });

  test("a fixture says what a role proves, and proofs that cannot be rendered fail every fixture", async () => {
    using folder = temporaryFolder();
    const cwd = folder.path;
    await halligan(["barclamp", "new", "able"], { cwd });
    const write = (when: string, proves: string): void => {
      const proof = `means: It works., steps: [ { command: { name: c, run: "true", when: ${JSON.stringify(when)} } } ]`;
      const role = `roles: { able: { proves: { able-things-work: { ${proof} } } } }`;
      writeFileSync(
        join(cwd, "barclamps/able/barclamp.yaml"),
        `barclamp: able\nversion: 1.0.0\nattributes: { on: { type: boolean, default: false } }\n${role}\n`,
      );
      writeFileSync(join(cwd, "barclamps/able/fixtures/first-time.yaml"), `role: able\nset: { on: true }\n${proves}changes: {}\n`);
    };
    const tested = async (): Promise<string> => (await halligan(["barclamp", "test", "able"], { cwd })).stdout;
    write("set.on", "proves: [able-things-work]\n");
    expect(await tested()).toContain("1 passed, 0 failed");
    write("!set.on", "proves: [able-things-work]\n");
    expect(await tested()).toContain("With these settings the role proves nothing; the fixture says able-things-work.");
    write("!set.on", "proves: []\n");
    expect(await tested()).toContain("1 passed, 0 failed");
    write("set.on > 3", "");
    expect(await tested()).toContain("WHEN_INVALID");
  });

  test("a fixture touches nothing of the machine", async () => {
    using folder = temporaryFolder();
    const cwd = folder.path;
    const proof = join(cwd, "touched");
    await halligan(["barclamp", "new", "careful"], { cwd });
    const guard = `touch '${proof}'`;
    const file = join(cwd, "barclamps/careful/barclamp.yaml");
    const steps = `barclamp: careful\nversion: 1.0.0\nroles:\n  careful:\n    steps:\n      - command: { name: c, run: "${guard}", unless: "${guard}" }\n`;
    writeFileSync(file, steps);
    writeFileSync(join(cwd, "barclamps/careful/fixtures/first-time.yaml"), 'role: careful\nchanges: { "command:c": change }\n');
    const ran = await halligan(["barclamp", "test", "careful"], { cwd });
    expect(ran.stdout).toContain("1 passed, 0 failed");
    expect(() => readFileSync(proof)).toThrow("ENOENT");
  });
});

describe("prose", () => {
  test("is wrapped, but what is to be copied stays whole", () => {
    expect(wrapText("Accept it: `halligan discover n1 --accept-host-key X`. Then plan.", 20)).toEqual([
      "Accept it:",
      "`halligan discover n1 --accept-host-key X`.",
      "Then plan.",
    ]);
    expect(wrapText("a\n\nb", 20)).toEqual(["a", "", "b"]);
    expect(wrapText("an odd ` stays", 7)).toEqual(["an odd", "` stays"]);
  });

  test("a screen is never too narrow to work with", () => {
    expect(createScreen({ isTerminal: true, columns: 0, plain: false, environment: {} }).width).toBeGreaterThanOrEqual(20);
  });
});
