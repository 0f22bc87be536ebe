import type { z } from "zod";
import { type Problem, problem } from "../errors.ts";
import { fixtureFileSchema } from "../model/fixture-file.ts";
import type { Json } from "../ports.ts";
import { mayBelieve, sorted } from "./load-cluster.ts";
import { checkSchema } from "./schema-problems.ts";
import { readYaml } from "./yaml-tree.ts";

/** A fixture as loaded; `observed` is what the jig's own schema made of it. */
export interface Fixture<O> {
  readonly file: string;
  readonly role: string;
  readonly title?: string;
  readonly set: Readonly<Record<string, Json>>;
  readonly facts: Readonly<Record<string, Json>>;
  readonly inputs: Readonly<Record<string, Json>>;
  readonly node: { readonly name: string; readonly address: string };
  readonly observed: O | undefined;
  /** Capabilities that the role proves with these settings; absent = they are not compared. */
  readonly proves?: readonly string[];
  readonly changes: Readonly<Record<string, "none" | "create" | "change" | "destroy">>;
}

/**
 * Reads one file of `fixtures/`. `observed` is the jig's schema of a node's state. Never throws. Problems: those of YAML and schema (see
 * `loadCluster`).
 */
export function loadFixture<S extends z.ZodType>(
  source: { readonly file: string; readonly text: string },
  observed: S,
): { readonly fixture?: Fixture<z.output<S>>; readonly problems: readonly Problem[] } {
  const tree = readYaml(source.file, source.text);
  if (tree.value === undefined || tree.value === null)
    return {
      problems:
        tree.problems.length > 0 ? tree.problems : [problem("KEY_MISSING", { message: "The file is empty.", at: tree.valuePlace([]) })],
    };
  const { data, problems } = checkSchema(fixtureFileSchema(observed), tree.value, tree);
  if (data === undefined || tree.problems.length > 0)
    return { problems: sorted([...tree.problems, ...problems.filter((each) => mayBelieve(tree, each))]) };
  const { role, title, set, facts, inputs, node, proves, changes } = data;
  return {
    fixture: {
      file: source.file,
      role,
      ...(title === undefined ? {} : { title }),
      set: asJson(set),
      facts: asJson(facts),
      inputs: asJson(inputs),
      node: { name: node?.name ?? "node-1", address: node?.address ?? "192.0.2.1" },
      observed: data.observed,
      ...(proves === undefined ? {} : { proves }),
      changes,
    },
    problems: [],
  };
}

/** Everything that comes from YAML is JSON. */
function asJson(values: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, Json>> {
  return (values ?? {}) as Readonly<Record<string, Json>>;
}
