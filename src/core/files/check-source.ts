import { problem } from "../errors.ts";
import { suggestion } from "../model/suggest.ts";
import type { BarclampContext } from "./barclamp-context.ts";
import { checkTemplateFile, isTemplate, type TemplateNames } from "./check-templates.ts";
import type { YamlPath } from "./yaml-tree.ts";

/**
 * Checks that the file which an argument names is in the barclamp, and that it parses where it is a template.
 * Problems: `PATH_ESCAPES`, `SOURCE_MISSING`, `TEMPLATE_ERROR`, `SETTING_UNKNOWN`, `FILE_NOT_TEXT`.
 */
export function checkSource(source: string, kind: string, path: YamlPath, names: TemplateNames, context: BarclampContext): void {
  if (isTemplate(source)) return;
  // Archives may come from elsewhere; that is a matter of their kind.
  if (/^[a-z]+:\/\//u.test(source)) return;
  const at = context.tree.valuePlace(path);
  if (source.startsWith("/") || source.startsWith("~") || source.split(/[/\\]/u).includes("..")) {
    context.report(problem("PATH_ESCAPES", { message: `\`${source}\` leads out of the barclamp's folder.`, at }));
    return;
  }
  const folder = kind === "template" ? "templates" : "files";
  const found = [source, `${folder}/${source}`].find((each) => context.files.has(each));
  const bytes = found === undefined ? undefined : context.files.get(found);
  if (found === undefined || bytes === undefined) {
    const known = [...context.files.keys()].filter((each) => each.startsWith(`${folder}/`)).map((each) => each.slice(folder.length + 1));
    const hint = suggestion(source, known) ?? `Add the file \`${folder}/${source}\` to the barclamp.`;
    context.report(problem("SOURCE_MISSING", { message: `The barclamp has no \`${folder}/${source}\`.`, at, hint }));
    return;
  }
  if (kind === "template") checkTemplateFile(found, bytes, names, context);
}
