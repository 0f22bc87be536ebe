import { hash } from "node:crypto";
import type { Digest } from "../../model/ids.ts";
import type { Blob } from "../resolved.ts";
import { quote, rawShell, type Sh, sh } from "./quote.ts";

/** What a step wants to know of a path beside its type, mode and owner. */
export interface PathWants {
  readonly digest?: boolean;
  /** The digest, to be shown alone: what is looked at again while the step is applied goes without it. */
  readonly shown?: boolean;
  /** The bytes, as text in a shell variable. */
  readonly content?: boolean;
  /** Target of a symlink. */
  readonly target?: boolean;
  /** Lines that one of these extended regular expressions matches, in `hg_matches`. */
  readonly matching?: readonly string[];
  /** Contents in the script, each as `OFFSET SIZE DIGEST`, of which the file may hold one. */
  readonly like?: readonly string[];
  /** What is looked for holds a secret. */
  readonly hidden?: boolean;
}

/** All wants of one path. */
export interface PathNeed {
  readonly digest: boolean;
  readonly shown: boolean;
  readonly content: boolean;
  readonly target: boolean;
  readonly matching: readonly string[];
  readonly like: readonly string[];
  readonly hidden: boolean;
}

/** Wants of several steps as one. */
export function mergeWants(before: PathNeed | undefined, wants: PathWants): PathNeed {
  return {
    digest: (wants.digest ?? false) || (before?.digest ?? false),
    shown: (wants.shown ?? false) || (before?.shown ?? false),
    content: (wants.content ?? false) || (before?.content ?? false),
    target: (wants.target ?? false) || (before?.target ?? false),
    matching: [...new Set([...(before?.matching ?? []), ...(wants.matching ?? [])])],
    like: [...new Set([...(before?.like ?? []), ...(wants.like ?? [])])],
    hidden: (wants.hidden ?? false) || (before?.hidden ?? false),
  };
}

/** What must be gathered before a step can be judged. */
export interface Needs {
  /** By path number. */
  readonly paths: Map<number, PathNeed>;
  readonly packages: Set<string>;
  readonly candidates: Set<string>;
  readonly users: Set<string>;
  readonly groups: Set<string>;
  readonly units: Set<string>;
  /** Guards by number. */
  readonly guards: Set<number>;
}

/** A command whose exit code the check needs. */
export interface Guard {
  /** As a fixture names it. */
  readonly text: string;
  /** Runs it; its exit status is the answer. */
  readonly run: Sh;
  /** It needs nothing but a shell: it may run in one with others. `step` is the index of the step whose time limit holds. */
  readonly plain?: { readonly text: string; readonly step: number };
}

/** Contents larger than this are uploaded as artefacts instead of standing in the script. */
const embedLimitBytes = 65_536;

/** What all steps of one script share: numbered paths and guards, and the data after the script's end. */
export class ScriptContext {
  readonly paths: string[] = [];
  /** Assignments of computed paths, by number. */
  readonly computed = new Map<number, string>();
  readonly guards: Guard[] = [];
  readonly data: { readonly bytes: Uint8Array; readonly secret: boolean }[] = [];
  readonly artefacts: { readonly stepId: string; readonly blob: Blob }[] = [];
  #dataLength = 0;
  readonly #pathNumbers = new Map<string, number>();

  /** The script only looks: it needs nothing that only a change needs. */
  readonly looks: boolean;

  constructor(looks: boolean) {
    this.looks = looks;
  }

  /** The number of a path: its gathered values are in `t_N` (type), `m_N`, `u_N` ... */
  pathNumber(path: string): number {
    const known = this.#pathNumbers.get(path);
    if (known !== undefined) return known;
    this.paths.push(quote(path));
    this.#pathNumbers.set(path, this.paths.length - 1);
    return this.paths.length - 1;
  }

  /** A path that only the script can compute, right before it is looked at; `expression` is one shell word, `before` runs first. */
  computedPath(expression: Sh, before?: Sh): number {
    this.paths.push("''");
    const number = this.paths.length - 1;
    this.computed.set(number, sh`${before === undefined ? rawShell("") : sh`${before}; `}p_${number}=${expression}`.sh);
    return number;
  }

  /** Puts bytes behind the script. */
  append(bytes: Uint8Array, secret: boolean): number {
    const offset = this.#dataLength;
    this.data.push({ bytes, secret });
    this.#dataLength += bytes.length;
    return offset;
  }
}

/** What a kind uses while it compiles one step. */
export class StepContext {
  readonly index: number;
  readonly script: ScriptContext;
  /** Name of the node-role's role. */
  readonly role: string;
  readonly needs: Needs = noNeeds();
  readonly #stepId: string;
  readonly #secret: boolean;

  constructor(script: ScriptContext, role: string, index: number, step: { readonly id: string; readonly secret: boolean }) {
    this.script = script;
    this.role = role;
    this.index = index;
    this.#stepId = step.id;
    this.#secret = step.secret;
  }

  /** Gathers a path for this step; returns its number. */
  path(path: string | Sh, wants: PathWants = {}, first?: Sh): number {
    const number = typeof path === "string" ? this.script.pathNumber(path) : this.script.computedPath(path, first);
    this.needs.paths.set(number, mergeWants(this.needs.paths.get(number), { ...wants, hidden: this.#secret }));
    return number;
  }

  /** Gathers a guard's exit code; returns its number: the code is in `q_N`. */
  guard(guard: Guard): number {
    this.script.guards.push(guard);
    this.needs.guards.add(this.script.guards.length - 1);
    return this.script.guards.length - 1;
  }

  /** Shell words that stand for a content: `OFFSET LENGTH DIGEST`, where offset `-` means that it is an artefact in the node's cache. */
  content(bytes: Uint8Array): Sh {
    const digest = hexDigest(bytes);
    // Secrets stay with the script, which lies in memory and goes with the job; the cache is on disk and stays.
    if (this.#secret || bytes.length <= embedLimitBytes) return sh`${this.script.append(bytes, this.#secret)} ${bytes.length} ${digest}`;
    const blob: Blob = { digest: `sha256:${digest}` satisfies Digest, bytes };
    this.script.artefacts.push({ stepId: this.#stepId, blob });
    return sh`- ${bytes.length} ${digest}`;
  }

  /** As `content`, for what is neither checked nor shown: a script that only looks goes without it. */
  contentToApply(bytes: Uint8Array): Sh {
    return this.script.looks ? sh`- ${bytes.length} ${hexDigest(bytes)}` : this.content(bytes);
  }

  /** A place below `$HG_STATE` for what this step must remember, as one shell word. */
  memory(folder: "originals" | "stamps" | "values" | "pending", key: string): Sh {
    return folder === "originals"
      ? sh`"$HG_STATE"/originals/${hexDigest(key).slice(0, 32)}`
      : sh`"$HG_STATE"/${folder}/${this.role}/${key}`;
  }
}

/** Nothing to gather. */
export function noNeeds(): Needs {
  return {
    paths: new Map(),
    packages: new Set(),
    candidates: new Set(),
    users: new Set(),
    groups: new Set(),
    units: new Set(),
    guards: new Set(),
  };
}

/** Digests of large contents: those of a barclamp are the same bytes for every node. */
const digests = new WeakMap<Uint8Array, string>();
const largeBytes = 16_384;

/** Lower-case hex SHA-256. */
export function hexDigest(data: string | Uint8Array): string {
  if (typeof data === "string" || data.length < largeBytes) return hash("sha256", data);
  const known = digests.get(data) ?? hash("sha256", data);
  digests.set(data, known);
  return known;
}

/** A step id as one file name. */
export function fileNameOf(id: string): string {
  const name = encodeURIComponent(id.toWellFormed()).replaceAll("*", "%2A");
  return name.length > 120 || name.startsWith(".") ? hexDigest(id).slice(0, 32) : name;
}
