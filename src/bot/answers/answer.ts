import type { ApprovalsDocument } from "../../core/commands/authority/approvals.ts";
import type { LocksDocument } from "../../core/commands/authority/locks.ts";
import type { WhoamiDocument } from "../../core/commands/authority/whoami.ts";
import type { Answer, CommandDefinition } from "../../core/commands/command.ts";
import type { LogsDocument } from "../../core/commands/logs-show.ts";
import type { NodesDocument } from "../../core/commands/nodes.ts";
import type { RunsDocument } from "../../core/commands/runs.ts";
import type { StatusDocument } from "../../core/commands/status-document.ts";
import type { WhatDocument } from "../../core/commands/what.ts";
import type { WhyDocument, WhyRunDocument } from "../../core/commands/why.ts";
import type { Style } from "../grammar/lines.ts";
import { logsAnswer, type Output } from "./logs.ts";
import { runsAnswer, whyRunAnswer } from "./runs.ts";
import { approvalsAnswer, locksAnswer, nodesAnswer, whatAnswer, whoamiAnswer } from "./standing.ts";
import { statusAnswer } from "./status.ts";
import { plain, type Told } from "./told.ts";
import { whyAnswer } from "./why.ts";

/** What an answer is told with. */
export interface Telling {
  readonly definition: CommandDefinition;
  readonly answer: Answer;
  readonly style: Style;
  /** The command line's plain view. */
  text(): Promise<string>;
  /** What passed of logs. */
  readonly output: Pick<Output, "text" | "cut">;
  /** ms since the epoch. */
  readonly now: number;
}

/** An answer as a message: what people ask at night in words of its own, everything else as the command line tells it. */
export async function answerMessage({ definition, answer, style, text, output, now }: Telling): Promise<Told> {
  const document: unknown = answer.document;
  switch (answer.document.kind) {
    case "status":
      return statusAnswer(document as StatusDocument, style);
    case "runs":
      return runsAnswer(document as RunsDocument, style);
    case "why":
      return whyAnswer(document as WhyDocument, style);
    case "why-run":
      return whyRunAnswer(document as WhyRunDocument, style);
    case "logs":
      return logsAnswer(document as LogsDocument, output, style);
    case "what":
      return whatAnswer(document as WhatDocument, style);
    case "approvals":
      return approvalsAnswer(document as ApprovalsDocument, style);
    case "locks":
      return locksAnswer(document as LocksDocument, style);
    case "whoami":
      return whoamiAnswer([[style.cluster ?? "here", document as WhoamiDocument]], style);
    case "nodes":
      return nodesAnswer(document as NodesDocument, style, now);
    default:
      return plain(style, definition.id, await text(), answer);
  }
}
