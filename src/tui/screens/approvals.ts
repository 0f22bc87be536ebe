import { count, listed } from "../../core/words/count.ts";
import { agoWords, durationWords } from "../../core/words/time.ts";
import { type ApprovalEntry, approvalTopic, approvalsTopic, myselfTopic } from "../data/authority-topics.ts";
import { planTopic } from "../data/topics.ts";
import { known, see, waitingForMe } from "../data/world.ts";
import { keyRow } from "../keys/keymap.ts";
import type { Look } from "../text/look.ts";
import { line } from "../text/line.ts";
import { type Column, tableHead, tableRow, tableShape } from "../text/table.ts";
import { approvalLines, isOpen, phaseSign, voteIntents } from "./approval.ts";
import { type Row, type View, defineScreen, whenReady } from "./screen.ts";
import { title, toldRow } from "./told.ts";

/** All approval requests. */
export const approvalsScreen = defineScreen<null>({
  id: "approvals",
  tab: { key: "5", label: "approvals" },
  about: "Plans that wait for approval, those that wait for you first, and what became of earlier ones.",
  title: () => "approvals",
  topics: (world, { list }) => {
    const chosen = known(world, approvalsTopic)?.find(({ request }) => request === list.cursor);
    return [approvalsTopic, myselfTopic, ...(chosen === undefined ? [] : [approvalTopic(chosen.request), planTopic(chosen.plan)])];
  },
  start: () => null,
  ticks: (world) => (known(world, approvalsTopic) ?? []).some(isOpen),
  view: ({ world, list, look, width }) =>
    whenReady(see(world, approvalsTopic), "approval requests", (all): View => {
      const alone = known(world, myselfTopic)?.people === false;
      if (all.length === 0)
        return {
          kind: "empty",
          says: alone
            ? "Nobody is asked for approval here: there is no people.yaml, so whoever works in this folder may do everything. `halligan init --people` writes one."
            : "Nothing waits for approval. A plan that needs one opens a request when it is applied.",
          ...(alone ? { command: "init --people" } : {}),
        };
      const mine = new Set(waitingForMe(world).map(({ request }) => request));
      const roomy = width >= 110 ? width - Math.floor(width * 0.48) - 4 : width - 3;
      const shape = tableShape(columns(world.now, look), all, roomy);
      const rows = (entries: readonly ApprovalEntry[]): readonly Row[] =>
        entries.map((each) => ({
          id: each.request,
          text: `${each.request}, ${phaseSign(each.phase, look).word}, ${each.plan} by ${each.author}, ${each.deployments.join(" ")}${each.missing === "" ? "" : `; ${each.missing}`}${isOpen(each) ? `; expires in ${durationWords(each.expiresAt - world.now)}` : ""}`,
          line: () => tableRow(shape, each, look.glyphs.cut),
        }));
      const section = (name: string, entries: readonly ApprovalEntry[]): readonly Row[] =>
        entries.length === 0 ? [] : [toldRow(title(name)), ...rows(entries)];
      const head = tableHead(shape, look.glyphs.cut);
      const chosen = list.cursor === undefined ? undefined : known(world, approvalTopic(list.cursor));
      return {
        kind: "body",
        head: [
          mine.size === 0
            ? line(["   ", "plain"], [`${look.glyphs.ok} Nothing waits for you.`, "dim"])
            : line(["   ", "plain"], [`${count(mine.size, "request")} ${mine.size === 1 ? "waits" : "wait"} for you.`, "warn"]),
          { segs: [["   ", "plain"], ...head.segs], look: "normal" },
        ],
        rows: [
          ...section(
            "waiting for you",
            all.filter(({ request }) => mine.has(request)),
          ),
          ...section(
            "open",
            all.filter((each) => isOpen(each) && !mine.has(each.request)),
          ),
          ...section(
            "over",
            all.filter((each) => !isOpen(each)),
          ),
        ],
        ...(chosen === undefined
          ? {}
          : {
              side: {
                title: `${chosen.request}, ${phaseSign(chosen.phase, look).word}`,
                lines: (room: number) => approvalLines(world, chosen, look, room).map(({ line: drawn }) => drawn),
              },
            }),
      };
    }),
  keys: [
    keyRow("approvals", "open", ["enter", "l", "right"], "open", { hint: 9 }),
    keyRow("approvals", "approve", ["A"], "approve", { hint: 8, level: "types" }),
    keyRow("approvals", "reject", ["X"], "reject", { hint: 6, level: "asks" }),
    keyRow("approvals", "withdraw", ["W"], "withdraw", { hint: 3, level: "asks" }),
  ],
  actions: {
    open: ({ row }) => (row === undefined ? [] : [{ want: "open", screen: "approval", param: row.id }]),
    approve: ({ row, world }) => voteIntents("approve", row?.id, world),
    reject: ({ row, world }) => voteIntents("reject", row?.id, world),
    withdraw: ({ row, world }) => voteIntents("withdraw", row?.id, world),
  },
});

const columns = (now: number, look: Look): readonly Column<ApprovalEntry>[] => [
  { title: "ID", cell: ({ request }) => request, tone: (each) => (isOpen(each) ? "strong" : "dim") },
  {
    title: "STATE",
    cell: ({ phase }) => {
      const { glyph, word } = phaseSign(phase, look);
      return `${glyph} ${word}`;
    },
    tone: ({ phase }) => phaseSign(phase, look).tone,
  },
  { title: "PLAN", cell: ({ plan }) => plan, tone: (each) => (isOpen(each) ? "plain" : "dim") },
  { title: "BY", cell: ({ by }) => by, most: 16, tone: (each) => (isOpen(each) ? "plain" : "dim") },
  { title: "DEPLOYMENTS", cell: ({ deployments }) => listed(deployments, 3), most: 30, drop: 2, tone: () => "dim" },
  { title: "ASKED", cell: ({ openedAt }) => agoWords(now - openedAt), drop: 4, tone: () => "dim" },
  {
    title: "EXPIRES",
    cell: (each) => (isOpen(each) ? `in ${durationWords(each.expiresAt - now)}` : "-"),
    tone: (each) => (isOpen(each) && each.expiresAt - now < 300_000 ? "bad" : "dim"),
    drop: 1,
  },
  { title: "MISSING", cell: (each) => each.missing || (each.run === null ? "-" : `used by ${each.run}`), most: 90, drop: 3 },
];
