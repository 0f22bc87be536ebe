import type { Confirmation } from "../../core/commands/command.ts";
import { documentPlan } from "../../core/commands/plan-document.ts";
import { purposeWords } from "../../core/words/purpose.ts";
import { countWords } from "../messages/plan-words.ts";
import { actions, button, context, input, section } from "../text/blocks.ts";
import type { Message, Modal } from "../text/message.ts";
import { block, bold, code, empty, esc, joined, mrkdwn, type SlackText } from "../text/slack-text.ts";
import type { Question } from "./dispatch.ts";

/** Ids of our question's parts. */
export const questionIds = {
  yes: "halligan-question:yes",
  no: "halligan-question:no",
  modal: "halligan-question",
  field: "cluster",
} as const;

/** The question, with a yes and a no, for the eyes of whoever typed the command. */
export function questionMessage({ confirmation, definition, args }: Question, cluster: string, id: string): Message {
  const said = joined([questionText(confirmation, cluster), whenText(definition.id, args)], " ");
  const yes = yesText(confirmation, definition.id);
  const blocks = [
    section(said, 1_500),
    confirmation.detail === undefined ? undefined : section(block(confirmation.detail.slice(0, 1_200)), 2_600),
    actions(`halligan-question:${id}`, [
      button({
        action: questionIds.yes,
        text: yes,
        label: `${yes} on ${cluster}`,
        value: id,
        style: isDangerous(confirmation) ? "danger" : "primary",
      }),
      button({ action: questionIds.no, text: "No", label: `No, change nothing on ${cluster}`, value: id }),
    ]),
    context(mrkdwn`Only you can answer this, within ten minutes.`),
  ].filter((each) => each !== undefined);
  return { text: mrkdwn`${said} Answer with the buttons of this message.`, blocks };
}

/** Where a cluster is protected, or something is lost for good, the cluster's name has to be typed. What is in `metadata` comes back. */
export function typedNameModal(id: string, cluster: string, why: "protected" | "for good", answerUrl: string | undefined): Modal {
  return {
    type: "modal",
    callbackId: questionIds.modal,
    metadata: JSON.stringify({ id, cluster, ...(answerUrl === undefined ? {} : { answerUrl }) }),
    title: "Are you sure?",
    submit: "Yes",
    close: "No",
    blocks: [
      section(
        why === "protected"
          ? mrkdwn`${bold(esc(cluster))} is protected.`
          : mrkdwn`This takes something away on ${bold(esc(cluster))}, and nothing brings it back by itself.`,
      ),
      input({ id: questionIds.field, label: `Type ${cluster} to go on`, maxLength: 100 }),
    ],
  };
}

function isDangerous({ what }: Confirmation): boolean {
  return what !== "apply" && what !== "link";
}

function yesText({ what, plan }: Confirmation, command: string): string {
  switch (what) {
    case "apply":
      return command === "schedule" ? `Schedule ${plan?.id ?? "it"}` : `Apply ${plan?.id ?? "it"}`;
    case "remove":
      return `Apply ${plan?.id ?? "it"}, with removals`;
    case "breakglass":
      return "Break the glass";
    case "link":
      return "Yes, become that person";
    case "reset":
      return "Take it away…";
    case "forget":
      return "Forget it…";
    case "lab down":
    case "overwrite":
    case "exec":
      return "Yes";
    default:
      return what satisfies never;
  }
}

/** When a plan would start that is to be carried out later. */
function whenText(command: string, { at, in: after, zone }: Question["args"]): SlackText {
  if (command !== "schedule") return empty;
  if (typeof after === "string") return mrkdwn`It would start by itself in ${esc(after)}.`;
  return typeof at === "string"
    ? mrkdwn`It would start by itself at ${esc(at)}${typeof zone === "string" ? mrkdwn` (${esc(zone)})` : empty}.`
    : empty;
}

function questionText({ what, plan }: Confirmation, cluster: string): SlackText {
  const where = bold(esc(cluster));
  if (plan === undefined) return what === "link" ? mrkdwn`Do you want that, on ${where}?` : mrkdwn`Do you want that on ${where}?`;
  const counts = countWords(documentPlan(plan).summary);
  const glass = what === "breakglass" ? mrkdwn` past its approvals, locks and freezes` : mrkdwn``;
  const purpose = plan.body.purpose === undefined ? empty : mrkdwn` It is made ${esc(purposeWords(plan.body.purpose))}.`;
  return mrkdwn`Apply plan ${code(plan.id)} to ${where}${glass}? ${esc(counts)}.${purpose} Digest ${code(plan.digest.slice("sha256:".length, "sha256:".length + 12))}.`;
}
