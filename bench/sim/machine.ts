import type { JobLog } from "./job-log.ts";

/** What stands at a path of a simulated node. Everything belongs to root. */
export type Entry =
  | { readonly type: "file"; readonly mode: string; readonly content: Uint8Array; readonly digest: string }
  | { readonly type: "dir"; readonly mode: string }
  | { readonly type: "link"; readonly to: string };

/** A simulated node: what steps see and change, and what Halligan keeps there. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  readonly bootId: string;
  readonly entries: Map<string, Entry>;
  /** Versions of installed packages. */
  readonly packages: ReadonlyMap<string, string>;
  /** Newest fencing token by scope, `TOKEN` or `TOKEN.TURN`. */
  readonly fences: Map<string, string>;
  readonly jobs: Map<string, JobLog>;
  /** The process id that was given out last. */
  pid: number;
}

const folders = ["/", "/etc", "/opt", "/root", "/run", "/srv", "/usr", "/usr/local", "/usr/local/bin", "/var", "/var/lib", "/var/log"];

/** A machine as it is after its installation. */
export function createMachine(name: string, address: string, number: number): Machine {
  return {
    name,
    address,
    bootId: `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`,
    entries: new Map(folders.map((path) => [path, { type: "dir", mode: path === "/root" ? "700" : "755" }])),
    packages: new Map([
      ["bash", "5.2.15-2+b8"],
      ["grep", "3.8-5"],
      ["sed", "4.9-1"],
      ["tar", "1.34+dfsg-1.2+deb12u1"],
    ]),
    fences: new Map(),
    jobs: new Map(),
    pid: 100,
  };
}

/** The folder that holds a path. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}
