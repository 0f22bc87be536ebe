import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { wholeOf } from "../../../src/core/jigs/script.ts";
import type { CompiledScript, Frame, ResolvedNodeRole, ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { compileScript } from "../../../src/core/jigs/shell/compile.ts";
import type { ShellCompileInput } from "../../../src/core/jigs/shell/part.ts";
import { createFrameParser } from "../../../src/core/jigs/shell/frame-parser.ts";

/** Shells that every script must run in; the one of busybox without a Perl, so that tools are called for everything. */
export const shells = ["dash", "busybox ash", "bash --posix"] as const;

/** Stands for busybox ash with busybox tools. */
export const busyboxAlone = "busybox ash with busybox tools";

/** Where this folder is searched first Perl is found, and is none: a script has to call tools. */
export function withoutPerl(folder: string): void {
  writeFileSync(join(folder, "perl"), "#!/bin/sh\nexit 127\n", { mode: 0o755 });
}

/** A private place: state folder, jobs, and a folder `files` for what the steps make. */
export class Place {
  readonly root: string;
  #jobs = 0;

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), "hg-jig-"));
    for (const name of ["state", "files"]) mkdirSync(join(this.root, name), { mode: 0o755 });
  }

  path(name: string): string {
    return join(this.root, "files", name);
  }

  state(name: string): string {
    return join(this.root, "state", name);
  }

  /** A folder where every tool that busybox has is busybox. */
  #applets(): string {
    const folder = join(this.root, "applets");
    if (!existsSync(folder)) {
      mkdirSync(folder);
      execFileSync("busybox", ["--install", "-s", folder]);
    }
    return `${folder}:${process.env["PATH"]}`;
  }

  #withoutPerl(): string {
    const folder = join(this.root, "no-perl");
    mkdirSync(folder, { recursive: true });
    withoutPerl(folder);
    return `${folder}:${process.env["PATH"]}`;
  }

  /** What steps keep in mind to be taken back. */
  remembered(): readonly string[] {
    return existsSync(this.state("originals")) ? readdirSync(this.state("originals")) : [];
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Lays out a job as the receiver would and runs the script in it; gives the frames of the log. */
  async run(input: ShellCompileInput, options: RunOptions = {}): Promise<Ran> {
    return await this.runScript(compileScript(input), options);
  }

  /** The same for a script that is there. */
  async runScript(compiled: Pick<CompiledScript, "script"> & Partial<CompiledScript>, options: RunOptions = {}): Promise<Ran> {
    const job = join(this.root, `job${++this.#jobs}`);
    const volatile = join(job, "volatile");
    mkdirSync(volatile, { recursive: true, mode: 0o700 });
    for (const { blob } of compiled.artefacts ?? []) {
      mkdirSync(this.state("cache"), { recursive: true });
      if (options.withoutArtefacts !== true) writeFileSync(this.state(`cache/sha256-${blob.digest.slice(7)}`), blob.bytes);
    }
    const file = join(volatile, "script");
    writeFileSync(file, wholeOf(compiled.script));
    options.prepare?.(job);
    const bare = options.shell === busyboxAlone;
    const words = bare ? ["busybox", "ash"] : (options.shell ?? "dash").split(" ");
    const child = spawn("env", [...(options.under ?? []), ...words, file], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        HG_JOB: job,
        HG_VOLATILE: volatile,
        HG_STATE: options.state ?? join(this.root, "state"),
        HG_CHANNEL: "1",
        LC_ALL: "C",
        ...(bare
          ? { PATH: this.#applets() }
          : (options.env ?? { PATH: words[0] === "busybox" ? this.#withoutPerl() : process.env["PATH"] })),
      },
    });
    const channel: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => channel.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    const log = readFileSync(join(job, "log"));
    const trouble = readFileSync(join(job, "trouble"), "utf8") + Buffer.concat(errors).toString();
    return { job, code, log, channel: Buffer.concat(channel), trouble, frames: createFrameParser().push(log) };
  }
}

/** How to run. */
export interface RunOptions {
  readonly shell?: string;
  readonly under?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly state?: string;
  readonly withoutArtefacts?: boolean;
  readonly prepare?: (job: string) => void;
}

/** What a script did. */
export interface Ran {
  readonly job: string;
  readonly code: number | null;
  readonly log: Buffer;
  readonly channel: Buffer;
  readonly trouble: string;
  readonly frames: readonly Frame[];
}

/** A step with the usual limits. */
export function step(kind: string, args: ResolvedStep["args"], more: Partial<ResolvedStep> = {}): ResolvedStep {
  return {
    id: more.id ?? `${kind}:${JSON.stringify(args["path"] ?? args["name"] ?? args["run"] ?? "")}`,
    kind,
    label: kind,
    args,
    blobs: {},
    secret: false,
    unknown: false,
    notify: [],
    timeoutMs: 30_000,
    retries: 0,
    retryDelayMs: 0,
    ...more,
  };
}

/** A node-role of these steps. */
export function nodeRole(steps: readonly ResolvedStep[], more: Partial<ResolvedNodeRole> = {}): ResolvedNodeRole {
  return { id: "n1/web", steps, verify: [], around: { before: [], after: [], onFailure: [] }, outputs: [], ...more };
}

/** The last frame. */
export function done(ran: Ran): Frame & { type: "done" } {
  const last = ran.frames.at(-1);
  if (last?.type !== "done") throw new Error(`no done frame; trouble: ${ran.trouble}; log: ${ran.log.toString().slice(-500)}`);
  return last;
}

/** The script came to this end without a word of trouble; its log is told where it did not. */
export function expectDone(ran: Ran, status: "ok" | "changed"): void {
  const last = done(ran);
  const told = { ...last, trouble: ran.trouble, log: last.status === status ? "" : ran.log.toString() };
  expect(told).toMatchObject({ status, message: "", trouble: "", log: "" });
}

/** The changes that the check saw, in order. */
export function changes(ran: Ran): readonly string[] {
  return ran.frames.flatMap((frame) => (frame.type === "observed" ? [frame.change] : []));
}

/** All output of a step. */
export function output(ran: Ran, index = 0): Buffer {
  return Buffer.concat(ran.frames.flatMap((frame) => (frame.type === "out" && frame.index === index ? [frame.content] : [])));
}
