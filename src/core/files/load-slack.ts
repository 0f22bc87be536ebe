import type { Problem } from "../errors.ts";
import { slackFileSchema } from "../model/slack-file.ts";
import { noSlackSettings, type SlackSettings } from "../model/slack-settings.ts";
import { mayBelieve, sorted } from "./load-cluster.ts";
import { checkSchema } from "./schema-problems.ts";
import { readYaml } from "./yaml-tree.ts";

/** The settings, when the file has no problems at all; and every problem that could be found. */
export interface LoadedSlack {
  readonly settings?: SlackSettings;
  readonly problems: readonly Problem[];
}

/** Reads a `slack.yaml`. Never throws. Problems: `YAML_INVALID`, `FILE_TOO_LARGE`, `FILE_NOT_TEXT`, `KEY_UNKNOWN`, `KEY_MISSING`, `VALUE_INVALID`. */
export function loadSlack(source: { readonly file: string; readonly text: string }): LoadedSlack {
  const tree = readYaml(source.file, source.text);
  const { data, problems } = checkSchema(slackFileSchema, tree.value ?? {}, tree);
  if (data === undefined || tree.problems.length > 0)
    return { problems: sorted([...tree.problems, ...problems.filter((each) => mayBelieve(tree, each))]) };
  return {
    problems: [],
    settings: {
      ...noSlackSettings,
      channels: data.channels === undefined ? undefined : new Set(data.channels),
      announce: data.announce,
      failures: data.failures,
      onCall: data.onCall ?? [],
      protected: data.protected ?? false,
      groups: new Map(Object.entries(data.groups ?? {})),
      auditChannel: data.auditChannel,
    },
  };
}
