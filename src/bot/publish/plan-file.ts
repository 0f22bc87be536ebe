import { diffCommand } from "../../core/commands/diff.ts";
import { HalliganError } from "../../core/errors.ts";
import { inChat, type Style } from "../grammar/lines.ts";
import type { PlanView } from "../messages/plan-view.ts";
import type { BotPorts, ServedCluster } from "../ports.ts";
import type { Sender, TextFile } from "../send/sender.ts";
import type { KeptMessage } from "./message-book.ts";

/** A file of the thread of a plan or run, with the key under which it is uploaded once. */
export interface WholeFile {
  readonly file: TextFile;
  readonly key: string;
}

/** The longest text of a file, in UTF-16 units; of longer ones the end is kept. */
const mostChars = 1_000_000;

/** All of a plan, or all that a run's steps have printed so far. @throws what redaction throws: then nothing is sent. */
export async function wholeFile(
  { name, house }: ServedCluster,
  style: Style,
  subject: { readonly id: string; readonly what: "plan" | "log" },
  said: string,
): Promise<WholeFile> {
  const { id, what } = subject;
  const redacted = await house.audit.redacted(said.slice(-mostChars));
  const text = redacted.replaceAll(/^Next: .*$/gmu, (line) => inChat(style, line));
  const file = { name: `${name}-${id}-${what}.txt`, title: `${id} of ${name}: the whole ${what}`, text };
  return { file, key: `${name}:${id}:${what}${what === "log" ? `:${text.length}` : ""}` };
}

/** What putting files needs. */
export interface PlanFilePorts {
  readonly cluster: ServedCluster;
  readonly sender: Pick<Sender, "upload">;
  readonly text: BotPorts["text"];
  log(line: string): void;
}

/** Puts the whole plan into the thread of its message; true when it is there. What fails is tried again with the button. */
export async function putPlanFile({ cluster, sender, text, log }: PlanFilePorts, view: PlanView, kept: KeptMessage): Promise<boolean> {
  const { document, style } = view;
  try {
    const said = await text(diffCommand, { exit: 0, document: { ...document } });
    const { file, key } = await wholeFile(cluster, style, { id: document.id, what: "plan" }, said);
    await sender.upload({ channel: kept.channel, thread: kept.thread ?? kept.ts }, file, key);
    return true;
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    log(`slack: ${cluster.name}: the file of ${document.id} is not in its thread: ${error.message}`);
    return false;
  }
}
