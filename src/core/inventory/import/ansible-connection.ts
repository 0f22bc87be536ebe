import type { Variable, Variables } from "./ansible-data.ts";
import { type Hop, type ImportPlace, nameList, type Notes, short } from "./imported.ts";
import { proxyCommandHop, readHops } from "./hops.ts";
import { splitWords } from "./python-text.ts";
import { sshWords } from "./ssh-config.ts";

/** How Ansible reaches a host; `elsewhere`: not over SSH, or not in a way that can be told from the inventory. */
export type Connection =
  | { readonly kind: "elsewhere"; readonly message: string; readonly at: ImportPlace }
  | {
      readonly kind: "ssh";
      readonly address?: string;
      readonly port?: string;
      readonly user?: string;
      readonly keys: readonly string[];
      readonly become?: "sudo" | "none";
      readonly jump: readonly Hop[];
    };

const names = {
  address: ["ansible_host", "ansible_ssh_host"],
  port: ["ansible_port", "ansible_ssh_port"],
  user: ["ansible_user", "ansible_ssh_user"],
  key: ["ansible_ssh_private_key_file", "ansible_private_key_file"],
  become: ["ansible_become", "ansible_sudo"],
  method: ["ansible_become_method"],
  becomeUser: ["ansible_become_user", "ansible_sudo_user"],
  connection: ["ansible_connection"],
} as const;
const sshArguments = ["ansible_ssh_common_args", "ansible_ssh_extra_args"];
const passwords = [
  "ansible_password",
  "ansible_ssh_pass",
  "ansible_ssh_password",
  "ansible_become_password",
  "ansible_become_pass",
  "ansible_sudo_pass",
];

/** Variables that an import understands, or speaks of by itself. */
export const knownVariables: ReadonlySet<string> = new Set([
  ...Object.values(names).flat(),
  ...sshArguments,
  ...passwords,
  "ansible_group_priority",
  "halligan_label",
]);

/** Reads how a host is reached from its variables. What cannot be carried over is noted where the variable is set. */
export function connectionOf(variables: Variables, notes: Notes): Connection {
  const wants = new Wants(variables, notes);
  const connection = wants.get("connection");
  if (connection !== undefined && !/^(ansible\.(builtin|netcommon)\.)?(ssh|smart|paramiko|paramiko_ssh)$/u.test(connection.text)) {
    const message =
      connection.text === "local"
        ? "it is the machine on which Ansible runs (`ansible_connection: local`); Halligan needs an SSH server there"
        : `its \`ansible_connection\` is ${short(connection.text)}, and Halligan speaks SSH only`;
    return { kind: "elsewhere", message, at: connection.at };
  }
  for (const which of ["address", "port"] as const)
    if (wants.isUnknown(which)) {
      const place = wants.placeOf(which);
      return { kind: "elsewhere", message: `its ${which} comes from a template or a vault`, at: place };
    }
  for (const name of passwords) {
    const variable = variables.get(name);
    if (variable !== undefined)
      notes.add(
        "left",
        variable.at,
        `\`${name}\` is a secret and not carried over; write \`${secretKey(name)}: { ask: true }\` under \`ssh\`.`,
      );
  }
  const extra = sshExtras(variables, notes);
  const [address, port, user, key] = [wants.get("address"), wants.get("port"), wants.get("user"), wants.get("key")];
  const become = becomeOf(wants, notes);
  return {
    kind: "ssh",
    ...(address === undefined || address.text === "" ? {} : { address: address.text }),
    ...(port === undefined ? {} : { port: port.text }),
    ...(user === undefined ? (extra.user === undefined ? {} : { user: extra.user }) : { user: user.text }),
    keys: [...(key === undefined ? [] : [key.text]), ...extra.keys].filter(
      (each, index, all) => each !== "" && all.indexOf(each) === index,
    ),
    ...(become === undefined ? {} : { become }),
    jump: extra.jump,
  };
}

function secretKey(name: string): string {
  return /become|sudo/u.test(name) ? "becomePassword" : "password";
}

/** Looks variables up by what they mean. */
class Wants {
  readonly #variables: Variables;
  readonly #notes: Notes;

  constructor(variables: Variables, notes: Notes) {
    this.#variables = variables;
    this.#notes = notes;
  }

  /** The text of a variable; templates and vaults are noted and count as nothing. */
  get(which: keyof typeof names): { readonly text: string; readonly at: ImportPlace } | undefined {
    const found = this.#find(which);
    if (found === undefined) return undefined;
    const text = plainText(found.variable);
    if (text !== undefined) return { text, at: found.variable.at };
    this.#notes.add("left", found.variable.at, `\`${found.name}\` is not carried over: it is a template, a vault or no text.`);
    return undefined;
  }

  /** True when the variable is there, but its value cannot be known. */
  isUnknown(which: keyof typeof names): boolean {
    const found = this.#find(which);
    return found !== undefined && plainText(found.variable) === undefined;
  }

  placeOf(which: keyof typeof names): ImportPlace {
    return this.#find(which)?.variable.at ?? { file: "", line: 1 };
  }

  #find(which: keyof typeof names): { readonly name: string; readonly variable: Variable } | undefined {
    for (const name of names[which]) {
      const variable = this.#variables.get(name);
      if (variable !== undefined) return { name, variable };
    }
    return undefined;
  }
}

/** The text of a variable that is neither a template nor a vault. */
function plainText(variable: Variable): string | undefined {
  return variable.value.kind !== "text" || /\{\{|\{%/u.test(variable.value.text) ? undefined : variable.value.text;
}

function becomeOf(wants: Wants, notes: Notes): "sudo" | "none" | undefined {
  const [become, method, user] = [wants.get("become"), wants.get("method"), wants.get("becomeUser")];
  if (become === undefined) return undefined;
  if (!/^(true|yes|on|1|y|t)$/iu.test(become.text)) return "none";
  if (method !== undefined && !/^(ansible\.builtin\.)?sudo$/u.test(method.text)) {
    notes.add(
      "left",
      method.at,
      `\`ansible_become_method\` ${short(method.text)} is not carried over: Halligan becomes root with sudo only.`,
    );
    return undefined;
  }
  if (user !== undefined && user.text !== "root" && user.text !== "")
    notes.add(
      "left",
      user.at,
      `\`ansible_become_user\` ${short(user.text)} is not carried over: Halligan becomes root; steps name other users themselves.`,
    );
  return "sudo";
}

interface Extras {
  readonly jump: readonly Hop[];
  readonly keys: readonly string[];
  readonly user?: string;
}

/** Jumps, keys and a user from arguments for ssh; all other options are noted by name. */
function sshExtras(variables: Variables, notes: Notes): Extras {
  let [jump, user]: [readonly Hop[], string | undefined] = [[], undefined];
  const keys: string[] = [];
  for (const name of sshArguments) {
    const variable = variables.get(name);
    if (variable === undefined) continue;
    const text = plainText(variable);
    const split = text === undefined ? undefined : splitWords(text, false);
    if (split?.ok !== true) {
      notes.add("left", variable.at, `\`${name}\` is not carried over: it is a template, a vault or has an open quote.`);
      continue;
    }
    const left = new Set<string>();
    for (const { option, value } of sshOptions(split.words)) {
      if (option === "proxyjump") jump = readHops(value);
      else if (option === "identityfile") keys.push((sshWords(value)?.[0] ?? value).replaceAll("%%", "%"));
      else if (option === "user") user = value;
      else if (option === "proxycommand" && value !== "none") {
        const words = splitWords(value, false);
        const hop = words.ok ? proxyCommandHop(words.words) : undefined;
        if (hop === undefined) left.add("ProxyCommand (only `ssh -W %h:%p HOST` can be)");
        else jump = [hop];
      } else left.add(option);
    }
    if (left.size > 0) notes.add("left", variable.at, `Options of ssh in \`${name}\` are not carried over: ${nameList(left)}.`);
  }
  return { jump, keys, ...(user === undefined ? {} : { user }) };
}

const letterOptions: Readonly<Record<string, string>> = { J: "proxyjump", l: "user" };

/** Options of ssh(1) as names in lower case with their values. */
function sshOptions(words: readonly string[]): readonly { readonly option: string; readonly value: string }[] {
  const found: { readonly option: string; readonly value: string }[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const letter = /^-([BbcDEeFIiJLlmOoPpQRSWw])(.*)$/su.exec(word);
    if (letter === null) {
      found.push({ option: short(word), value: "" });
      continue;
    }
    const value = letter[2] !== "" && letter[2] !== undefined ? letter[2] : (words[(index += 1)] ?? "");
    const pair = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/su.exec(value);
    if (letter[1] === "i") found.push({ option: "identityfile", value: JSON.stringify(value) });
    else if (letter[1] === "o") found.push({ option: (pair?.[1] ?? "-o").toLowerCase(), value: pair?.[2] ?? "" });
    else found.push({ option: letterOptions[letter[1] ?? ""] ?? `-${letter[1]}`, value });
  }
  return found;
}
