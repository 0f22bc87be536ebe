import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { entry, halligan, node, temporaryFolder } from "./run-cli.ts";

const escape = "\u001b[";

function cluster(folder: string, address = "127.0.0.1", port = 22): string {
  const file = join(folder, "cluster.yaml");
  writeFileSync(
    file,
    `halligan: 1\ncluster: t\nssh: { user: root, port: ${port} }\nnodes:\n  n-[01-60]: { address: "127.8.0.[1-60]" }\n  one: { address: ${address} }\ndeployments: {}\n`,
  );
  return file;
}

describe("the process", () => {
  test("a problem goes to stderr in words, to stdout as JSON, with the code of its class", async () => {
    const [words, json] = await Promise.all([halligan(["nope"]), halligan(["nope", "--json"])]);
    expect(words).toMatchObject({ code: 2, stdout: "" });
    expect(words.stderr).toContain("USAGE There is no command `nope`.");
    expect(json).toMatchObject({ code: 2, stderr: "" });
    expect(json.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      kind: "problems",
      problems: [{ code: "USAGE", hint: expect.any(String), docs: "docs/errors.md#usage" }],
    });
  });

  test("no colour without a terminal; FORCE_COLOR asks for it, NO_COLOR wins", async () => {
    const [plain, forced, refused] = await Promise.all([
      halligan(["help"]),
      halligan(["help"], { env: { FORCE_COLOR: "1" } }),
      halligan(["help"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } }),
    ]);
    expect(plain.stdout).not.toContain(escape);
    expect(forced.stdout).toContain(escape);
    expect(refused.stdout).toBe(plain.stdout);
  });

  test("a reader that leaves early is no error", async () => {
    using folder = temporaryFolder();
    const file = cluster(folder.path);
    const script = '"$0" "$1" nodes -f "$2" --json | head -c 10; echo " ${PIPESTATUS[0]}"';
    const child = spawn("bash", ["-c", script, node, entry, file], {
      env: { PATH: process.env["PATH"], HOME: folder.path },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    await new Promise((resolve) => child.on("close", resolve));
    expect(out).toBe('{"halligan 0\n');
    expect(err).toBe("");
  });

  test("large output arrives whole through a pipe", async () => {
    const ran = await halligan(["schema", "barclamp"]);
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({ type: "object" });
    expect(ran.stdout.length).toBeGreaterThan(10_000);
  });

  test("Ctrl+C ends a command that waits for the network, with a problem", async () => {
    using folder = temporaryFolder();
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const file = cluster(folder.path, "127.0.0.1", port);
    const child = spawn(node, [entry, "discover", "name=one", "-f", file], {
      env: { PATH: process.env["PATH"], HOME: folder.path },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    await new Promise<void>((resolve) => silent.once("connection", () => resolve()));
    child.kill("SIGINT");
    const code = await new Promise((resolve) => child.on("close", resolve));
    silent.close();
    expect(code).toBe(6);
    expect(err).toContain("INTERRUPTED");
    expect(err).not.toMatch(/^ +at /m);
  });

  test("the version is that of the package", async () => {
    expect((await halligan(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
