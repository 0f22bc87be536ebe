import { importAnsible } from "./ansible.ts";
import { importCsv } from "./csv.ts";
import type { Imported } from "./imported.ts";
import { type ImportFiles, readAnsibleSources, type SourceFile } from "./sources.ts";
import { importSshConfig } from "./ssh-hosts.ts";
import { readSshSources } from "./ssh-sources.ts";
import type { SshSources } from "./ssh-config.ts";
import type { ImportFormat } from "./format-names.ts";

/** Reads files of a format and makes nodes of them. @throws `FILE_NOT_FOUND`, `FILE_TOO_LARGE`. */
export async function importFiles(format: ImportFormat, paths: readonly string[], files: ImportFiles, home: string): Promise<Imported> {
  switch (format) {
    case "ansible":
    case "kolla":
      return importAnsible(await readAnsibleSources(paths, files), format === "kolla");
    case "ssh-config": {
      const sources: SshSources[] = [];
      for (const path of paths) sources.push(await readSshSources(path, files, home));
      return importSshConfig(sources);
    }
    case "csv": {
      const sources: SourceFile[] = [];
      for (const path of paths) sources.push({ file: path, text: await files.readText(path) });
      return importCsv(sources);
    }
    default:
      return format satisfies never;
  }
}
