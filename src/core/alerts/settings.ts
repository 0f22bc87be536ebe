import { type AlertKind, alertKinds } from "../model/alerts-file.ts";

/** Where a text that may be secret comes from. */
export type TextSource = { readonly file: string } | { readonly variable: string };

/** How one receiver is reached. */
export type AlertWay =
  | { readonly kind: "webhook"; readonly url: TextSource; readonly key: TextSource | undefined }
  | { readonly kind: "command"; readonly words: readonly string[] };

/** Somebody who is told. */
export interface AlertReceiver {
  readonly name: string;
  readonly way: AlertWay;
  readonly on: ReadonlySet<AlertKind>;
}

/** `alerts.yaml`, checked. Times in ms. */
export interface AlertSettings {
  readonly receivers: readonly AlertReceiver[];
  readonly after: { readonly held: number; readonly approval: number; readonly engine: number; readonly slack: number };
}

const minute = 60_000;

/** What counts where the file says nothing. */
export const noAlerts: AlertSettings = {
  receivers: [],
  after: { held: 15 * minute, approval: 30 * minute, engine: 2 * minute, slack: 5 * minute },
};

/** Every kind of alert. */
export const everyAlert: ReadonlySet<AlertKind> = new Set(alertKinds);
