import { isBuiltin } from "node:module";
import { dirname, posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";

/** What one source file reaches for. */
export interface Reading {
  /** Every module it names: static, type-only and side-effect imports, re-exports, dynamic imports, `import()` types, `require`. */
  readonly imports: readonly string[];
  /** Dynamic imports whose module is not a plain string. */
  readonly computedImports: number;
  /** Lines with `throw new Error(...)`: bare, without a problem code. */
  readonly bareThrows: readonly number[];
  readonly lines: number;
}

/** Reads one file; throws when it does not parse, so that no file slips through unread. */
export function readSource(path: string, text: string): Reading {
  const parsed = parseSync(path, text);
  if (parsed.errors.length > 0) throw new Error(`${path}: ${parsed.errors[0]?.message}`);
  const imports: string[] = [];
  const bareThrows: number[] = [];
  let computedImports = 0;
  const add = (source: unknown): void => {
    const value = literal(source);
    if (value === undefined) computedImports++;
    else imports.push(value);
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => node.source !== null && add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
    TSExternalModuleReference: (node) => add(node.expression),
    CallExpression: (node) => isNamed(node.callee, ["require", "getBuiltinModule"]) && add(node.arguments[0]),
    ThrowStatement: (node) => {
      const thrown = node.argument;
      const made = thrown.type === "NewExpression" || thrown.type === "CallExpression" ? thrown.callee : undefined;
      if (isNamed(made, ["Error", "TypeError", "RangeError"])) bareThrows.push(text.slice(0, node.start).split("\n").length);
    },
  }).visit(parsed.program);
  return { imports, computedImports, bareThrows, lines: text.trimEnd().split("\n").length };
}

function literal(node: unknown): string | undefined {
  const { type, value, quasis } = (node ?? {}) as { type?: string; value?: unknown; quasis?: { value: { cooked: string } }[] };
  if (type === "Literal" && typeof value === "string") return value;
  return type === "TemplateLiteral" && quasis?.length === 1 ? quasis[0]?.value.cooked : undefined;
}

function isNamed(callee: unknown, names: readonly string[]): boolean {
  const { type, name, property } = (callee ?? {}) as { type?: string; name?: string; property?: { name?: string } };
  return names.includes((type === "MemberExpression" ? property?.name : name) ?? "");
}

const coreLibraries = ["zod", "yaml", "liquidjs", "@marcbachmann/cel-js", "diff", "node:crypto"];
const outsideLibraries = ["ssh2", "age-encryption"];
const silent = ["plan", "run", "jigs", "journal", "inventory", "files", "model"].map((name) => `src/core/${name}/`);
const maxLines = 350;

/** Every rule of the house that a file breaks, one sentence each. `path` is relative to the root: `src/core/plan/order.ts`. */
export function violations(path: string, text: string): readonly string[] {
  const reading = readSource(path, text);
  const found = reading.imports.flatMap((specifier) => judgeImport(path, specifier).map((why) => `${path} imports ${specifier}: ${why}`));
  if (reading.computedImports > 0 && !mayTouchOutside(path)) found.push(`${path} imports a computed name: import by a plain string`);
  for (const line of reading.bareThrows) found.push(`${path}:${line} throws a bare error: throw a HalliganError with a code`);
  if (reading.lines > maxLines) found.push(`${path} has ${reading.lines} lines: split it (at most ${maxLines})`);
  if (/(^|\/)utils?\b[^/]*$/.test(path)) found.push(`${path} is called utils: name what it does`);
  return found;
}

function judgeImport(path: string, specifier: string): readonly string[] {
  return specifier.startsWith(".") ? judgeRelative(path, posix.join(dirname(path), specifier)) : judgePackage(path, specifier);
}

function judgeRelative(path: string, target: string): readonly string[] {
  const [from, to] = [layerOf(path), layerOf(target)];
  const found: string[] = [];
  if (to === undefined) found.push("it is outside of src");
  if (from === "core" && to !== "core") found.push("core imports only core");
  if (from === "bot" && (to === "tui" || to === "cli")) found.push("bot imports only core");
  if (from === "tui" && (to === "bot" || to === "cli")) found.push("tui imports only core");
  if (from === "core" && !isAdapter(path) && isAdapter(target)) found.push("only the composition root imports adapters");
  if ((from === "bot" || from === "tui") && isAdapter(target)) found.push("front ends get adapters from the composition root");
  if (silent.some((folder) => path.startsWith(folder)) && target.startsWith("src/core/words/"))
    found.push("the engine states facts, front ends choose words");
  return found;
}

function judgePackage(path: string, specifier: string): readonly string[] {
  if (mayTouchOutside(path)) return [];
  if (layerOf(path) === "core") {
    return coreLibraries.some((name) => specifier === name || (!name.startsWith("node:") && specifier.startsWith(`${name}/`)))
      ? []
      : [`core imports only ${coreLibraries.join(", ")}; the rest belongs into core/adapters`];
  }
  const outside = (isBuiltin(specifier) && specifier !== "node:crypto") || outsideLibraries.includes(specifier.split("/")[0] ?? "");
  return outside ? ["only core/adapters and cli touch the outside world"] : [];
}

function layerOf(path: string): string | undefined {
  return /^src\/(core|bot|tui|cli)(\/|$)/.exec(path)?.[1];
}

function isAdapter(path: string): boolean {
  return path.startsWith("src/core/adapters/");
}

function mayTouchOutside(path: string): boolean {
  return isAdapter(path) || layerOf(path) === "cli";
}
