import { createHash } from "node:crypto";
import type { Grants, People, Person, Role } from "../authority/people.ts";
import { readPublicKey } from "../authority/signatures/public-key.ts";
import { type Problem, problem } from "../errors.ts";
import { everyone, type PeopleFile, peopleFileSchema, roleNames } from "../model/people-file.ts";
import { suggestion } from "../model/suggest.ts";
import { mayBelieve, sorted } from "./load-cluster.ts";
import { checkSchema } from "./schema-problems.ts";
import { readYaml, type YamlPath, type YamlTree } from "./yaml-tree.ts";

/** A people file as text. */
export interface PeopleSource {
  readonly file: string;
  readonly text: string;
}

/** The people, when the file has no problems at all; and every problem that could be found. */
export interface LoadedPeople {
  readonly people?: People;
  readonly problems: readonly Problem[];
}

/**
 * Reads a people file. Never throws. Problems: `YAML_INVALID`, `FILE_TOO_LARGE`, `FILE_NOT_TEXT`, `KEY_UNKNOWN`, `KEY_MISSING`, `VALUE_INVALID`,
 * `SECRET_LITERAL`, `KEY_INVALID`, `PERSON_UNKNOWN`, `GROUP_CIRCLE`, `PRINCIPAL_TWICE`, `NAME_TWICE`.
 */
export function loadPeople(source: PeopleSource): LoadedPeople {
  const tree = readYaml(source.file, source.text);
  if (tree.value === undefined || tree.value === null) {
    const empty = problem("KEY_MISSING", {
      message: "The file is empty: nobody could do anything.",
      at: tree.valuePlace([]),
      hint: "Write who may do what (docs/people.md), or remove the file to go on in single-user mode.",
    });
    return { problems: tree.problems.length > 0 ? tree.problems : [empty] };
  }
  const { data, problems } = checkSchema(peopleFileSchema, tree.value, tree);
  if (data === undefined || tree.problems.length > 0)
    return { problems: sorted([...tree.problems, ...problems.filter((each) => mayBelieve(tree, each))]) };
  const found: Problem[] = [];
  const people = readPersons(data, tree, found);
  const groups = openGroups(data, tree, found);
  const cluster = readGrants(data.roles, ["roles"], { data, groups, tree, found });
  const deployments = new Map(
    Object.entries(data.deployments ?? {}).map(([name, { roles }]) => [
      name,
      readGrants(roles, ["deployments", name, "roles"], { data, groups, tree, found }),
    ]),
  );
  if (found.length > 0) return { problems: sorted(found) };
  const digest = `sha256:${createHash("sha256").update(source.text).digest("hex")}` as const;
  return { people: { digest, people, groups, cluster, deployments }, problems: [] };
}

function readPersons(data: PeopleFile, tree: YamlTree, found: Problem[]): ReadonlyMap<string, Person> {
  const owners = new Map<string, string>();
  const people = new Map<string, Person>();
  for (const [id, { name, local = [], keys = [], slack = [] }] of Object.entries(data.people)) {
    const principals = new Set<string>();
    const own = (text: string, path: YamlPath): void => {
      const owner = owners.get(text);
      if (owner !== undefined)
        found.push(
          problem("PRINCIPAL_TWICE", {
            message: owner === id ? `${id} has ${text} twice.` : `${text} belongs to ${owner} already; it cannot be ${id} as well.`,
            at: tree.valuePlace(path),
          }),
        );
      owners.set(text, owner ?? id);
      principals.add(text);
    };
    local.forEach((user, index) => own(`local:${user}`, ["people", id, "local", index]));
    slack.forEach((user, index) => own(`slack:${user}`, ["people", id, "slack", index]));
    const lines: string[] = [];
    keys.forEach((text, index) => {
      const path = ["people", id, "keys", index];
      const read = readPublicKey(text);
      if ("key" in read) {
        own(`ssh:${read.key.fingerprint}`, path);
        lines.push(read.key.line);
      } else {
        const code = read.secret === true ? "SECRET_LITERAL" : "KEY_INVALID";
        found.push(problem(code, { message: `\`${path.join(".")}\` ${read.fault}.`, at: tree.valuePlace(path) }));
      }
    });
    if (id === everyone)
      found.push(
        problem("NAME_TWICE", { message: `\`${everyone}\` stands for all people and cannot be one.`, at: tree.keyPlace(["people", id]) }),
      );
    people.set(id, { id, ...(name === undefined ? {} : { name }), principals, keys: lines });
  }
  return people;
}

/** Groups with the people they come down to. A group may hold other groups, not itself. */
function openGroups(data: PeopleFile, tree: YamlTree, found: Problem[]): ReadonlyMap<string, ReadonlySet<string>> {
  const written = data.groups ?? {};
  const opened = new Map<string, ReadonlySet<string>>();
  const open = (name: string, within: readonly string[]): ReadonlySet<string> => {
    const before = opened.get(name);
    if (before !== undefined) return before;
    const members = new Set<string>();
    (written[name] ?? []).forEach((each, index) => {
      const path = ["groups", name, index];
      if (each === name || within.includes(each)) {
        const message = `The group ${name} holds itself: ${[...within.slice(within.indexOf(each)), name, each].join(", ")}.`;
        found.push(problem("GROUP_CIRCLE", { message, at: tree.valuePlace(path) }));
      } else if (Object.hasOwn(data.people, each)) members.add(each);
      else if (Object.hasOwn(written, each)) for (const one of open(each, [...within, name])) members.add(one);
      else found.push(unknownMember(each, path, data, tree, []));
    });
    opened.set(name, members);
    return members;
  };
  for (const name of Object.keys(written)) {
    if (Object.hasOwn(data.people, name) || name === everyone) {
      const message =
        name === everyone ? `\`${everyone}\` is there already: all people of this file.` : `${name} is both a person and a group.`;
      found.push(problem("NAME_TWICE", { message, at: tree.keyPlace(["groups", name]) }));
    }
    open(name, []);
  }
  return opened;
}

interface GrantParts {
  readonly data: PeopleFile;
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>;
  readonly tree: YamlTree;
  readonly found: Problem[];
}

function readGrants(roles: PeopleFile["roles"], path: YamlPath, { data, groups, tree, found }: GrantParts): Grants {
  const membersOf = (role: Role): ReadonlySet<string> => {
    const members = new Set<string>();
    (roles?.[role] ?? []).forEach((each, index) => {
      const group = groups.get(each);
      if (each === everyone) for (const id of Object.keys(data.people)) members.add(id);
      else if (Object.hasOwn(data.people, each)) members.add(each);
      else if (group !== undefined) for (const id of group) members.add(id);
      else found.push(unknownMember(each, [...path, role, index], data, tree, [everyone]));
    });
    return members;
  };
  return Object.fromEntries(roleNames.map((role) => [role, membersOf(role)])) as Readonly<Record<Role, ReadonlySet<string>>>;
}

function unknownMember(name: string, path: YamlPath, data: PeopleFile, tree: YamlTree, more: readonly string[]): Problem {
  const known = [...Object.keys(data.people), ...Object.keys(data.groups ?? {}), ...more];
  return problem("PERSON_UNKNOWN", {
    message: `\`${path.slice(0, -1).join(".")}\` names ${name}, who is neither a person nor a group of this file.`,
    at: tree.valuePlace(path),
    hint: suggestion(name, known),
  });
}
