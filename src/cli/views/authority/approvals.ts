import type { ApprovalDocument, ApprovalRow } from "../../../core/commands/authority/approval-document.ts";
import type { ApprovalsDocument } from "../../../core/commands/authority/approvals.ts";
import { count, listed } from "../../../core/words/count.ts";
import { agoWords, durationWords } from "../../../core/words/time.ts";
import { type Screen, table, wrapText } from "../../screen.ts";
import { planView } from "../plan.ts";

/** Requests, newest first. */
export function approvalsView({ requests, more, at }: ApprovalsDocument, screen: Screen): readonly string[] {
  const older = more > 0 ? [`${count(more, "request")} ${more === 1 ? "is" : "are"} over; \`--all\` lists them.`] : [];
  if (requests.length === 0) return ["Nothing waits for approval.", ...older];
  const rows = table<ApprovalRow>(
    screen,
    [
      { title: "REQUEST", cell: (each) => each.request },
      { title: "PLAN", cell: (each) => each.plan },
      { title: "BY", cell: (each) => each.author },
      { title: "DEPLOYMENTS", cell: (each) => listed(each.deployments, 3) },
      { title: "STATE", cell: (each) => each.phase, paint: (each) => paintOf(each, screen) },
      { title: "EXPIRES", cell: (each) => (isOpen(each) ? `in ${durationWords(each.expiresAt - at)}` : "") },
      { title: "MISSING", cell: (each) => (each.run === null ? each.missing : `used by ${each.run}`), flexible: true },
    ],
    requests,
  );
  return [...rows, "", ...older, "Next: `halligan approvals A-n` shows what one would run."];
}

/** One request: what would run, what is needed, who has said what, and what to do. */
export function approvalView(document: ApprovalDocument, screen: Screen): readonly string[] {
  const { done } = document;
  const told = done === "shown" ? [...planView(document.what, screen).slice(0, -1)] : [];
  return [
    ...told,
    ...headLines(document, screen),
    ...needLines(document, screen),
    ...voteLines(document, screen),
    ...nextLines(document, screen),
  ];
}

function headLines(document: ApprovalDocument, screen: Screen): readonly string[] {
  const { request, plan, author, by, deployments, digest, phase, expiresAt, openedAt, at, end, changed } = document;
  const asked = by === author ? "" : `, asked for by ${by}`;
  const when = isOpen(document) ? `; it expires in ${durationWords(expiresAt - at)}` : "";
  return [
    ...doneLine(document),
    `${screen.bold(request)} is for ${plan} by ${author}${asked}: ${listed(deployments)}. ${paintOf(document, screen)(phaseWords(document))}.`,
    `Opened ${agoWords(at - openedAt)}${when}. Digest ${digest}`,
    ...(end === null || phase === "consumed" ? [] : [`It is over: ${end}.`]),
    ...(changed.length === 0 ? [] : ["What was planned instead:", ...changed.map((line) => `  ${line}`)]),
  ];
}

function doneLine({ done, request }: ApprovalDocument): readonly string[] {
  switch (done) {
    case "asked":
      return [`Approval is needed. ${request} asks for it; nothing was changed.`];
    case "found":
      return [`Approval is needed, and ${request} asks for it already; nothing was changed.`];
    case "approved":
      return ["Your approval is recorded."];
    case "rejected":
      return ["Your rejection is recorded."];
    case "withdrawn":
      return ["It is taken back."];
    case "already":
      return ["That was recorded before; nothing was written."];
    case "shown":
    case "explained":
      return [];
    default:
      return done satisfies never;
  }
}

function needLines({ requirements, phase }: ApprovalDocument, screen: Screen): readonly string[] {
  if (requirements.length === 0 || !["open", "granted", "rejected", "consumed"].includes(phase)) return [];
  const lines = requirements.map(({ people, groups, counted, missing, mayVote, stepUp, deployment, risk }) => {
    const whose = groups.length === 0 ? "" : ` of ${listed(groups)}`;
    const state = missing === 0 ? screen.green("met") : screen.yellow(`${missing} missing`);
    const why = { default: "", destructive: ", destructive", pointOfNoReturn: ", point of no return" }[risk];
    const have = counted.length === 0 ? "" : `; ${listed(counted)} approved`;
    const may = missing === 0 ? "" : mayVote.length === 0 ? "; nobody is left who could" : `; may approve: ${listed(mayVote, 12)}`;
    return `  ${count(people, "approval")}${whose}${stepUp ? ", signed" : ""} (${deployment}${why}): ${state}${have}${may}`;
  });
  return ["Needed:", ...lines];
}

function voteLines({ votes, rejections, at }: ApprovalDocument, screen: Screen): readonly string[] {
  return [
    ...votes.map(({ person, at: when, signed, counts, why }) => {
      const line = `  ${person} approved ${agoWords(at - when)}${signed ? ", signed" : ""}`;
      return counts ? line : `${line} ${screen.yellow(`- does not count: ${why ?? ""}`)}`;
    }),
    ...rejections.flatMap(({ person, at: when, reason }) =>
      wrapText(`  ${person} rejected ${agoWords(at - when)}: ${reason}`, screen.width),
    ),
  ];
}

function nextLines({ phase, request, plan, digest, run, requirements }: ApprovalDocument, screen: Screen): readonly string[] {
  const short = digest.slice("sha256:".length, "sha256:".length + 12);
  const sign = requirements.some((each) => each.stepUp && each.missing > 0) ? " --sign agent" : "";
  const next = (command: string, does: string): string => `Next: ${screen.bold(command)} ${does}`;
  switch (phase) {
    case "open":
      return [
        next(`halligan approve ${request} --digest ${short}${sign}`, "by one of those who may;"),
        `      then ${screen.bold(`halligan apply ${plan}`)} runs it (\`--wait\` waits for it).`,
      ];
    case "granted":
      return [next(`halligan apply ${plan}`, "runs it.")];
    case "rejected":
      return [next(`halligan withdraw ${request}`, "by whoever rejected it, or change the plan.")];
    case "consumed":
      return [next(`halligan watch ${run ?? ""}`, "follows the run that uses it.")];
    case "voided":
    case "closed":
    case "withdrawn":
    case "expired":
      return [next("halligan apply", "makes a new plan and, if need be, a new request.")];
    default:
      return phase satisfies never;
  }
}

function phaseWords({ phase, run }: ApprovalRow): string {
  switch (phase) {
    case "open":
      return "Not approved yet";
    case "granted":
      return "Approved";
    case "rejected":
      return "Rejected";
    case "consumed":
      return `Used by ${run ?? "a run"}`;
    case "voided":
      return "Void";
    case "closed":
      return "Closed";
    case "withdrawn":
      return "Withdrawn";
    case "expired":
      return "Expired";
    default:
      return phase satisfies never;
  }
}

function isOpen({ phase }: ApprovalRow): boolean {
  return phase === "open" || phase === "granted" || phase === "rejected";
}

function paintOf({ phase }: ApprovalRow, screen: Screen): (text: string) => string {
  return phase === "granted" ? screen.green : phase === "open" ? screen.yellow : phase === "rejected" ? screen.red : screen.dim;
}
