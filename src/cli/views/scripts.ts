import { stringify } from "yaml";
import type { CompletionDocument } from "../../core/commands/completion.ts";
import type { SchemaDocument } from "../../core/commands/schema.ts";
import type { SlackManifestDocument } from "../../core/commands/slack-manifest.ts";

/** A JSON Schema, ready for a file. */
export function schemaView(document: SchemaDocument): readonly string[] {
  return [JSON.stringify(document.schema, undefined, 2)];
}

/** A completion script, ready to be sourced. */
export function completionView(document: CompletionDocument): readonly string[] {
  return [document.script.trimEnd()];
}

/** Names, one per line. */
export function namesView(document: { readonly names: readonly string[] }): readonly string[] {
  return document.names;
}

/** A page in Markdown, ready for a file. */
export function barclampDocsView(document: { readonly markdown: string }): readonly string[] {
  return [document.markdown.trimEnd()];
}

/** A manifest as YAML, ready to be pasted. */
export function slackManifestView({ manifest }: SlackManifestDocument): readonly string[] {
  return [stringify(manifest, { lineWidth: 0 }).trimEnd()];
}
