import { requirementWords } from "../../core/authority/approvals/wording.ts";
import type { ApprovalDocument, ApprovalPhase } from "../../core/commands/authority/approval-document.ts";
import { count, listed } from "../../core/words/count.ts";
import { planGroups } from "../../core/words/plan-groups.ts";
import { agoWords, durationWords, utcWords } from "../../core/words/time.ts";
import { approvalTopic, myselfTopic, verdictTopic } from "../data/authority-topics.ts";
import { planTopic } from "../data/topics.ts";
import { type World, known, see } from "../data/world.ts";
import { keyRow } from "../keys/keymap.ts";
import { askToApprove } from "../state/ask-approve.ts";
import type { Look } from "../text/look.ts";
import { type Line, type Seg, line } from "../text/line.ts";
import { changeSign } from "./diff.ts";
import { type Intent, type View, defineScreen, whenReady } from "./screen.ts";
import { type Told, indent, part, prose, toldRow } from "./told.ts";
import { violationLines } from "./violation.ts";
import type { Sign } from "./words.ts";

/** How a request's phase is shown. */
export function phaseSign(phase: ApprovalPhase, { glyphs }: Look): Sign {
  switch (phase) {
    case "open":
      return { glyph: glyphs.waiting, word: "open", tone: "warn" };
    case "granted":
      return { glyph: glyphs.ok, word: "granted", tone: "ok" };
    case "rejected":
      return { glyph: glyphs.bad, word: "rejected", tone: "bad" };
    case "consumed":
      return { glyph: glyphs.ok, word: "used", tone: "dim" };
    case "voided":
      return { glyph: glyphs.skipped, word: "void", tone: "dim" };
    case "closed":
      return { glyph: glyphs.skipped, word: "closed", tone: "dim" };
    case "withdrawn":
      return { glyph: glyphs.skipped, word: "withdrawn", tone: "dim" };
    case "expired":
      return { glyph: glyphs.skipped, word: "expired", tone: "dim" };
    default:
      return phase satisfies never;
  }
}

/** True while votes matter. */
export function isOpen({ phase }: Pick<ApprovalDocument, "phase">): boolean {
  return phase === "open" || phase === "granted" || phase === "rejected";
}

/** One request: what would run, what is needed, who has said what. */
export const approvalScreen = defineScreen<null>({
  id: "approval",
  about: "One request for approval: what would run, who may vote, what is missing, and what was said. A vote is for exactly this plan.",
  title: ({ param }) => param,
  topics: (world, { param }) => {
    const document = known(world, approvalTopic(param));
    return [approvalTopic(param), myselfTopic, ...(document === undefined ? [] : [verdictTopic(document.plan), planTopic(document.plan)])];
  },
  start: () => null,
  ticks: (world, { param }) => {
    const document = known(world, approvalTopic(param));
    return document !== undefined && isOpen(document);
  },
  view: ({ world, param, look, width }) =>
    whenReady(
      see(world, approvalTopic(param)),
      param,
      (document): View => ({
        kind: "body",
        head: [headLine(document, world, look)],
        rows: approvalLines(world, document, look, width - 4).map(toldRow),
      }),
    ),
  keys: [
    keyRow("approval", "approve", ["A"], "approve", { hint: 9, level: "types" }),
    keyRow("approval", "reject", ["X"], "reject", { hint: 8, level: "asks" }),
    keyRow("approval", "withdraw", ["W"], "withdraw", { hint: 4, level: "asks" }),
    keyRow("approval", "open", ["enter", "l", "right"], "the plan", { hint: 7 }),
    keyRow("approval", "run", ["r"], "its run", { hint: 3 }),
  ],
  actions: {
    approve: ({ world, param }) => voteIntents("approve", param, world),
    reject: ({ world, param }) => voteIntents("reject", param, world),
    withdraw: ({ world, param }) => voteIntents("withdraw", param, world),
    open: ({ world, param }) => {
      const document = known(world, approvalTopic(param));
      return document === undefined ? [] : [{ want: "open", screen: "plan", param: document.plan }];
    },
    run: ({ world, param }) => {
      const run = known(world, approvalTopic(param))?.run;
      return run === undefined || run === null
        ? [{ want: "notice", tone: "plain", text: `No run has used ${param}.` }]
        : [{ want: "open", screen: "run", param: run }];
    },
  },
});

/** What a vote or its withdrawal wants: a question, or the form for the reason. */
export function voteIntents(act: "approve" | "reject" | "withdraw", request: string | undefined, world: World): readonly Intent<never>[] {
  const document = request === undefined ? undefined : known(world, approvalTopic(request));
  if (request === undefined || document === undefined)
    return request === undefined ? [] : [{ want: "notice", tone: "plain", text: `${request} is being read; try again.` }];
  if (act === "approve") return askToApprove(document, world);
  if (document.end !== null && document.phase !== "consumed")
    return [{ want: "notice", tone: "warn", text: `${request} is over: ${document.end}.` }];
  if (act === "reject") return [{ want: "form", command: "reject", rest: [request] }];
  const me = known(world, myselfTopic)?.person ?? world.by;
  const mine = document.votes.some(({ person }) => person === me)
    ? "your vote"
    : document.rejections.some(({ person }) => person === me)
      ? "your rejection"
      : "the request itself";
  return [
    {
      want: "ask",
      confirmation: {
        level: "asks",
        title: `withdraw ${request}`,
        says: [`Takes back ${mine}.`],
        command: `halligan withdraw ${request}`,
        effects: [{ do: "run", argv: ["withdraw", request], show: "quiet" }],
      },
    },
  ];
}

function headLine(document: ApprovalDocument, world: World, look: Look): Line {
  const { plan, by, author, phase, openedAt, expiresAt } = document;
  const sign = phaseSign(phase, look);
  const left = expiresAt - world.now;
  return line(
    ["   ", "plain"],
    [`${sign.glyph} ${sign.word}`, sign.tone],
    [`   ${plan} by ${author}${by === author ? "" : `, asked for by ${by}`} ${agoWords(world.now - openedAt)}`, "plain"],
    ...(isOpen(document) ? [[`   expires in ${durationWords(left)}`, left < 300_000 ? "bad" : "dim"] as const] : []),
  );
}

/** All of a request as rows: what is needed first. */
export function approvalLines(world: World, document: ApprovalDocument, look: Look, width: number): readonly Told[] {
  return [
    ...standing(document, known(world, myselfTopic)?.person ?? world.by, width),
    ...part("what it needs", needs(document, look, width), "No approval is needed any more."),
    ...part("said so far", votes(document, world, look, width), "Nobody has said anything yet."),
    ...part(`what it changes (${document.plan})`, changes(document, look), "Nothing is left to do."),
    ...verdict(world, document, look, width),
    ...part(
      "about",
      [
        { id: "digest", line: line(["digest      ", "dim"], document.digest) },
        { id: "deployments", line: line(["deployments ", "dim"], document.deployments.join(" ")) },
        { id: "expires", line: line(["expires     ", "dim"], utcWords(document.expiresAt)) },
        { id: "command", line: line(["by command  ", "dim"], [`halligan approve ${document.request}`, "accent"]) },
      ],
      "",
    ).slice(0, -1),
  ];
}

function standing(document: ApprovalDocument, me: string, width: number): readonly Told[] {
  const { end, changed, missing, phase, run } = document;
  if (end !== null) {
    const voided = changed.flatMap((text, index) => prose(`changed:${index}`, text, width, "change"));
    return [
      ...prose("end", `It is over: ${end}.`, width, phase === "consumed" ? "ok" : "warn"),
      ...(changed.length === 0 ? [] : [{ id: "instead", line: line(["What was planned instead:", "dim"]) } satisfies Told, ...voided]),
      { id: "gap:end", line: line(""), heading: true },
    ];
  }
  const waits = [...new Set(document.requirements.flatMap(({ mayVote }) => mayVote))];
  const text =
    phase === "rejected"
      ? missing
      : missing === ""
        ? run === null
          ? "Nothing is missing: its plan may run."
          : `Used by ${run}.`
        : waits.includes(me)
          ? "It waits for your vote: A approves, X rejects."
          : waits.length > 0
            ? `It waits for ${listed(waits, 4).replace(/ and (?=\S+$)/u, " or ")}.`
            : "Nobody is left who could approve it.";
  const tone = missing === "" ? "ok" : phase === "rejected" || waits.length === 0 ? "bad" : "warn";
  return [...prose("missing", text, width, tone), { id: "gap:missing", line: line(""), heading: true }];
}

function needs({ requirements }: ApprovalDocument, look: Look, width: number): readonly Told[] {
  return requirements.flatMap((each, index): readonly Told[] => {
    const met = each.missing === 0;
    const { deployment, risk, people, excludeAuthor, excludeEditor, stepUp } = each;
    const rule = { people, groups: [...each.groups], excludeAuthor, excludeEditor, stepUp, ttlMs: 0 };
    const words = `${each.counted.length} of ${requirementWords({ deployment, risk, rule })}`;
    const who = [
      ...(each.counted.length > 0 ? [`has ${listed(each.counted)}`] : []),
      ...(met ? [] : [each.mayVote.length > 0 ? `may vote: ${listed(each.mayVote)}` : "nobody is left who could"]),
    ];
    return [
      {
        id: `need:${index}`,
        line: line([`${met ? look.glyphs.ok : look.glyphs.waiting} `, met ? "ok" : "warn"], words),
      },
      ...prose(`who:${index}`, who.join("; "), width - 2, met ? "dim" : each.mayVote.length === 0 ? "bad" : "plain").map((told) => ({
        ...told,
        line: indent(told.line, 2),
      })),
    ];
  });
}

function votes({ votes: given, rejections }: ApprovalDocument, world: World, look: Look, width: number): readonly Told[] {
  return [
    ...rejections.flatMap(({ person, at, reason }): readonly Told[] =>
      prose(`no:${person}`, `${look.glyphs.bad} ${person} rejects it ${agoWords(world.now - at)}: ${reason}`, width, "bad"),
    ),
    ...given.flatMap(({ person, principal, at, signed, counts, why }): readonly Told[] => [
      {
        id: `yes:${person}`,
        line: line(
          [`${counts ? look.glyphs.ok : look.glyphs.skipped} `, counts ? "ok" : "warn"],
          [person, "strong"],
          [`  ${agoWords(world.now - at)}  ${principal}${signed ? "  signed" : ""}`, "dim"],
        ),
      },
      ...(why === undefined ? [] : prose(`yes-why:${person}`, `does not count: ${why}`, width, "warn")),
    ]),
  ];
}

function changes({ what }: ApprovalDocument, look: Look): readonly Told[] {
  return planGroups(what.nodeRoles, false).map((group): Told => {
    const { role, nodes, action, steps } = group;
    const changing = steps.filter(({ change }) => change !== "none");
    const sign = changeSign(action === "remove" || group.destroys ? "destroy" : (changing[0]?.change ?? "none"));
    const where: Seg = [`  ${nodes.length <= 3 ? listed(nodes) : count(nodes.length, "node")}  `, "dim"];
    const told =
      action === "remove"
        ? "removed"
        : listed(
            changing.map(({ label }) => label),
            3,
          );
    return {
      id: `group:${role}@${nodes[0] ?? ""}:${action}`,
      line: line([`${group.destroys ? look.glyphs.bad : sign.sign} `, group.destroys ? "bad" : sign.tone], [role, "strong"], where, [
        told,
        group.destroys ? "bad" : "plain",
      ]),
    };
  });
}

function verdict(world: World, { plan }: ApprovalDocument, look: Look, width: number): readonly Told[] {
  const report = known(world, verdictTopic(plan));
  if (report === undefined) return [];
  const shown = report.violations.slice(0, 12).flatMap((each) => violationLines(each, look, width, "short"));
  return part("policy", shown, "No rule objects.");
}
