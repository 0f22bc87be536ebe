import type { ViewErrors, ViewInbound } from "../inbound/inbound.ts";
import { input, section } from "../text/blocks.ts";
import { plainLine } from "../text/clean.ts";
import { limits } from "../text/limits.ts";
import type { Modal, OurBlock } from "../text/message.ts";
import { type SlackText, empty, esc, joined, mrkdwn } from "../text/slack-text.ts";
import { limitViolations } from "../text/violations.ts";
import type { Carried } from "./button-value.ts";
import { changesText, riskText } from "./plan-changes.ts";
import type { PlanView } from "./plan-view.ts";
import { countWords, purposeText, stateText, voteLines } from "./plan-words.ts";
import type { RunView } from "./run-view.ts";
import { runStateText } from "./run-words.ts";
import { blocks, shortDigest, told } from "./voice.ts";

/** What a modal knows about itself; it comes back with its submission. */
export interface ModalMemory extends Carried {
  /** Who opened it: nobody else's submission counts. */
  readonly user: string;
  /** The message from which it was opened, for the answer. */
  readonly channel: string;
  readonly ts: string;
  readonly thread?: string;
  /** The cluster's name has to be typed. */
  readonly named: boolean;
}

/** What a modal of ours asks. */
export const modalKinds = ["review", "apply", "reject", "cancel", "retry", "rollback", "handoff"] as const;
export type ModalKind = (typeof modalKinds)[number];

const prefix = "halligan-modal:";

/** The kind of a submitted modal; `undefined` where it is none of ours. */
export function modalKind(callbackId: string): ModalKind | undefined {
  return modalKinds.find((kind) => callbackId === `${prefix}${kind}`);
}

/** Reads what a modal knew about itself; `undefined` for anything else. */
export function modalMemory(metadata: string): ModalMemory | undefined {
  try {
    const parsed: unknown = JSON.parse(metadata);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { act, cluster, id, digest, nonce, user, channel, ts, named } = parsed as Readonly<Record<string, unknown>>;
    const texts = [act, cluster, id, digest, nonce, user, channel, ts];
    return texts.every((each) => typeof each === "string") && typeof named === "boolean" ? (parsed as ModalMemory) : undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with what was filled in: pure, as it is judged before the acknowledgement. */
export function validateModal({
  callbackId,
  privateMetadata,
  values,
}: Pick<ViewInbound, "callbackId" | "privateMetadata" | "values">): ViewErrors | undefined {
  const kind = modalKind(callbackId);
  const memory = modalMemory(privateMetadata);
  if (kind === undefined || memory === undefined) return undefined;
  const value = (id: string): string => (values[id]?.["value"] ?? "").trim();
  const errors: Record<string, string> = {};
  if (memory.named && value("cluster") !== memory.cluster)
    errors["cluster"] = `Type ${memory.cluster}, letter by letter, to say that you mean this cluster.`;
  if (kind === "reject" && value("reason").length < 3) errors["reason"] = "Say why in a few words: whoever made the plan reads it.";
  if (kind === "handoff" && value("person") === "") errors["person"] = "Name the person as people.yaml calls them.";
  return Object.keys(errors).length === 0 ? undefined : errors;
}

/** What is shown while the real content is being read: a trigger is good for three seconds only. */
export function loadingModal(kind: ModalKind, memory: ModalMemory): Modal {
  return modal(kind, memory, { title: titles[kind], close: "Close" }, [
    section(mrkdwn`Reading how ${esc(memory.id)} of ${esc(memory.cluster)} stands…`),
  ]);
}

/** Why nothing can be asked: the state is another one, or the person may not. */
export function refusedModal(kind: ModalKind, memory: ModalMemory, why: SlackText): Modal {
  return modal(kind, memory, { title: titles[kind], close: "Close" }, [section(why, 2500)]);
}

const titles: Readonly<Record<ModalKind, string>> = {
  review: "Approve a plan",
  apply: "Apply a plan",
  reject: "Reject a plan",
  cancel: "Cancel a run",
  retry: "Retry what failed",
  rollback: "Roll back a run",
  handoff: "Hand a run over",
};

/** What changes, once more and in full sentences, before somebody says yes. */
export function reviewModal(view: PlanView, memory: ModalMemory): Modal {
  const { document, phase } = view;
  const votes = "request" in phase && phase.request !== undefined ? voteLines(phase.request) : [];
  return modal("review", memory, { title: titles.review, submit: "Approve", close: "Not now" }, [
    section(
      mrkdwn`You are about to approve plan ${esc(document.id)} of ${esc(view.style.cluster)} by ${esc(view.author)}: *${esc(countWords(document.summary))}*. Your vote is for exactly this plan (digest ${esc(shortDigest(document.digest))}).`,
    ),
    ...planParts(view),
    section(stateText(view), 900),
    ...(votes.length === 0 ? [] : [section(joined(votes, "\n"), 900)]),
    ...named(memory, "approve for"),
  ]);
}

/** The question before a plan runs, or before approval for it is asked. */
export function applyModal(view: PlanView, memory: ModalMemory): Modal {
  const { document, phase } = view;
  const asks = phase.kind === "unasked";
  const what = asks
    ? mrkdwn`This asks for approval of plan ${esc(document.id)} of ${esc(view.style.cluster)}. Nothing runs before it is approved and applied.`
    : mrkdwn`This runs plan ${esc(document.id)} on ${esc(view.style.cluster)} now: *${esc(countWords(document.summary))}*.`;
  return modal("apply", memory, { title: asks ? "Ask for approval" : titles.apply, submit: asks ? "Ask" : "Apply", close: "Not now" }, [
    section(what),
    ...planParts(view),
    ...named(memory, asks ? "ask for" : "change"),
  ]);
}

function planParts(view: PlanView): readonly OurBlock[] {
  const risk = joined([purposeText(view), riskText(view)], " ");
  return blocks(risk === empty ? undefined : section(risk, 900), section(changesText(view, 0.8), 2200));
}

/** Why a plan is rejected. */
export function rejectModal(view: PlanView, memory: ModalMemory): Modal {
  return modal("reject", memory, { title: titles.reject, submit: "Reject", close: "Not now" }, [
    section(
      mrkdwn`Plan ${esc(view.document.id)} of ${esc(view.style.cluster)} by ${esc(view.author)}: ${esc(countWords(view.document.summary))}. One rejection blocks it, however many approve, until you take it back.`,
    ),
    input({
      id: "reason",
      label: "Why",
      hint: "Everybody in the channel reads it.",
      placeholder: "Not before the backup",
      multiline: true,
      minLength: 3,
      maxLength: 500,
    }),
  ]);
}

/** How a run is to end: after the steps that run, as nothing is left half done. */
export function cancelModal(view: RunView, memory: ModalMemory): Modal {
  const { state, style } = view;
  const harder = state.cancel !== undefined;
  const what =
    state.phase === "requested"
      ? mrkdwn`${esc(state.run)} has not begun: it is taken out of the queue, and nothing of it runs.`
      : harder
        ? mrkdwn`${esc(state.run)} ends after its present steps already. This tells those steps to end at once, and kills them after 10 s: what they were doing may stay half done.`
        : mrkdwn`The steps that run now come to their end, nothing more is started. ${told(style, `\`halligan cancel ${state.run} --now\` ends them at once.`)}`;
  return modal("cancel", memory, { title: titles.cancel, submit: harder ? "End at once" : "Cancel run", close: "Let it go on" }, [
    section(runStateText(view), 900),
    section(what),
  ]);
}

/** What a new plan after a failed run is about. */
export function retryModal(view: RunView, memory: ModalMemory): Modal {
  return modal("retry", memory, { title: titles.retry, submit: "Make the plan", close: "Not now" }, [
    section(runStateText(view), 900),
    section(
      mrkdwn`This makes a new plan of what ${esc(view.state.run)} left undone. It is shown here, and approved and applied like any other; nothing runs before.`,
    ),
  ]);
}

/** What going back means. */
export function rollbackModal(view: RunView, memory: ModalMemory): Modal {
  return modal("rollback", memory, { title: titles.rollback, submit: "Make the plan", close: "Not now" }, [
    section(runStateText(view), 900),
    section(
      mrkdwn`This makes the cluster file say of ${esc(view.deployments.join(", "))} again what was last applied in full and was something else (a revision of its own, which can be taken back), and a plan for that. The plan is shown here, and approved and applied like any other; nothing runs before.`,
    ),
  ]);
}

/** Who takes a run. */
export function handoffModal(view: RunView, memory: ModalMemory): Modal {
  return modal("handoff", memory, { title: titles.handoff, submit: "Hand over", close: "Not now" }, [
    section(mrkdwn`Whoever takes ${esc(view.state.run)} answers for it from now on. Who asked for it stays on record.`),
    input({ id: "person", label: "To whom", hint: "As people.yaml calls them.", placeholder: "bob", maxLength: 100 }),
    input({ id: "note", label: "What they should know", optional: true, multiline: true, maxLength: 1000 }),
  ]);
}

/** The field in which the cluster's name is typed, where it is protected. */
function named({ named: asked, cluster }: ModalMemory, verb: string): readonly OurBlock[] {
  return asked
    ? [
        input({
          id: "cluster",
          label: `Type ${cluster} to ${verb} it`,
          hint: "So that nobody does it by accident.",
          placeholder: cluster,
          maxLength: 63,
        }),
      ]
    : [];
}

function modal(
  kind: ModalKind,
  memory: ModalMemory,
  { title, submit, close }: { readonly title: string; readonly submit?: string; readonly close: string },
  all: readonly OurBlock[],
): Modal {
  const made: Modal = {
    type: "modal",
    callbackId: `${prefix}${kind}`,
    metadata: JSON.stringify(memory),
    title: plainLine(title, limits.modalTitle),
    close: plainLine(close, limits.modalTitle),
    ...(submit === undefined ? {} : { submit: plainLine(submit, limits.modalTitle) }),
    blocks: all,
  };
  // What is long is in the message as well; what is asked has to stay.
  return limitViolations(made).length === 0
    ? made
    : { ...made, blocks: [all[0], ...all.filter(({ type }) => type === "input")].filter((each) => each !== undefined) };
}
