import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importFiles } from "../../../src/core/inventory/import/formats.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "halligan-ssh-config-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the real ssh makes of a host: hostname, port, user, identity files, jump. */
function askSsh(text: string, host: string): Readonly<Record<string, readonly string[]>> {
  const file = join(folder, "config");
  writeFileSync(file, text);
  const ran = spawnSync("ssh", ["-T", "-G", "-F", file, host], { encoding: "utf8" });
  expect(`${ran.status} ${ran.stderr}`).toBe("0 ");
  const found: Record<string, string[]> = {};
  for (const line of ran.stdout.split("\n")) {
    const cut = line.indexOf(" ");
    const [key, value] = [line.slice(0, cut), line.slice(cut + 1)];
    found[key] = [...(found[key] ?? []), value];
  }
  return found;
}

const names = ["web1", "web2", "db1", "bastion"] as const;
const pattern = fc.constantFrom(...names, "web*", "w?b1", "*", "!web2", "!db*", "*1", "WEB1");
const option = fc.oneof(
  fc.constantFrom("HostName 10.0.0.1", "hostname=%h.example.org", 'HostName = "10.0.0.9"', "HostName 10.0.0.%%h"),
  fc.constantFrom("Port 2222", "port = 23", 'Port "24"', "User ops", "USER=root", 'User "a b"', "User c # d", "\tUser\te"),
  fc.constantFrom(
    "IdentityFile ~/.ssh/a",
    'IdentityFile "/k with space"',
    "IdentityFile /b%%c",
    "IdentityFile none",
    "IdentityFile %d/.ssh/z",
  ),
  fc.constantFrom("ForwardAgent yes", "# a comment", "", "   "),
);
const block = fc.tuple(fc.uniqueArray(pattern, { minLength: 1, maxLength: 3 }), fc.array(option, { maxLength: 5 }));

test("hosts are what the installed ssh says they are", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(option, { maxLength: 2 }), fc.array(block, { minLength: 1, maxLength: 5 }), async (head, blocks) => {
      const body = blocks.map(([patterns, options]) => [`Host ${patterns.join(" ")}`, ...options].join("\n")).join("\n");
      // a last block gives each host an address of its own and so keeps all of them apart
      const text = `${head.join("\n")}\n${body}\nHost ${names.join(" ")}\n`;
      const { nodes } = await importFiles("ssh-config", ["config"], { readText: async () => text, list: async () => undefined }, homedir());
      for (const node of nodes.filter((each) => (names as readonly string[]).includes(each.name))) {
        const real = askSsh(text, node.name);
        expect(node.address.toLowerCase()).toBe(real["hostname"]?.[0]);
        expect(String(node.port ?? 22)).toBe(real["port"]?.[0]);
        const user = real["user"]?.[0] ?? "";
        // a user name with a space is none for the cluster file
        expect(user.includes(" ") ? user : (node.user ?? userInfo().username)).toBe(user);
        const tilde = (path: string): string => path.replace(/^~(?=\/)/u, homedir());
        const keys = (real["identityfile"] ?? []).filter((path) => path !== "none").map(tilde);
        // where no key is named, ssh lists its defaults
        const wanted = [...new Set(keys.map((path) => path.replaceAll("%%", "%").replace("%d", homedir())))];
        expect(node.keys.length === 0 ? wanted : node.keys.map((path) => tilde(path))).toEqual(wanted);
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);
