import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runAlertCommand } from "../../core/adapters/alerts/command.ts";
import { postAlert } from "../../core/adapters/alerts/webhook.ts";
import { errnoOf } from "../../core/adapters/store/file-faults.ts";
import { type Alert, alertsOf } from "../../core/alerts/alert.ts";
import { deliver, forgetOld, type Send } from "../../core/alerts/deliver.ts";
import { type AlertReceiver, type AlertSettings, noAlerts, type TextSource } from "../../core/alerts/settings.ts";
import { slackAwaySince } from "../../core/alerts/slack-seen.ts";
import { loadAlerts } from "../../core/files/load-alerts.ts";
import type { ClusterLook } from "../../core/health/standing.ts";
import { type SlackStanding, slackIsUp } from "../../core/health/metrics.ts";
import type { House } from "../../core/house.ts";
import { alertCommand, alertSentence } from "../../core/words/alert-words.ts";

/** What telling needs of the process. */
export interface AlertsPlace {
  readonly house: House;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
}

/** Tells what a look found to whom `alerts.yaml` names. Never rejects: what is wrong is logged, once, and tried again with the next look. */
export type TellAlerts = (look: ClusterLook, slack: SlackStanding) => Promise<void>;

/** Makes one for a cluster folder; the file is read again with every look. */
export function createTellAlerts(place: AlertsPlace): TellAlerts {
  const { house, folder, log } = place;
  const { store, clock } = house;
  let said = "";
  let told = 0;
  const sayOnce = (line: string): void => {
    if (line !== said && line !== "") log(line);
    said = line;
  };
  const send: Send = async (receiver, alert) => {
    const why = await reach(place, receiver, alert);
    return why === undefined ? { sent: true } : { sent: false, why };
  };
  return async (look, slack) => {
    try {
      const { settings, problem } = await readSettings(folder);
      sayOnce(problem ?? "");
      if (!("head" in look) || settings.receivers.length === 0) return;
      const away = slack === undefined ? undefined : await slackAwaySince(store, clock, slackIsUp(slack));
      await deliver({ store, clock, send, log }, alertsOf(look, settings, away), settings.receivers);
      if ((told += 1) % 360 === 1) await forgetOld({ store, clock });
    } catch (error) {
      sayOnce(`alerts: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

async function readSettings(folder: string): Promise<{ readonly settings: AlertSettings; readonly problem?: string }> {
  const file = join(folder, "alerts.yaml");
  try {
    const { settings, problems } = loadAlerts({ file, text: await readFile(file, "utf8") });
    const [first] = problems;
    if (first === undefined) return { settings: settings ?? noAlerts };
    return { settings: noAlerts, problem: `alerts: ${file} is wrong, nobody is told: ${first.code} ${first.message}` };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return { settings: noAlerts };
    return { settings: noAlerts, problem: `alerts: ${file} cannot be read, nobody is told (${errnoOf(error) ?? "?"})` };
  }
}

/** Why it could not be sent; `undefined` = it was. */
async function reach({ house, folder, environment }: AlertsPlace, { way }: AlertReceiver, alert: Alert): Promise<string | undefined> {
  const now = house.clock.now();
  const document = { halligan: 1, kind: "alert", ...alert, at: now, summary: alertSentence(alert), command: alertCommand(alert) };
  const body = JSON.stringify(document);
  if (way.kind === "command") return await runAlertCommand(way.words, folder, body);
  const [url, key] = [await textOf(way.url, environment), way.key === undefined ? { text: undefined } : await textOf(way.key, environment)];
  if ("why" in url) return url.why;
  if ("why" in key) return key.why;
  return await postAlert({ url: url.text, key: key.text, id: alert.id, body, timestamp: Math.floor(now / 1000) });
}

async function textOf(
  source: TextSource,
  environment: AlertsPlace["environment"],
): Promise<{ readonly text: string } | { readonly why: string }> {
  if ("variable" in source) {
    const text = environment[source.variable]?.trim() ?? "";
    return text === "" ? { why: `${source.variable} is not set` } : { text };
  }
  try {
    const [text = ""] = (await readFile(source.file, "utf8")).split(/\r?\n/u);
    return text === "" ? { why: `${source.file} is empty` } : { text };
  } catch (error) {
    return { why: `${source.file} cannot be read (${errnoOf(error) ?? "?"})` };
  }
}
