import { HalliganError, type Problem, problem } from "../errors.ts";
import type { Blob, ResolvedStep } from "../jigs/resolved.ts";
import type { StepSource } from "../model/barclamp.ts";
import type { Json } from "../ports.ts";
import { blobOf } from "./canonical.ts";
import { listing } from "./catalogue.ts";
import { ConditionError, marked } from "./condition.ts";
import type { BoundNodeRole } from "./graph.ts";
import { type LateSource, secretText, Touched } from "./held.ts";
import type { Args, KindIssue, KindLookup, KindView } from "./kinds.ts";
import { type Rendered, render } from "./render.ts";
import { type Scopes, withItem } from "./scope.ts";
import type { StepTemplates } from "./step-templates.ts";
import { factsMissing, templateProblem } from "./template-problem.ts";

/** Time that a step gets when it does not say: package installations on slow mirrors must fit. */
const DEFAULT_STEP_TIMEOUT_MS = 600_000;

/** A resolved step and what it was made from. */
export interface StepOutcome {
  readonly step: ResolvedStep;
  readonly source: StepSource;
  /** The step with placeholders for secrets and late values in its arguments and contents; the step itself where there are none. */
  readonly shown: Pick<ResolvedStep, "args" | "blobs">;
  /** Keys of secrets that went into it. */
  readonly secrets: readonly string[];
  /** Outputs of an earlier run that went into it: what its check says holds only while their providers do not change. */
  readonly seen: readonly LateSource[];
  /** True where nothing of the node or its settings went into it: it is one object for all that have the step. */
  readonly shared: boolean;
}

/** What resolving steps needs. */
export interface StepContext {
  readonly bound: BoundNodeRole;
  readonly scopes: Scopes;
  readonly kinds: KindLookup;
  readonly templates: StepTemplates;
  readonly problems: Problem[];
}

/**
 * Resolves one step as written: none (left out by `when` or `once`), one, or one per element of `each`. `notify` still holds names.
 * Problems: `TEMPLATE_ERROR`, `WHEN_INVALID`, `FACTS_MISSING`, `SOURCE_MISSING`, `STEP_INVALID`.
 */
export function resolveStep(source: StepSource, context: StepContext): readonly StepOutcome[] {
  const { common } = source;
  if (common.once === "deployment" && context.bound.index > 0) return [];
  try {
    if (common.each === undefined) return one(source, context, undefined, new Touched());
    const list = render(context.templates.each(source), context.scopes);
    const { display, real, touched } = list;
    if (touched.facts) throw new HalliganError([factsMissing(context.bound)]);
    if (touched.late.size > 0) return one(source, context, { display: null, real: null, suffix: "*" }, touched);
    if (!Array.isArray(display) || !Array.isArray(real)) {
      if (display === null) return [];
      context.problems.push(invalid(source, context.bound, [`each: gives ${typeof display}, not a list`]));
      return [];
    }
    const names = suffixes(display, touched.secrets.size > 0);
    return display.flatMap((item: Json, index) =>
      one(source, context, { display: item, real: (real[index] ?? null) as Json, suffix: names[index] ?? "" }, touched),
    );
  } catch (error) {
    const what = `step ${source.id}`;
    if (error instanceof HalliganError) context.problems.push(...error.problems);
    else context.problems.push(templateProblem(error, { bound: context.bound, what, place: source.place, scopes: context.scopes }));
    return [];
  }
}

interface Item {
  readonly display: Json;
  readonly real: Json;
  readonly suffix: string;
}

/** Elements themselves where they are short and differ, else their positions. */
function suffixes(items: readonly Json[], secret: boolean): readonly string[] {
  const texts = items.map((item) => (typeof item === "string" || typeof item === "number" ? String(item) : undefined));
  const named = !secret && texts.every((text) => text !== undefined && text.length <= 64 && /^[\w.:@/+-]+$/u.test(text));
  return named && new Set(texts).size === texts.length ? texts.map((text) => text ?? "") : items.map((_, index) => String(index));
}

function one(source: StepSource, context: StepContext, item: Item | undefined, before: Touched): readonly StepOutcome[] {
  const scopes = withItem(context.scopes, item);
  const touched = new Touched();
  touched.merge(before);
  const starred = item?.suffix === "*";
  if (!starred && !holds(source, context, scopes, touched)) return [];
  const shared = item === undefined && isUntouched(touched) && isTheSameEverywhere(source, context.templates);
  const known = shared ? context.templates.shared(source) : undefined;
  if (known !== undefined) return [known];
  const kind = context.kinds(source.kind);
  if (kind === undefined) {
    context.problems.push(invalid(source, context.bound, [`there is no step kind ${source.kind}`]));
    return [];
  }
  // Elements of a late `each` are not there to render with; the step stands for all of them, and only its kind is known.
  const args: Rendered = starred ? { display: {}, real: {}, touched: new Touched() } : render(context.templates.args(source), scopes);
  touched.merge(args.touched);
  const late = touched.late.size > 0;
  const id = idOf(source, context, scopes, item);
  const { blobs, shownBlobs } = starred ? { blobs: {}, shownBlobs: {} } : attach(source, kind, args, { ...context, scopes }, touched);
  if (touched.facts) throw new HalliganError([factsMissing(context.bound)]);
  if (args.touched.secrets.size > 0) context.problems.push(...exposed(source, kind, { ...context, scopes }));
  const accepted = kind.accept(args.real);
  if (!accepted.ok && touched.late.size === 0 && !touched.hidden) {
    context.problems.push(invalid(source, context.bound, issueTexts(accepted.issues, touched)));
    return [];
  }
  const step: ResolvedStep = {
    id,
    kind: source.kind,
    label: labelOf(kind, args, accepted.ok ? accepted.args : undefined, id, touched),
    args: accepted.ok ? accepted.args : asArgs(args.display),
    blobs,
    secret: touched.secrets.size > 0,
    unknown: late || touched.late.size > 0,
    notify: source.common.notify,
    timeoutMs: source.common.timeoutMs ?? DEFAULT_STEP_TIMEOUT_MS,
    ...patience(source),
  };
  const shown = touched.tainted ? { args: asArgs(args.display), blobs: shownBlobs } : step;
  const outcome = { step, source, shown, secrets: [...touched.secrets].toSorted(), seen: [...touched.seen.values()], shared };
  if (shared) context.templates.share(outcome);
  return [outcome];
}

/** Nothing has been read that another node-role may have otherwise. */
function isUntouched(touched: Touched): boolean {
  return !touched.tainted && touched.seen.size === 0 && !touched.facts && !touched.hidden;
}

/** True when neither arguments nor id nor contents of a step are templates. A template file is one in any case. */
function isTheSameEverywhere(source: StepSource, templates: StepTemplates): boolean {
  return (
    source.kind !== "template" &&
    templates.args(source).kind === "literal" &&
    templates.subject(source) === undefined &&
    templates.id(source).kind === "literal"
  );
}

/** A secret may only stand where its kind keeps it off command lines; words of a command never are. */
function exposed(source: StepSource, kind: KindView, context: StepContext): readonly Problem[] {
  const compiled = context.templates.args(source);
  const entries = compiled.kind === "map" ? compiled.entries : [];
  return entries.flatMap(([name, value]) => {
    const [secret] = render(value, context.scopes).touched.secrets;
    if (secret === undefined || (kind.secretArgs.includes(name) && value.kind !== "list")) return [];
    const words = value.kind === "list" ? "the words of " : "";
    const message = `step ${source.id} of role ${context.bound.role.name} has ${secretText(secret)} in ${words}\`${name}\`, where it would be visible on the node`;
    const able = kind.secretArgs.filter((each) => each !== name);
    const hint = able.length === 0 ? "Write it to a file and name that file here." : `Hand it over in ${listing(able, 9)}, or in a file.`;
    return [problem("SECRET_MISPLACED", { message, at: source.place, hint })];
  });
}

function patience({ common }: StepSource): Pick<ResolvedStep, "retries" | "retryDelayMs" | "withinMs"> {
  const { retries, retryDelayMs, withinMs } = common;
  return { retries, retryDelayMs, ...(withinMs === undefined ? {} : { withinMs }) };
}

/** Messages may quote values, so those about secret steps say only where. */
function issueTexts(issues: readonly KindIssue[], touched: Touched): readonly string[] {
  return issues.map(({ path, message }) => {
    const told = touched.secrets.size === 0 ? message : "it does not take the value of the secret in it";
    return path === "" ? told : `${path}: ${told}`;
  });
}

/** The label never sees real values of a step that holds secrets. */
function labelOf(kind: KindView, args: Rendered, accepted: Args | undefined, id: string, touched: Touched): string {
  if (!touched.tainted && accepted !== undefined) return kind.label(accepted);
  const display = kind.accept(args.display);
  return display.ok ? kind.label(display.args) : id.replace(":", " ");
}

function asArgs(value: Json): Args {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Args) : { value };
}

/** Judges `when`. A late value leaves the step in the plan; a secret may not decide, since the plan shows what was decided. */
function holds(source: StepSource, context: StepContext, scopes: Scopes, touched: Touched): boolean {
  const { when } = source.common;
  if (when === undefined) return true;
  const seen = new Touched();
  scopes.watch.touched = seen;
  try {
    const condition = context.templates.condition(when);
    const result = condition.alike.of(
      scopes.display,
      () => condition.judge(scopes.display),
      () => seen.isEmpty,
    );
    if (seen.secrets.size > 0) throw new ConditionError("the condition reads a secret, and the plan would show what it says", 0);
    if (seen.facts) throw new HalliganError([factsMissing(context.bound)]);
    touched.merge(seen);
    return result || seen.late.size > 0;
  } catch (error) {
    if (seen.facts) throw new HalliganError([factsMissing(context.bound)]);
    if (!(error instanceof ConditionError)) throw error;
    if (seen.late.size > 0 && seen.secrets.size === 0) {
      touched.merge(seen);
      return true;
    }
    context.problems.push(conditionProblem(error, when, source, context.bound));
    return false;
  }
}

function conditionProblem(error: ConditionError, when: string, source: StepSource, bound: BoundNodeRole): Problem {
  return problem("WHEN_INVALID", {
    message: `when of step ${source.id} of role ${bound.role.name} cannot be judged: ${error.message}\n${marked(when, error.caret)}`,
    at: source.place,
    cause: `Judged for ${bound.id}.`,
  });
}

/** Ids with templates in them are rendered, unless a secret or late value went in: an id is the same in the plan and in the run. */
function idOf(source: StepSource, context: StepContext, scopes: Scopes, item: Item | undefined): string {
  const suffix = item === undefined ? "" : `[${item.suffix}]`;
  if (item?.suffix === "*") return `${source.id}${suffix}`;
  const subject = context.templates.subject(source);
  const alone = subject === undefined ? undefined : render(subject, scopes);
  if (alone !== undefined && Array.isArray(alone.display)) {
    const known = !alone.touched.tainted && alone.touched.seen.size === 0;
    return `${known ? `${source.kind}:${alone.display.join(",")}` : source.id}${suffix}`;
  }
  const rendered = render(context.templates.id(source), scopes);
  const text =
    rendered.touched.tainted || rendered.touched.seen.size > 0 || typeof rendered.display === "object"
      ? source.id
      : String(rendered.display);
  return `${text}${suffix}`;
}

interface Attached {
  readonly blobs: Readonly<Record<string, Blob>>;
  readonly shownBlobs: Readonly<Record<string, Blob>>;
}

/** Files that the arguments name, as bytes; a template is rendered. */
function attach(source: StepSource, kind: KindView, args: Rendered, context: StepContext, touched: Touched): Attached {
  const blobs: Record<string, Blob> = {};
  const shownBlobs: Record<string, Blob> = {};
  const { barclamp } = context.bound;
  for (const name of kind.sources) {
    const path = asArgs(args.real)[name];
    // Where the file comes from is a late value or a place elsewhere: only the run, or the kind, can tell.
    if (typeof path !== "string" || (args.touched.late.size > 0 && path !== asArgs(source.args)[name]) || /^[a-z]+:\/\//u.test(path))
      continue;
    const folder = source.kind === "template" ? "templates" : "files";
    const found = [path, `${folder}/${path}`].find((each) => barclamp.files.has(each));
    const bytes = found === undefined ? undefined : barclamp.files.get(found);
    if (found === undefined || bytes === undefined) {
      const message = `step ${source.id} of role ${context.bound.role.name} names ${path}, and barclamp ${barclamp.name} has no ${folder}/${path}`;
      throw new HalliganError([problem("SOURCE_MISSING", { message, at: source.place })]);
    }
    const file = source.kind === "template" ? renderFile(found, bytes, context, touched) : undefined;
    blobs[name] = file?.real ?? context.templates.blob(bytes);
    shownBlobs[name] = file?.display ?? context.templates.blob(bytes);
  }
  return { blobs, shownBlobs };
}

function renderFile(
  path: string,
  bytes: Uint8Array,
  context: StepContext,
  touched: Touched,
): { readonly real: Blob; readonly display: Blob } {
  const file = { path: `${context.bound.barclamp.folder}/${path}`, text: context.templates.text(bytes) };
  const place = { file: file.path, line: 1, column: 1 };
  try {
    const rendered = render(context.templates.file(file.text), context.scopes);
    touched.merge(rendered.touched);
    const real = contentOf(rendered.real);
    return { real, display: rendered.touched.secrets.size === 0 ? real : contentOf(rendered.display) };
  } catch (error) {
    if (error instanceof HalliganError) throw error;
    throw new HalliganError([
      templateProblem(error, { bound: context.bound, what: `template ${path}`, place, file, scopes: context.scopes }),
    ]);
  }
}

function contentOf(value: Json): Blob {
  return blobOf(new TextEncoder().encode(typeof value === "string" ? value : value === null ? "" : JSON.stringify(value)));
}

function invalid(source: StepSource, bound: BoundNodeRole, issues: readonly string[]): Problem {
  return problem("STEP_INVALID", {
    message: `step ${source.id} of role ${bound.role.name} is not valid: ${issues.join("; ")}`,
    at: source.place,
    cause: `Rendered for ${bound.id}.`,
  });
}
