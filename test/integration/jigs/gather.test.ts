import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hexDigest } from "../../../src/core/jigs/shell/context.ts";
import { framesPrelude } from "../../../src/core/jigs/shell/prelude/frames.ts";
import { gatherPrelude } from "../../../src/core/jigs/shell/prelude/gather.ts";
import { managersPrelude } from "../../../src/core/jigs/shell/prelude/managers.ts";
import { quote } from "../../../src/core/jigs/shell/quote.ts";
import { busyboxAlone, changes, expectDone, nodeRole, Place, shells, step } from "./run-script.ts";

let place: Place;
beforeEach(() => void (place = new Place()));
afterEach(() => place.remove());

const preludes = [framesPrelude, gatherPrelude, managersPrelude].join("\n");

/** Runs shell text behind the functions that gather; gives what it prints. */
function gather(shell: string, text: string): string {
  const file = place.path("gather.sh");
  writeFileSync(file, `${preludes}\nread -r hg_boot </proc/sys/kernel/random/boot_id\n${text}\n`);
  const [program = "", ...words] = shell.split(" ");
  return execFileSync(program, [...words, file], { env: { PATH: process.env["PATH"], LC_ALL: "C" } }).toString();
}

/** Sets the paths of numbered files, each with its content. */
function files(contents: readonly string[]): string {
  return contents
    .map((content, number) => {
      const path = place.path(`it's: ${number}`);
      writeFileSync(path, content);
      return `p_${number}=${quote(path)}`;
    })
    .join("\n");
}

describe.each(shells)("%s", (shell) => {
  test.each(["plain", "with \x1f in it"])("files that are read together arrive as those that are read alone: %j", (last) => {
    const contents = ["a\n", "", "no end", "\n\n\n", "x: y\n\n  z\\n 'q' $HOME\r\n", "b".repeat(9_000), "a\n".repeat(4_000), last];
    const numbers = contents.map((_, number) => number);
    const print = numbers.map((number) => `printf '%s<%s>' "$t_${number}" "$x_${number}"`).join("\n");
    const text = `${files(contents)}\nhg_stat '${numbers.join(" ")}'\nhg_read '${numbers.join(" ")}'\n${print}`;
    expect(gather(shell, text)).toBe(contents.map((content) => `file<${content}>`).join(""));
  });

  test("a file with NUL bytes among them is told, the others are whole", () => {
    const text = `${files(["a\n", "b\0c\n", "d\n"])}\nhg_stat '0 1 2'\nhg_read '0 1 2'\nprintf %s "$t_0 $x_0$t_1 $t_2 $x_2"`;
    expect(gather(shell, text)).toBe("file a\nbinary file d\n");
  });

  test("targets of links, whatever they and their neighbours are called", () => {
    const targets = ["/etc/x", "a -> b", "c d", "two\nlines", "it's: $HOME"];
    const paths = targets.map((target, number) => {
      const path = place.path(`link ${number} -> it`);
      symlinkSync(target, path);
      return `p_${number}=${quote(path)}`;
    });
    const look = (numbers: string): string => `hg_stat '${numbers}' 1\nhg_targets '${numbers}'`;
    const print = targets.map((_, number) => `printf '%s<%s>' "$t_${number}" "$l_${number}"`).join("\n");
    const plain = targets.map((target) => `link<${target}>`).join("");
    expect(gather(shell, `${paths.join("\n")}\n${look("0 1 2 3 4")}\n${print}`)).toBe(plain);
    expect(gather(shell, `${paths.join("\n")}\n${look("0 1 2 4")}\n${look("3")}\n${print}`)).toBe(plain);
  });

  test("what goes away while it is looked at is not there, and moves nothing else", () => {
    const tools = place.path("tools");
    mkdirSync(tools);
    const gone = place.path("it's: 1");
    writeFileSync(join(tools, "stat"), `#!/bin/sh\nPATH=/usr/bin:/bin\nrm -f -- ${quote(gone)}\nexec stat "$@"\n`, { mode: 0o755 });
    const text = `${files(["a", "bb", "ccc"])}\nPATH=${quote(tools)}:$PATH\nhg_stat '0 1 2'\nprintf %s "$t_0 $s_0 $t_1 $t_2 $s_2"`;
    expect(gather(shell, text)).toBe("file 1 none file 3");
  });

  test("a file that goes away before its digest is taken has none, and moves no other's", () => {
    const tools = place.path("tools");
    mkdirSync(tools);
    const gone = place.path("it's: 1");
    const away = `#!/bin/sh\nPATH=/usr/bin:/bin\nrm -f -- ${quote(gone)}\nexec sha256sum "$@"\n`;
    writeFileSync(join(tools, "sha256sum"), away, { mode: 0o755 });
    const all = "0 1 2 3";
    const text = `${files(["a", "bb", "ccc", ""])}\nhg_stat '${all}'\nPATH=${quote(tools)}:$PATH\nhg_hash '${all}'\nprintf %s "$d_0 $d_1 $d_2 $d_3"`;
    expect(gather(shell, text).split(" ")).toEqual([hexDigest("a"), "unreadable", hexDigest("ccc"), hexDigest("")]);
  });

  test("what is looked up in a list is the whole field of that name, and no other", () => {
    const list = "|a=1|b.c=x=y|ab=2|a=3|$(id)=4|*=5|e=|";
    const print = ["a", "b", "b.c", "bXc", "ab", "$(id)", "*", "e", "1"]
      .map((name) => `hg_lookup ${quote(list)} ${quote(name)} '|' = && printf '%s;' "$hg_v" || printf 'none%s;' "$hg_v"`)
      .join("\n");
    expect(gather(shell, `set -f\n${print}\nset -- $IFS\nprintf %s $#`)).toBe("1;none;x=y;none;2;4;5;;none;0");
    const lines = `hg_lookup ${quote("\nops:x:1::It is, a: name:/h\noper:x:2\n")} ops "$hg_nl" : && printf %s "$hg_v"`;
    expect(gather(shell, lines)).toBe("x:1::It is, a: name:/h");
  });

  describe("accounts", () => {
    const accounts = (nsswitch: string, names: string, getent = "exit 2"): string => {
      const tools = place.path("tools");
      mkdirSync(tools, { recursive: true });
      writeFileSync(join(tools, "getent"), `#!/bin/sh\necho "$@" >>${quote(place.path("asked"))}\n${getent}\n`, { mode: 0o755 });
      writeFileSync(place.path("nss"), nsswitch);
      writeFileSync(place.path("pw"), "root:x:0:0::/root:/bin/sh\nops:x:7:8:It's:/home/ops:/bin/sh\nops2:x:9:9::/:\n");
      const paths = ["nss", "pw"].map((name) => `p_${name}=${quote(place.path(name))}`).join("\n");
      return gather(
        shell,
        `${paths}\nPATH=${quote(tools)}:$PATH\nhg_stat 'nss pw'\nhg_read 'nss pw'\nhg_users ${names}\nprintf %s "$hg_passwd"`,
      );
    };
    const asked = (): string => (existsSync(place.path("asked")) ? readFileSync(place.path("asked"), "utf8") : "");

    test("are read where files are asked first", () => {
      expect(accounts("# a\npasswd:  files systemd # b\ngroup: db\n", "ops root").trim()).toBe(
        "root:x:0:0::/root:/bin/sh\nops:x:7:8:It's:/home/ops:/bin/sh",
      );
      expect(asked()).toBe("");
    });

    test("that no file has are asked for elsewhere, if there is an elsewhere", () => {
      expect(accounts("passwd: files sss\n", "ops far", "echo far:x:1:1:::").trim()).toBe("ops:x:7:8:It's:/home/ops:/bin/sh\nfar:x:1:1:::");
      expect(asked()).toBe("passwd far\n");
      expect(accounts("passwd: files\n", "ops far").trim()).toBe("ops:x:7:8:It's:/home/ops:/bin/sh");
      expect(asked()).toBe("passwd far\n");
    });

    test.each(["passwd: sss files\n", "passwd: files [NOTFOUND=return] sss\n", "group: files\n", ""])(
      "are asked for with %j",
      (nsswitch) => {
        expect(accounts(nsswitch, "ops", "echo ops:x:1:1:::").trim()).toBe("ops:x:1:1:::");
        expect(asked()).toBe("passwd ops\n");
      },
    );
  });

  describe("dpkg's list", () => {
    const record = (name: string, status: string, more: readonly string[] = []): string =>
      [
        `Package: ${name}`,
        `Status: install ok ${status}`,
        ...more,
        "Architecture: amd64",
        "Version: 1:2.0-1",
        "Description: x",
        " Version: 9",
        "",
      ].join("\n");
    const packages = (status: string, names: string): string => {
      mkdirSync(place.path("dpkg/updates"), { recursive: true });
      writeFileSync(place.path("dpkg/status"), status);
      const tools = place.path("tools");
      mkdirSync(tools, { recursive: true });
      writeFileSync(join(tools, "dpkg-query"), "#!/bin/sh\necho asked :amd64 installed 7\n", { mode: 0o755 });
      return gather(
        shell,
        `hg_manager=apt hg_dpkg=${quote(place.path("dpkg"))}\nPATH=${quote(tools)}:$PATH\nhg_installed ${names}\nprintf %s "$hg_packages"`,
      );
    };
    const status = [record("a", "installed"), record("a-b", "installed"), record("c", "half-configured"), record("d", "installed")].join(
      "\n",
    );

    test("says what is installed, in which version", () => {
      expect(packages(status, "a c d none")).toBe(
        "|a=1:2.0-1|a:amd64=1:2.0-1|d=1:2.0-1|d:amd64=1:2.0-1|".replace("|d=", "|a-b=1:2.0-1|a-b:amd64=1:2.0-1|d="),
      );
      expect(packages(status, "none")).toBe("|");
    });

    test("is left alone where it is not written to its end, has a strange record, or a name is a pattern", () => {
      const odd = record(
        "a",
        "installed",
        Array.from({ length: 20 }, (_, at) => `Field-${at}: x`),
      );
      expect(packages(odd, "a")).toBe("|asked=7|asked:amd64=7|");
      expect(packages(status, "'a*'")).toBe("|asked=7|asked:amd64=7|");
      writeFileSync(place.path("dpkg/updates/0001"), "");
      expect(packages(status, "a")).toBe("|asked=7|asked:amd64=7|");
    });

    test("agrees with dpkg-query about this machine", () => {
      const names = "dpkg tar libc6 no-such-package base-files";
      const format = "|$P=$V|$P:$A=$V".replaceAll("$P", "${Package}").replaceAll("$V", "${Version}").replaceAll("$A", "${Architecture}");
      const said = execFileSync("dpkg-query", ["-W", "-f", format, "dpkg", "tar", "libc6", "base-files"]).toString();
      const found = gather(shell, `hg_manager=apt\nhg_installed ${names}\nprintf %s "$hg_packages"`);
      for (const each of said.split("|").filter((part) => part !== "")) expect(found).toContain(`|${each}|`);
      expect(found).not.toContain("no-such");
    });
  });
});

describe.each([...shells, busyboxAlone])("guards in %s", (shell) => {
  test("run in one shell, and none hears of another", async () => {
    const guards = [
      "exit 0",
      "exit 3",
      "false; }",
      "cd /; x=1; set -e; true",
      '[ -z "${x:-}$1" ] && [ $# = 0 ]',
      "exec true",
      "read -r a",
      "echo out; echo err >&2",
    ];
    const wanted = ["none", "change", "change", "none", "none", "none", "change", "none"];
    const steps = guards.map((unless, at) => step("command", { name: `c${at}`, run: "true", unless }));
    const ran = await place.run({ mode: "check", nodeRole: nodeRole(steps) }, { shell });
    expectDone(ran, "ok");
    expect(changes(ran)).toEqual(wanted);
  });

  test("one that takes too long is ended, and the others have their say", async () => {
    const steps = [
      step("command", { name: "a", run: "true", unless: "true" }, { timeoutMs: 1_000 }),
      step("command", { name: "b", run: "true", unless: "sleep 60" }, { timeoutMs: 1_000 }),
      step("command", { name: "c", run: "true", unless: "true" }, { timeoutMs: 60_000 }),
    ];
    const ran = await place.run({ mode: "check", nodeRole: nodeRole(steps) }, { shell });
    expect(changes(ran)).toEqual(["none", "change", "none"]);
  });
});
