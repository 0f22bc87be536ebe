import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fail } from "../../errors.ts";

/** A public host key as SSH sends it: `type` is e.g. `ssh-ed25519`, `blob` the wire form that known_hosts holds in base64. */
export interface HostKey {
  readonly type: string;
  readonly blob: Uint8Array;
}

/** One usable line of a known_hosts file. */
export interface KnownLine {
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  readonly kind: "pinned" | "revoked" | "authority";
  readonly key: HostKey;
}

/** Reads the type out of a key in wire form. */
export function hostKeyFrom(blob: Uint8Array): HostKey {
  const bytes = Buffer.from(blob);
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  return { type: bytes.toString("latin1", 4, 4 + length), blob };
}

/** `SHA256:...`, as OpenSSH prints it. */
export function fingerprint(key: HostKey): string {
  return `SHA256:${createHash("sha256").update(key.blob).digest("base64").replace(/=+$/, "")}`;
}

/** True when both are the same key. */
export function sameKey(one: HostKey, other: HostKey): boolean {
  return one.blob.length === other.blob.length && timingSafeEqual(one.blob, other.blob);
}

/** The name under which OpenSSH files a host: the address alone for port 22, `[address]:port` otherwise. */
export function hostName(address: string, port: number): string {
  const lower = address.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
}

/** The known_hosts line that pins `key` (not hashed, without a line end). */
export function knownHostsLine(address: string, port: number, key: HostKey): string {
  return `${hostName(address, port)} ${key.type} ${Buffer.from(key.blob).toString("base64")}`;
}

/** The parsed content of one known_hosts file. */
export interface KnownHostsFile {
  /** All lines that speak about this host name (`hostName`), in file order. */
  find(name: string): readonly KnownLine[];
}

interface ParsedLine extends KnownLine {
  matches(name: string): boolean;
}

/**
 * Parses known_hosts text: plain names, lists, `*` and `?`, `!` negation, `[host]:port`, hashed names (`|1|salt|hash`), and the markers
 * `@revoked` and `@cert-authority`. Lines that OpenSSH would not understand are skipped, as it does.
 */
export function parseKnownHosts(text: string, file: string): KnownHostsFile {
  const exact = new Map<string, ParsedLine[]>();
  const patterns: ParsedLine[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const parsed = parseLine(raw.trim(), file, index + 1);
    if (parsed === undefined) continue;
    if (parsed.names === undefined) patterns.push(parsed.line);
    else for (const name of parsed.names) exact.set(name, [...(exact.get(name) ?? []), parsed.line]);
  }
  return {
    find(name) {
      const found = [...(exact.get(name) ?? []), ...patterns.filter((line) => line.matches(name))];
      return found.sort((one, other) => one.line - other.line);
    },
  };
}

/** `names` is given when the line lists plain names only, so that it can be found without a scan. */
interface Parsed {
  readonly line: ParsedLine;
  readonly names: readonly string[] | undefined;
}

function parseLine(raw: string, file: string, line: number): Parsed | undefined {
  if (raw === "" || raw.startsWith("#")) return undefined;
  const words = raw.split(/[ \t]+/);
  const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
  const kind = kindOf(marker);
  const [hosts, type, base64] = words;
  if (kind === undefined || hosts === undefined || type === undefined || base64 === undefined) return undefined;
  const blob = Buffer.from(base64, "base64");
  const key = hostKeyFrom(blob);
  if (key.type !== type) return undefined;
  const list = hosts.toLowerCase().split(",");
  // a hash is case-sensitive base64, so it is taken from the untouched text
  const plain = !hosts.startsWith("|") && !/[*?!]/.test(hosts);
  const matches = hosts.startsWith("|1|") ? hashMatcher(hosts) : plain ? (name: string) => list.includes(name) : listMatcher(list);
  return { line: { file, line, kind, key, matches }, names: plain ? list : undefined };
}

function kindOf(marker: string | undefined): KnownLine["kind"] | undefined {
  switch (marker) {
    case undefined:
      return "pinned";
    case "@revoked":
      return "revoked";
    case "@cert-authority":
      return "authority";
    default:
      return undefined;
  }
}

function hashMatcher(hosts: string): (name: string) => boolean {
  const [, , salt = "", hash = ""] = hosts.split("|");
  const saltBytes = Buffer.from(salt, "base64");
  const wanted = Buffer.from(hash, "base64");
  return (name) => {
    const got = createHmac("sha1", saltBytes).update(name).digest();
    return got.length === wanted.length && timingSafeEqual(got, wanted);
  };
}

function listMatcher(list: readonly string[]): (name: string) => boolean {
  const deny = list.filter((each) => each.startsWith("!")).map((each) => wildcard(each.slice(1)));
  const allow = list.filter((each) => !each.startsWith("!")).map(wildcard);
  return (name) => !deny.some((pattern) => pattern.test(name)) && allow.some((pattern) => pattern.test(name));
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*+/g, ".*").replace(/\?/g, ".")}$`);
}

const parsedFiles = new Map<string, { readonly stamp: string; readonly content: Promise<KnownHostsFile> }>();

/** Reads and parses a known_hosts file, once per change; a missing file is an empty one. Problem: `KNOWN_HOSTS_UNUSABLE`. */
export async function readKnownHosts(file: string): Promise<KnownHostsFile> {
  try {
    // Every handshake asks, and a call that waits for a thread of the pool takes longer than the call itself.
    const { ino, mtimeMs, size } = statSync(file);
    const stamp = `${ino} ${mtimeMs} ${size}`;
    const kept = parsedFiles.get(file);
    if (kept?.stamp === stamp) return await kept.content;
    // Kept before it is read: handshakes that begin together would all parse it.
    const content = readFile(file, "utf8").then((text) => parseKnownHosts(text, file));
    parsedFiles.set(file, { stamp, content });
    content.catch(() => parsedFiles.delete(file));
    return await content;
  } catch (error) {
    if (isMissing(error)) return parseKnownHosts("", file);
    throw fail("KNOWN_HOSTS_UNUSABLE", { message: `${file} cannot be read.`, cause: messageOf(error), error });
  }
}

/** True for "no such file". */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
