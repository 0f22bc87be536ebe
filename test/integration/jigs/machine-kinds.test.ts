import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cronKind, scheduleProblem } from "../../../src/core/jigs/shell/kinds/cron.ts";
import { circle, type World } from "./circle.ts";
import { PrivateMachine } from "./private-machine.ts";
import { busyboxAlone, changes, done, nodeRole, Place, shells, step } from "./run-script.ts";

let place: Place;
let machine: PrivateMachine;
beforeAll(async () => {
  machine = await PrivateMachine.open(["-u"]);
  await machine.sh("hostname hgbefore; mkdir -p /etc/cron.d /etc/sysctl.d");
});
afterAll(() => machine.close());
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const world = (shell: string, look: string): World => ({ place, options: { shell, under: machine.under }, look: () => machine.sh(look) });
const etc =
  "cd /etc; find cron.d sysctl.d modules-load.d hostname fstab -type f -exec stat -c '%n %a %u %g' {} + -exec sha256sum {} + 2>/dev/null | sort";

describe.each(shells)("%s", (shell) => {
  test("the host name, running and kept", async () => {
    await machine.sh("printf 'old.name' >/etc/hostname; chmod 640 /etc/hostname");
    const steps = [step("hostname", { name: "hgafter.example.org" })];
    const planned = await circle(world(shell, `hostname; ${etc}`), steps, async () =>
      expect(await machine.sh("hostname; cat /etc/hostname; stat -c %a /etc/hostname")).toBe(
        "hgafter.example.org\nhgafter.example.org\n640\n",
      ),
    );
    expect(planned.log.toString()).toContain("running: hgbefore -> hgafter.example.org");
    await machine.sh("rm /etc/hostname");
    await circle(world(shell, `hostname; ${etc}`), [step("hostname", { name: "kept", apply: "persist-only" })], async () =>
      expect(await machine.sh("hostname; cat /etc/hostname; stat -c %a /etc/hostname")).toBe("hgbefore\nkept\n644\n"),
    );
  });

  test("a host name that may not be changed while it runs is told", async () => {
    await machine.sh('printf \'first\\n\' >/etc/hostname; mount --bind /bin/false "$(readlink -f "$(command -v hostname)")"');
    try {
      const refused = await place.run(
        { mode: "apply", nodeRole: nodeRole([step("hostname", { name: "other" })]) },
        { shell, under: machine.under },
      );
      expect(done(refused).message).toMatch(/^the running name could not be changed: .*set apply: persist-only$/u);
    } finally {
      await machine.sh('umount "$(readlink -f "$(command -v hostname)")"; rm -f /etc/hostname');
      await place.run(
        { mode: "remove", nodeRole: nodeRole([step("hostname", { name: "other", restore: true })]) },
        { shell, under: machine.under },
      );
    }
  });

  test("kernel settings, running and kept", async () => {
    await machine.sh(
      "printf '# mine\\nkernel/domainname=x\\n\\nvm.swappiness = 10' >/etc/sysctl.d/70-mine.conf; echo before >/proc/sys/kernel/domainname",
    );
    const file = "/etc/sysctl.d/70-mine.conf";
    const steps = [
      step("sysctl", { key: "kernel.domainname", value: "one" }),
      step("sysctl", { key: "kernel.domainname", value: "two", file }),
    ];
    const look = `cat /proc/sys/kernel/domainname; ${etc}`;
    await circle(world(shell, look), [{ ...steps[0]!, id: "a" }], async () =>
      expect(
        await machine.sh("cat /proc/sys/kernel/domainname /etc/sysctl.d/60-halligan.conf; stat -c %a /etc/sysctl.d/60-halligan.conf"),
      ).toBe("one\nkernel.domainname = one\n644\n"),
    );
    await circle(world(shell, look), [{ ...steps[1]!, id: "b" }], async () =>
      expect(await machine.sh(`cat ${file}`)).toBe("# mine\nkernel.domainname = two\n\nvm.swappiness = 10"),
    );
    const more = [step("sysctl", { key: "vm.hg_unknown", value: "1  2", file, apply: "persist-only" })];
    await circle(world(shell, look), more, async () =>
      expect(await machine.sh(`tail -n 2 ${file}`)).toBe("vm.swappiness = 10\nvm.hg_unknown = 1 2\n"),
    );
    const refused = await place.run(
      { mode: "apply", nodeRole: nodeRole([step("sysctl", { key: "vm.hg_unknown", value: 1 })]) },
      { shell, under: machine.under },
    );
    expect(done(refused).message).toBe("this kernel has no setting vm.hg_unknown: a module may have to be loaded first");
    const readOnly = [...machine.under, "unshare", "-m", "sh", "-c", 'mount -o bind,ro /proc/sys /proc/sys && exec "$@"', "sh"];
    const stuck = await place.run({ mode: "apply", nodeRole: nodeRole(steps.slice(0, 1)) }, { shell, under: readOnly });
    expect(done(stuck).message).toMatch(/the file system is read-only.*set apply: persist-only/u);
    await machine.sh(`rm ${file}`);
  });

  test("kernel modules are loaded, kept and unloaded; built-in ones count", async () => {
    // This kernel has no modules: what the kernel would show of them is a folder of the test, and modprobe writes it.
    const modprobe =
      '#!/bin/sh\\nfor a in "$@"; do n=$a; done\\n[ "$n" != hgbroken ] || exit 1\\nm=/sys/module/$n\\nif [ "$1" = -r ]; then rm -r $m; else mkdir $m; echo live >$m/initstate; fi\\n';
    await machine.sh(
      `mountpoint -q /sys/module || mount -t tmpfs tmpfs /sys/module; mkdir -p /sys/module/hg_built; printf '${modprobe}' >/usr/local/sbin/modprobe; chmod 755 /usr/local/sbin/modprobe`,
    );
    const steps = [step("kernel-module", { name: "hg-one" }), step("kernel-module", { name: "hg_two", persist: false })].map((each, i) => ({
      ...each,
      id: `m${i}`,
    }));
    await circle(world(shell, `ls /sys/module; ${etc}`), steps, async () =>
      expect(await machine.sh("ls /sys/module; cd /etc/modules-load.d; tail -n +1 halligan*; stat -c %a halligan*")).toBe(
        "hg_built\nhg_one\nhg_two\nhg_one\n644\n",
      ),
    );
    const broken = await place.run(
      { mode: "apply", nodeRole: nodeRole([step("kernel-module", { name: "hgbroken" })]) },
      { shell, under: machine.under },
    );
    expect(done(broken).message).toBe("modprobe could not load hgbroken (exit code 1): is it there for this kernel?");
    await machine.sh(`mkdir -p "/lib/modules/$(uname -r)"; echo kernel/x/hg-listed.ko >"/lib/modules/$(uname -r)/modules.builtin"`);
    const builtIn = ["hg_built", "hg_listed"].map((name) => step("kernel-module", { name, persist: false }, { id: name }));
    const built = await place.run({ mode: "check", nodeRole: nodeRole(builtIn) }, { shell, under: machine.under });
    expect(changes(built)).toEqual(["none", "none"]);
    const loaded = [step("kernel-module", { name: "hg_two" })];
    await machine.sh("modprobe hg_two");
    const absent = await place.run(
      { mode: "apply", nodeRole: nodeRole([step("kernel-module", { name: "hg_two", state: "absent" })]) },
      { shell, under: machine.under },
    );
    expect([changes(absent), done(absent).status]).toEqual([["destroy"], "changed"]);
    await machine.sh("modprobe hg_two");
    await circle(world(shell, `ls /sys/module; ${etc}`), loaded);
    expect(await machine.sh("ls /sys/module; modprobe -r hg_two")).toBe("hg_built\nhg_two\n");
  });

  test("mounts are made and kept, replaced and undone, and fstab stays otherwise as it is", async () => {
    const fstab = "# mine\n\nUUID=x\t/never  ext4 defaults 0 2\nproc /proc proc defaults 0 0";
    await machine.sh(
      `printf '${fstab.replaceAll("\n", "\\n").replaceAll("\t", "\\t")}' >/etc/fstab; mkdir -p /var/hg-source && echo here >/var/hg-source/f`,
    );
    const look = `grep ' /var/hg' /proc/self/mounts; ls -d /var/hg*; ${etc}; cat /etc/fstab`;
    const tmpfs = step("mount", { source: "hgdata", target: "/var/hg a", type: "tmpfs", options: "size=64k,mode=711" }, { id: "m1" });
    const bind = step("mount", { source: "/var/hg-source", target: "/var/hg-bind", type: "none", options: "bind" }, { id: "m2" });
    const kept = step("mount", { source: "srv:/x", target: "/hg-nfs", type: "nfs", state: "present" }, { id: "m3" });
    const planned = await circle(world(shell, look), [tmpfs, bind, kept], async () =>
      expect(await machine.sh("cat /etc/fstab; stat -c %a '/var/hg a'; cat /var/hg-bind/f")).toBe(
        `${fstab}\nhgdata /var/hg\\040a tmpfs size=64k,mode=711 0 0\n/var/hg-source /var/hg-bind none bind 0 0\nsrv:/x /hg-nfs nfs defaults 0 0\n711\nhere\n`,
      ),
    );
    expect(changes(planned)).toEqual(["create", "create", "change"]);
    await machine.sh("printf '\\nold /var/hg-old tmpfs size=32k 0 0\\n' >>/etc/fstab; mkdir -p /var/hg-old; mount /var/hg-old");
    const other = step("mount", { source: "new", target: "/var/hg-old", type: "tmpfs", options: "size=64k" }, { id: "m4" });
    await circle(world(shell, look), [other], async () =>
      expect(await machine.sh("grep -c '^new /var/hg-old tmpfs' /proc/self/mounts")).toBe("1\n"),
    );
    const gone = [step("mount", { target: "/var/hg-old", state: "absent" })];
    const ran = await place.run({ mode: "apply", nodeRole: nodeRole(gone) }, { shell, under: machine.under });
    expect([changes(ran), done(ran).status, done(ran).message]).toEqual([["destroy"], "changed", ""]);
    expect(await machine.sh("grep /var/hg-old /proc/self/mounts /etc/fstab; mount -t tmpfs foreign /var/hg-old")).toBe("");
    const refused = await place.run({ mode: "apply", nodeRole: nodeRole([other]) }, { shell, under: machine.under });
    expect(done(refused).message).toContain("/var/hg-old holds foreign, which is not in /etc/fstab");
    const broken = await place.run(
      { mode: "apply", nodeRole: nodeRole([step("mount", { source: "/dev/hg-none", target: "/var/hg-no", type: "ext4" })]) },
      { shell, under: machine.under },
    );
    expect(done(broken).message).toMatch(/^mount \/var\/hg-no failed \(exit code \d+\)$/u);
    expect(await machine.sh("ls -d /var/hg-no; umount /var/hg-old; rmdir /var/hg-old; cat /etc/fstab")).toMatch(
      /cannot access[\s\S]*proc defaults 0 0\n$/u,
    );
  }, 30_000);

  test("cron files hold what cron wants, and what was there comes back", async () => {
    await machine.sh("echo theirs >/etc/cron.d/hg-old; chmod 600 /etc/cron.d/hg-old");
    const steps = [
      step("cron", {
        name: "hg-new",
        schedule: "*/5 0-6,22 * jan mon-fri",
        command: "date +%F >'/tmp/a b'",
        user: "nobody",
        env: { MAILTO: "", N: 1 },
      }),
      step("cron", { name: "hg-old", schedule: "@daily", command: "true" }),
    ].map((each, i) => ({ ...each, id: `c${i}` }));
    await circle(world(shell, etc), steps, async () =>
      expect(await machine.sh("cat /etc/cron.d/hg-new /etc/cron.d/hg-old; stat -c '%a %U:%G' /etc/cron.d/hg-new /etc/cron.d/hg-old")).toBe(
        'MAILTO=""\nN="1"\n*/5 0-6,22 * jan mon-fri nobody date +\\%F >\'/tmp/a b\'\n@daily root true\n644 root:root\n644 root:root\n',
      ),
    );
  });
});

describe.each([...shells, busyboxAlone])("without /etc/cron.d, %s", (shell) => {
  test("jobs stand as blocks in the table of their user, as busybox's crond reads them", async () => {
    await machine.sh(
      "mv /etc/cron.d /etc/cron.away; mkdir /etc/crontabs; printf '0 2 * * * theirs\\n' >/etc/crontabs/root; chmod 600 /etc/crontabs/root",
    );
    try {
      const job = (name: string, args: object) => step("cron", { name, command: "date +%F", ...args }, { id: name });
      const steps = [
        job("hg-one", { schedule: "@daily", env: { WORD: "it's", N: 1 } }),
        job("hg-two", { schedule: "*/5 0-6 * * *", user: "nobody" }),
        job("hg-three", { schedule: "@hourly" }),
      ];
      const look = "cd /etc/crontabs; tail -n +1 *; stat -c '%n %a %u' *; ls /etc/cron.d 2>&1";
      await circle(world(shell, look), steps, async () => {
        expect(await machine.sh("cat /etc/crontabs/root; stat -c %a /etc/crontabs/root")).toBe(
          "0 2 * * * theirs\n# BEGIN halligan hg-one\n0 0 * * * export WORD='it'\\''s'; export N=1; date +%F\n# END halligan hg-one\n" +
            "# BEGIN halligan hg-three\n0 * * * * date +%F\n# END halligan hg-three\n600\n",
        );
        expect(await machine.sh("cat /etc/crontabs/nobody")).toBe(
          "# BEGIN halligan hg-two\n*/5 0-6 * * * date +%F\n# END halligan hg-two\n",
        );
      });
      const boot = nodeRole([job("hg-boot", { schedule: "@reboot" })]);
      const refused = expect.stringContaining("busybox's crond has no @reboot");
      expect(done(await place.run({ mode: "apply", nodeRole: boot }, { shell, under: machine.under })).message).toEqual(refused);
      const { frames } = await place.run({ mode: "check", nodeRole: boot }, { shell, under: machine.under });
      expect(frames).toContainEqual(expect.objectContaining({ type: "end", status: "failed", message: refused }));
    } finally {
      await machine.sh("rm -r /etc/crontabs; mv /etc/cron.away /etc/cron.d");
    }
  });
});

test("schedules that cron would refuse are refused", () => {
  for (const fine of ["0 0 1 1 0", "59 23 31 12 7", "*/15 * * * *", "0-30/10 * * * SUN", "1,2,3 * * Feb-apr *", "@hourly"])
    expect(scheduleProblem(fine)).toBeUndefined();
  for (const bad of [
    "60 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * * 13 *",
    "* * * * 8",
    "* * * *",
    "5-1 * * * *",
    "*/0 * * * *",
    "5/2 * * * *",
    "x * * * *",
    "@never",
    "1, * * * *",
  ])
    expect(scheduleProblem(bad), bad).toBeTypeOf("string");
  expect(cronKind.schema.safeParse({ name: "a.b", schedule: "@daily", command: "x" }).success).toBe(false);
});
