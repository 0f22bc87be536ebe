import { type FilePlace, HalliganError, type Problem, problem } from "../errors.ts";
import { listing } from "./catalogue.ts";
import type { BoundNodeRole } from "./graph.ts";
import { ArgumentError } from "./render.ts";
import type { Scopes } from "./scope.ts";
import { TemplateError } from "./template.ts";

/** Where a template stands. */
export interface TemplateOwner {
  readonly bound: BoundNodeRole;
  /** `step file:/etc/motd`, `output url`. */
  readonly what: string;
  readonly place: FilePlace;
  readonly scopes?: Scopes;
  /** Text and path of a template file; else the template stands in the barclamp's YAML at `place`. */
  readonly file?: { readonly path: string; readonly text: string };
}

/** Turns what rendering threw into a problem; rethrows what is not about templates. */
export function templateProblem(error: unknown, owner: TemplateOwner): Problem {
  if (error instanceof HalliganError) return error.problems[0];
  const wrong = error instanceof ArgumentError ? error.cause : error;
  if (!(wrong instanceof TemplateError)) throw error;
  const where = error instanceof ArgumentError && error.path !== "" ? `${error.path} of ${owner.what}` : owner.what;
  const known = knownNames(wrong.message, owner.scopes);
  return problem("TEMPLATE_ERROR", {
    message: `${where} of role ${owner.bound.role.name} cannot be rendered: ${wrong.message}`,
    at: placeOf(wrong, owner),
    cause: `Rendered for ${owner.bound.id}.`,
    ...(known === undefined ? {} : { hint: known }),
  });
}

/** A node was never discovered, and a template or condition reads its facts. */
export function factsMissing(bound: BoundNodeRole): Problem {
  return problem("FACTS_MISSING", {
    message: `role ${bound.role.name} needs facts of node ${bound.node.name}, which was never discovered`,
    at: { node: bound.node.name, role: bound.role.name },
    hint: `Run \`halligan discover ${bound.node.name}\` and plan again.`,
  });
}

function placeOf(wrong: TemplateError, owner: TemplateOwner): FilePlace {
  if (owner.file === undefined) return owner.place;
  const text = owner.file.text.split("\n")[wrong.line - 1];
  return { file: owner.file.path, line: wrong.line, column: wrong.column, ...(text === undefined ? {} : { text }) };
}

/** For `undefined variable: set.prot`: what `set` has. */
function knownNames(message: string, scopes: Scopes | undefined): string | undefined {
  const path = /undefined variable: ([\w.-]+)/u.exec(message)?.[1];
  if (path === undefined || scopes === undefined) return undefined;
  const [root = ""] = path.split(".");
  if (!Object.hasOwn(scopes.display, root)) return `Templates see: ${listing(Object.keys(scopes.display).toSorted(), 20)}.`;
  if (root === "facts") return "This node has no such fact; `halligan facts NODE` shows what it has.";
  const value = scopes.display[root];
  const names = typeof value === "object" && value !== null ? Object.keys(value).toSorted() : [];
  return names.length === 0 ? `There is nothing in \`${root}\` for this role.` : `\`${root}\` has: ${listing(names, 20)}.`;
}
