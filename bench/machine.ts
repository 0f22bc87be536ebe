import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** What was measured on, and with which versions. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly kernel: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** Describes this machine and the programs that take part. */
export function describeMachine(): Machine {
  const [processor] = cpus();
  const [, system = "unknown"] = /^PRETTY_NAME="(.*)"$/mu.exec(readFileSync("/etc/os-release", "utf8")) ?? [];
  const asked = {
    OpenSSH: firstLine("ssh", ["-V"]),
    Ansible: firstLine("ansible-playbook", ["--version"]),
    Mitogen: firstLine("dpkg-query", ["-W", "-f", "${Version}", "ansible-mitogen"]),
    Python: firstLine("python3", ["--version"]),
    "Node.js": process.version,
  };
  const versions = Object.fromEntries(Object.entries(asked).filter(([, version]) => version !== ""));
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  return { processor: processor?.model ?? "unknown", cores: cpus().length, memoryGiB, system, kernel: release(), versions };
}

function firstLine(command: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) return "";
  return (stdout.trim() || stderr.trim()).split("\n")[0] ?? "";
}
