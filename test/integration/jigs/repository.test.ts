import { mkdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { circle, shown } from "./circle.ts";
import { PrivateMachine, tinyRepository } from "./private-machine.ts";
import { changes, done, nodeRole, Place, type Ran, shells, step } from "./run-script.ts";

let place: Place;
let machine: PrivateMachine;
beforeAll(async () => {
  machine = await PrivateMachine.open();
});
afterAll(() => machine.close());
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** A signed flat repository of tiny packages, and one for everybody else whose lists must stay; gives the armoured key. */
async function repositories(): Promise<string> {
  const folder = place.path("repo");
  mkdirSync(folder);
  const gnupg = `GNUPGHOME='${place.root}/gnupg'; export GNUPGHOME`;
  const said = await machine.sh(
    `chmod 755 '${place.root}' && ${tinyRepository(folder)} && mkdir -m 755 -p /var/hg-other && cp '${folder}'/* /var/hg-other 2>/dev/null; echo 'deb [trusted=yes] file:/var/hg-other ./' >/etc/apt/sources.list; apt-get -q update >/dev/null 2>&1
${gnupg}; mkdir -m 700 "$GNUPGHOME"; gpg -q --batch --passphrase '' --quick-gen-key 'test <t@example.org>' ed25519 sign never 2>/dev/null
cd '${folder}' && { apt-ftparchive release . 2>/dev/null || { echo "Date: $(date -Ru)"; echo SHA256:; echo " $(sha256sum <Packages | cut -d' ' -f1) $(wc -c <Packages) Packages"; }; } >/tmp/hg-release.$$ && mv /tmp/hg-release.$$ Release
gpg -q --batch --clearsign -o InRelease Release && rm Release; gpg --armor --export; gpgconf --kill all`,
  );
  expect(said).toMatch(/^-----BEGIN PGP PUBLIC KEY BLOCK-----/u);
  return said;
}

const look =
  "cd /etc/apt; ls sources.list.d keyrings; cat sources.list sources.list.d/* keyrings/* 2>/dev/null; ls /var/lib/apt/lists; apt-cache policy hgtest-main";

describe.each(shells)("%s", (shell) => {
  test("a repository with its key comes, packages come from it, and it goes with its lists", async () => {
    const key = await repositories();
    await machine.sh("mkdir -p /etc/apt/keyrings; rm -f /etc/apt/keyrings/*");
    const uris = `file:${place.path("repo")}`;
    const steps = [step("repository", { name: "hg", uris, suites: "./", key })];
    const options = { shell, under: machine.under };
    const planned = await circle({ place, options, look: () => machine.sh(look) }, steps, async () => {
      expect(
        await machine.sh("cat /etc/apt/sources.list.d/hg.sources; cat /etc/apt/keyrings/hg.asc; stat -c %a /etc/apt/keyrings/hg.asc"),
      ).toBe(`Types: deb\nURIs: ${uris}\nSuites: ./\nSigned-By: /etc/apt/keyrings/hg.asc\n${key}644\n`);
      const policy = await machine.sh("apt-cache policy hgtest-main; ls /var/lib/apt/lists");
      expect(policy).toContain(`${uris} ./ Packages`);
      expect(policy).toContain("file:/var/hg-other ./ Packages");
    });
    expect(changes(planned)).toEqual(["create"]);
    expect(shown(planned)).toEqual(["", expect.stringContaining("Signed-By: /etc/apt/keyrings/hg.asc\n")]);
    const run = (args: Parameters<typeof step>[1]): Promise<Ran> =>
      place.run({ mode: "apply", nodeRole: nodeRole([step("repository", { name: "hg", uris, suites: "./", ...args })]) }, options);
    const other = key.split("\n").slice(0, 2).join("\n");
    const wrong = await run({ key: `${other}\n-----END PGP PUBLIC KEY BLOCK-----\n` });
    expect(done(wrong).message).toMatch(/^apt-get update of this repository failed \(exit code \d+\): address, suite or key are wrong/u);
    expect(await machine.sh("ls /etc/apt/sources.list.d")).toBe("");
    expect(done(await run({ key }))).toMatchObject({ status: "changed", message: "" });
    expect(done(await run({ state: "absent", uris: [uris] })).status).toBe("changed");
    expect(await machine.sh("ls /etc/apt/sources.list.d /etc/apt/keyrings; ls /var/lib/apt/lists | grep -c repo")).toMatch(
      /^\/etc\/apt\/keyrings:\n\n\/etc\/apt\/sources.list.d:\n0\n$/u,
    );
  }, 60_000);
});
