import { type AlertReceiver, type AlertSettings, type TextSource, everyAlert, noAlerts } from "../alerts/settings.ts";
import type { Problem } from "../errors.ts";
import { alertsFileSchema } from "../model/alerts-file.ts";
import { parseDuration } from "../model/duration.ts";
import { mayBelieve, sorted } from "./load-cluster.ts";
import { checkSchema } from "./schema-problems.ts";
import { readYaml } from "./yaml-tree.ts";

/** The settings, when the file has no problems at all; and every problem that could be found. */
export interface LoadedAlerts {
  readonly settings?: AlertSettings;
  readonly problems: readonly Problem[];
}

/** Reads an `alerts.yaml`. Never throws. Problems: `YAML_INVALID`, `FILE_TOO_LARGE`, `FILE_NOT_TEXT`, `KEY_UNKNOWN`, `KEY_MISSING`, `VALUE_INVALID`. */
export function loadAlerts(source: { readonly file: string; readonly text: string }): LoadedAlerts {
  const tree = readYaml(source.file, source.text);
  const { data, problems } = checkSchema(alertsFileSchema, tree.value ?? {}, tree);
  if (data === undefined || tree.problems.length > 0)
    return { problems: sorted([...tree.problems, ...problems.filter((each) => mayBelieve(tree, each))]) };
  const { after = {} } = data;
  const lasting = (text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : (parseDuration(text) ?? otherwise);
  const receivers = Object.entries(data.send).flatMap(([name, { webhook, command, on }]): readonly AlertReceiver[] => {
    const wanted = on === undefined ? everyAlert : new Set(on);
    if (command !== undefined) return [{ name, way: { kind: "command", words: command }, on: wanted }];
    const url = webhook === undefined ? undefined : sourceOf(webhook.urlFile, webhook.urlEnv);
    if (webhook === undefined || url === undefined) return [];
    return [{ name, way: { kind: "webhook", url, key: sourceOf(webhook.keyFile, webhook.keyEnv) }, on: wanted }];
  });
  const standard = noAlerts.after;
  return {
    problems: [],
    settings: {
      receivers,
      after: {
        held: lasting(after.held, standard.held),
        approval: lasting(after.approval, standard.approval),
        engine: lasting(after.engine, standard.engine),
        slack: lasting(after.slack, standard.slack),
      },
    },
  };
}

function sourceOf(file: string | undefined, variable: string | undefined): TextSource | undefined {
  if (file !== undefined) return { file };
  return variable === undefined ? undefined : { variable };
}
