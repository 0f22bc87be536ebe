import {
  type ModalKind,
  type ModalMemory,
  applyModal,
  cancelModal,
  handoffModal,
  refusedModal,
  rejectModal,
  retryModal,
  reviewModal,
  rollbackModal,
} from "../messages/modals.ts";
import type { Modal } from "../text/message.ts";
import { mrkdwn } from "../text/slack-text.ts";
import type { Subject } from "./subject.ts";

/** The modal that asks about a plan or a run. */
export function modalFor(kind: ModalKind, subject: Subject, memory: ModalMemory): Modal {
  if (subject.kind === "plan") {
    if (kind === "review") return reviewModal(subject.view, memory);
    if (kind === "apply") return applyModal(subject.view, memory);
    if (kind === "reject") return rejectModal(subject.view, memory);
  } else {
    if (kind === "cancel") return cancelModal(subject.view, memory);
    if (kind === "retry") return retryModal(subject.view, memory);
    if (kind === "rollback") return rollbackModal(subject.view, memory);
    if (kind === "handoff") return handoffModal(subject.view, memory);
  }
  return refusedModal(kind, memory, mrkdwn`That question makes no sense here.`);
}
