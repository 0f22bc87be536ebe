import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROOT = "/sys/fs/cgroup";

/** Every hierarchy of this machine: one with cgroup v2, one per controller with v1. */
function hierarchies(): readonly string[] {
  if (existsSync(join(ROOT, "cgroup.controllers"))) return [ROOT];
  try {
    const all = readdirSync(ROOT).map((name) => join(ROOT, name));
    return all.filter((path) => statSync(path).isDirectory() && existsSync(join(path, "cgroup.procs")));
  } catch {
    return [];
  }
}

/** Makes a cgroup of this name in every hierarchy and returns their directories. */
export function makeCgroups(name: string): readonly string[] {
  return hierarchies().map((hierarchy) => {
    const path = join(hierarchy, name);
    mkdirSync(path, { recursive: true });
    // A new cpuset has no processors and no memory, and takes no process before it has.
    for (const file of ["cpuset.cpus", "cpuset.mems"])
      if (existsSync(join(hierarchy, file)) && existsSync(join(path, file)))
        writeFileSync(join(path, file), readFileSync(join(hierarchy, file), "utf8"));
    return path;
  });
}

function tree(path: string): readonly string[] {
  try {
    const below = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...below.flatMap((entry) => tree(join(path, entry.name))), path];
  } catch {
    return [];
  }
}

function killAll(path: string): void {
  let pids: readonly number[] = [];
  try {
    pids = readFileSync(join(path, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  } catch {
    return;
  }
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Ends every process in the cgroups of this name and removes them. */
export async function removeCgroups(name: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const paths = hierarchies().flatMap((hierarchy) => tree(join(hierarchy, name)));
    if (paths.length === 0) return;
    for (const path of paths) {
      killAll(path);
      try {
        rmdirSync(path);
      } catch {
        // Its last process has not gone yet.
      }
    }
    await sleep(40);
  }
}
