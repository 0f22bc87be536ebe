import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../../core/adapters/store/file-faults.ts";
import { fail, HalliganError } from "../../core/errors.ts";
import { loadSlack } from "../../core/files/load-slack.ts";
import { noSlackSettings, type SlackSettings } from "../../core/model/slack-settings.ts";

/** Reads `slack.yaml` of a folder, again when its text has changed. What is there and wrong is never "no settings". @throws its problems. */
export function createSettingsReader(folder: string): () => Promise<SlackSettings> {
  const file = join(folder, "slack.yaml");
  let last: { readonly text: string; readonly settings: SlackSettings } | undefined;
  return async () => {
    const text = await readFile(file, "utf8").catch((error: unknown) => {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw fail("FILE_NOT_FOUND", { message: `${file} is there and cannot be read.`, cause: String(error), error });
    });
    if (text === undefined) return noSlackSettings;
    if (last?.text === text) return last.settings;
    const { settings, problems } = loadSlack({ file, text });
    const [first, ...others] = problems;
    if (first !== undefined) throw new HalliganError([first, ...others]);
    last = { text, settings: settings ?? noSlackSettings };
    return last.settings;
  };
}
