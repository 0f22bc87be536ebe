import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { inverseSteps } from "../../../src/core/jigs/shell/inverse.ts";
import { circle } from "./circle.ts";
import { pretend, rpmRepository } from "./foreign-machine.ts";
import { writeApk } from "./imitations.ts";
import { PrivateMachine } from "./private-machine.ts";
import { busyboxAlone, changes, done, nodeRole, Place, type Ran, shells, step } from "./run-script.ts";

let place: Place;
let machine: PrivateMachine;
beforeEach(async () => {
  place = new Place();
  machine = await PrivateMachine.open();
});
afterEach(async () => {
  await machine.close();
  place.remove();
});

const run = (mode: "check" | "apply" | "remove", steps: readonly ResolvedStep[], shell: string): Promise<Ran> =>
  place.run({ mode, nodeRole: nodeRole(steps) }, { shell, under: machine.under });

/** A repository whose packages and metadata are signed; gives the armoured key. */
async function signedRepository(): Promise<string> {
  const folder = place.path("repo");
  mkdirSync(folder);
  const gnupg = `GNUPGHOME='${place.root}/gnupg'; export GNUPGHOME`;
  const sign = `${gnupg}; GPG_TTY= rpmsign --define '_gpg_name t@example.org' --define '__gpg /usr/bin/gpg' --addsign '${folder}'/noarch/*.rpm >'${place.root}/sign.log' 2>&1 || cat '${place.root}/sign.log'`;
  const said = await machine.sh(
    `chmod 755 '${place.root}'; ${gnupg}; mkdir -m 700 "$GNUPGHOME"; gpg -q --batch --passphrase '' --quick-gen-key 'test <t@example.org>' rsa2048 sign never 2>/dev/null
${rpmRepository(folder, place.path("build"), sign)}
gpg -q --batch --armor --detach-sign '${folder}/repodata/repomd.xml' && chmod -R a+rX '${folder}'; gpg --armor --export; gpgconf --kill all`,
  );
  expect(said).toMatch(/^-----BEGIN PGP PUBLIC KEY BLOCK-----/u);
  return said;
}

const places = { dnf: "/etc/yum.repos.d", zypper: "/etc/zypp/repos.d" } as const;

describe.each(["dnf", "zypper"] as const)("%s", (manager) => {
  const look = `ls ${places[manager]} /etc/pki/rpm-gpg 2>/dev/null; cat ${places[manager]}/*.repo 2>/dev/null; rpm -qa | sort; ls /var/cache/dnf /var/cache/zypp/raw /var/cache/zypp/solv 2>/dev/null | grep hg`;

  test.each(shells)(
    "%s: a signed repository with its key comes, packages come from it, and it goes with its key and lists",
    async (shell) => {
      await pretend(machine, manager);
      const key = await signedRepository();
      await machine.sh(`mkdir -p ${places[manager]} /etc/pki/rpm-gpg`);
      const uris = `file://${place.path("repo")}`;
      const repository = step("repository", { name: "hg", uris, key, signed: "both" });
      const packages = step("package", { name: "hgtest-main" });
      const planned = await circle(
        { place, options: { shell, under: machine.under }, look: () => machine.sh(look) },
        [repository],
        async () => {
          expect(await machine.sh(`cat ${places[manager]}/hg.repo`)).toContain(
            manager === "dnf" ? "gpgcheck=1\nrepo_gpgcheck=1\n" : "gpgcheck=1\nrepo_gpgcheck=1\npkg_gpgcheck=1\n",
          );
          const installed = await run("apply", [packages], shell);
          expect({ ...done(installed), log: installed.log.toString() }).toMatchObject({ status: "changed", message: "" });
          expect(done(await run("remove", inverseSteps([packages]), shell)).status).toBe("changed");
        },
      );
      expect(changes(planned)).toEqual(["create"]);
    },
    120_000,
  );

  test("a repository that is not there, or has another key, is refused before its file is written", async () => {
    await pretend(machine, manager);
    const key = await signedRepository();
    const away = await run("apply", [step("repository", { name: "hg", uris: `file://${place.path("nowhere")}`, key })], "dash");
    expect(done(away).message).toMatch(new RegExp(`^${manager} could not fetch this repository \\(exit code \\d+\\)`, "u"));
    expect(await machine.sh(`ls ${places[manager]}`)).toBe("");
    const steps = [step("repository", { name: "hg", uris: `file://${place.path("repo")}`, trusted: true })];
    expect(done(await run("apply", steps, "dash"))).toMatchObject({ status: "changed", message: "" });
    expect(await machine.sh(`grep -c gpgcheck=0 ${places[manager]}/hg.repo`)).toMatch(/^[23]\n$/u);
  }, 120_000);
});

test("on Debian a repository without suites is told of, elsewhere suites do not matter", async () => {
  const steps = [step("repository", { name: "hg", uris: "https://example.org", trusted: true })];
  const ran = await run("apply", steps, "dash");
  expect(done(ran).message).toMatch(/^apt needs suites/u);
});

describe.each([...shells, busyboxAlone])("an imitation of apk, %s", (shell) => {
  test("a repository with its key comes and goes; foreign lines stay", async () => {
    await pretend(machine, "apk");
    writeApk(place.path("apk"));
    await machine.sh(
      `chmod 755 '${place.root}'; cp '${place.path("apk")}' /usr/bin/apk; mkdir -p /etc/apk/keys; echo https://dl-cdn.alpinelinux.org/alpine/v3.20/main >/etc/apk/repositories`,
    );
    const bytes = new TextEncoder().encode("-----BEGIN PUBLIC KEY-----\nMII\n-----END PUBLIC KEY-----\n");
    const blobs = { source: { digest: "sha256:0" as const, bytes } };
    const steps = [
      step(
        "repository",
        {
          name: "hg",
          uris: ["https://apk.example.org/v3.20", "@edge https://apk.example.org/edge"],
          source: "keys/hg@example.org-1.rsa.pub",
        },
        { blobs },
      ),
    ];
    const look = "ls /etc/apk/keys; cat /etc/apk/repositories";
    await circle({ place, options: { shell, under: machine.under }, look: () => machine.sh(look) }, steps, async () => {
      expect(await machine.sh(`${look}; cat /var/apk-calls`)).toBe(
        "hg@example.org-1.rsa.pub\nhttps://dl-cdn.alpinelinux.org/alpine/v3.20/main\n# BEGIN halligan hg\nhttps://apk.example.org/v3.20\n@edge https://apk.example.org/edge\n# END halligan hg\n--no-progress --wait 30 --repositories-file REPOSITORIES update\n",
      );
    });
  });
});
