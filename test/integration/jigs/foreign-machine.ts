import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PrivateMachine } from "./private-machine.ts";

/** What os-release says on some distributions. */
export const osRelease = {
  dnf: 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\n',
  zypper: 'NAME="openSUSE Leap"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.5"\n',
  apk: 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\n',
} as const;

/** Makes the private machine say that it is another distribution. Debian's rpm keeps its database in the home folder; elsewhere it has a fixed place. */
export async function pretend(machine: PrivateMachine, as: keyof typeof osRelease): Promise<void> {
  await machine.sh(
    `rm -f /etc/os-release; cat >/etc/os-release <<'E'\n${osRelease[as]}E\nmkdir -p /etc/rpm; echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros`,
  );
}

/** Text that builds hgtest-main 1.2 and 1.3, which need hgtest-dep, as rpm packages with their metadata, and installs hgtest-base; for the private machine. */
export function rpmRepository(folder: string, work: string, sign = ""): string {
  mkdirSync(work, { recursive: true });
  const spec = (name: string, version: string, requires: string, config: boolean): string => {
    const file = join(work, `${name}-${version}.spec`);
    const install = config ? `mkdir -p %{buildroot}/etc\nprintf ${version}-1 >%{buildroot}/etc/${name}.conf\n` : "";
    writeFileSync(
      file,
      `Name: ${name}\nVersion: ${version}\nRelease: 1\nSummary: test\nLicense: MIT\nBuildArch: noarch\n${requires}%description\ntest\n%install\n${install}%files\n${config ? `%config(noreplace) /etc/${name}.conf\n` : ""}`,
    );
    return `rpmbuild -bb --define '_topdir ${work}' --define '_rpmdir ${folder}' '${file}' >'${work}/log' 2>&1 || cat '${work}/log'`;
  };
  return [
    spec("hgtest-main", "1.2", "Requires: hgtest-dep\n", true),
    spec("hgtest-main", "1.3", "Requires: hgtest-dep\n", true),
    spec("hgtest-other", "1.0", "Requires: hgtest-dep\n", false),
    spec("hgtest-dep", "1.0", "", false),
    spec("hgtest-base", "1", "", false),
    // zypper cannot read a database without any package.
    `rpm -i --force-debian '${folder}'/noarch/hgtest-base-*.rpm`,
    ...(sign === "" ? [] : [sign]),
    `createrepo_c -q '${folder}' && chmod -R a+rX '${folder}'`,
  ].join("\n");
}
