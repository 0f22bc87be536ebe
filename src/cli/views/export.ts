import type { ExportDocument } from "../../core/commands/export.ts";

/** The inventory or page, ready for a file. */
export function exportView(document: ExportDocument): readonly string[] {
  return [document.text.trimEnd()];
}
