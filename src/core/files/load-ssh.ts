import { type Problem, problem } from "../errors.ts";
import { isAddress } from "../model/attributes.ts";
import type { SecretSource, SshSettings } from "../model/cluster.ts";
import type { SecretSourceFile, SshFile } from "../model/cluster-file.ts";
import { parseDuration } from "../model/duration.ts";
import { defaultPolicy } from "../model/secret-policy.ts";
import type { YamlPath, YamlTree } from "./yaml-tree.ts";

/** How nodes are reached where the file says nothing. */
export function defaultSsh(user: string): SshSettings {
  return {
    user,
    port: 22,
    transport: "ssh2",
    keys: [],
    agent: true,
    become: "none",
    jump: [],
    hostKeys: "strict",
    connectTimeoutMs: 10_000,
  };
}

/** Settings as written, over others. Problems: `VALUE_INVALID` (jump hosts). */
export function overrideSsh(base: SshSettings, file: SshFile, path: YamlPath, tree: YamlTree, problems: Problem[]): SshSettings {
  const user = file.user ?? base.user;
  const keys = file.keys ?? (file.key === undefined ? base.keys : [file.key]);
  const hops = file.jump === undefined ? undefined : typeof file.jump === "string" ? [file.jump] : file.jump;
  const jump = hops?.map((hop, index) =>
    readHop(hop, user, typeof file.jump === "string" ? [...path, "jump"] : [...path, "jump", index], tree, problems),
  );
  return {
    ...base,
    user,
    keys,
    port: file.port ?? base.port,
    transport: file.transport ?? base.transport,
    agent: file.agent ?? base.agent,
    become: file.become ?? base.become,
    jump: jump ?? base.jump,
    hostKeys: file.hostKeys ?? base.hostKeys,
    connectTimeoutMs: parseDuration(file.connectTimeout ?? "") ?? base.connectTimeoutMs,
    ...(file.password === undefined ? {} : { password: secretSourceOf(file.password) }),
    ...(file.passphrase === undefined ? {} : { passphrase: secretSourceOf(file.passphrase) }),
    ...(file.becomePassword === undefined ? {} : { becomePassword: secretSourceOf(file.becomePassword) }),
  };
}

/** A secret's source as the model has it. */
export function secretSourceOf(file: SecretSourceFile): SecretSource {
  if (file.env !== undefined) return { kind: "env", name: file.env };
  if (file.file !== undefined) return { kind: "file", path: file.file };
  if (file.command !== undefined) return { kind: "command", words: file.command };
  if (file.generate === undefined) return { kind: "ask" };
  const { length, alphabet, minClasses } = typeof file.generate === "number" ? { length: file.generate } : file.generate;
  return {
    kind: "generate",
    policy: {
      length: length ?? defaultPolicy.length,
      alphabet: alphabet ?? defaultPolicy.alphabet,
      minClasses: minClasses ?? defaultPolicy.minClasses,
    },
  };
}

function readHop(text: string, user: string, path: YamlPath, tree: YamlTree, problems: Problem[]): SshSettings["jump"][number] {
  const match = /^(?:([^@]+)@)?(\[([^\]]+)\]|[^:[\]]+)(?::(\d+))?$/u.exec(text);
  const address = match?.[3] ?? match?.[2] ?? "";
  const port = Number(match?.[4] ?? 22);
  if (!isAddress(address) || port < 1 || port > 65_535)
    problems.push(
      problem("VALUE_INVALID", { message: `\`${path.join(".")}\`: \`${text}\` is not user@host:port.`, at: tree.valuePlace(path) }),
    );
  return { user: match?.[1] ?? user, address, port };
}
