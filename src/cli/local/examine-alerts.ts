import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Examination } from "../../core/commands/local.ts";
import { loadAlerts } from "../../core/files/load-alerts.ts";

/** `alerts.yaml`, where there is one: everything that is wrong with it. Nobody is told anything. */
export function examineAlerts(folder: string): readonly Examination[] {
  const file = join(folder, "alerts.yaml");
  if (!existsSync(file)) return [];
  const { settings, problems } = loadAlerts({ file, text: readFileSync(file, "utf8") });
  if (settings !== undefined) {
    const names = settings.receivers.map(({ name }) => name).join(", ");
    return [{ name: "alerts", verdict: "ok", found: names === "" ? "alerts.yaml tells nobody." : `alerts.yaml tells ${names}.` }];
  }
  return problems.map(({ code, message, at, hint }): Examination => {
    const line = at !== undefined && "line" in at ? ` (line ${at.line})` : "";
    return { name: "alerts", verdict: "fail", found: `${code}: ${message}${line}`, action: hint };
  });
}
