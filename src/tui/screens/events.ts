import type { Recorded } from "../../core/journal/events.ts";
import type { Json } from "../../core/ports.ts";
import { eventWords } from "../../core/words/events.ts";
import { stampWords } from "../../core/words/time.ts";
import { type JournalTail, journalTopic } from "../data/journal-topic.ts";
import { remember } from "../data/remember.ts";
import { known, see } from "../data/world.ts";
import { keyRow } from "../keys/keymap.ts";
import type { Look } from "../text/look.ts";
import { type Line, type Tone, blank, line } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";
import { type Intent, type Row, type View, defineScreen, whenReady } from "./screen.ts";

/** What kinds of events are shown, and how far back. */
interface Local {
  readonly kind: Kind;
  readonly count: number;
}

const kinds = ["all", "runs", "steps", "nodes", "plans", "authority", "audit", "trouble"] as const;
type Kind = (typeof kinds)[number];

const about: Readonly<Record<Kind, string>> = {
  all: "everything",
  runs: "runs: asked for, started, held, ended",
  steps: "node-roles and steps",
  nodes: "nodes: seen, lost, back",
  plans: "plans",
  authority: "approvals, locks, freezes, waivers, links",
  audit: "the audit: who attempted what",
  trouble: "what failed, was refused or is held",
};

const firstCount = 2_000;

/** The journal and the audit, as they are written. */
export const eventsScreen = defineScreen<Local>({
  id: "events",
  tab: { key: "9", label: "events" },
  about: "The journal and the audit, live: t takes one kind of events, / finds a node, a person, a word; enter goes to what one is about.",
  title: () => "events",
  topics: (_, { local }) => [journalTopic((local as Local).count)],
  start: () => ({ kind: "all", count: firstCount }),
  view: ({ world, local, list, look }) =>
    whenReady(see(world, journalTopic(local.count)), "the journal", (tail): View => {
      const events = chosen(tail, local.kind);
      const tailWords = tail.more ? `the last ${tail.events.length}; m reads earlier ones` : `all ${tail.events.length}`;
      const head = line(
        ["   ", "plain"],
        [about[local.kind], local.kind === "all" ? "plain" : "accent"],
        [`   ${local.kind === "all" ? "" : `${events.length} of `}${tailWords}   ${list.follow ? "following" : "G follows"}`, "dim"],
      );
      if (events.length === 0 && local.kind === "all") return { kind: "empty", says: "Nothing has happened in this cluster yet." };
      const event = events.find((each) => idOf(each) === list.cursor);
      return {
        kind: "body",
        head: [head],
        rows: rowsOf(events, look),
        grows: true,
        startsAtEnd: true,
        ...(event === undefined ? {} : { side: { title: event.type, lines: (width: number) => detailLines(event, width) } }),
      };
    }),
  keys: [
    keyRow("events", "open", ["enter", "l", "right"], "go to it", { hint: 9 }),
    keyRow("events", "kind", ["t"], "kind", { hint: 8 }),
    keyRow("events", "kind-back", ["T"], "kind before"),
    keyRow("events", "person", ["@"], "only who did this", { hint: 3 }),
    keyRow("events", "earlier", ["m"], "earlier ones", { hint: 4 }),
    keyRow("events", "pager", ["o"], "pager", { hint: 3 }),
  ],
  actions: {
    open: ({ row, world, local }) => {
      const event = known(world, journalTopic(local.count))?.events.find((each) => idOf(each) === row?.id);
      return event === undefined ? [] : goTo(event);
    },
    kind: ({ local }) => turned(local, 1),
    "kind-back": ({ local }) => turned(local, -1),
    person: ({ row, world, local, list }) => {
      const event = known(world, journalTopic(local.count))?.events.find((each) => idOf(each) === row?.id);
      const by = event === undefined ? undefined : personOf(event);
      if (list.filter !== "") return [{ want: "filter", text: "" }];
      return by === undefined
        ? [{ want: "notice", tone: "plain", text: "Nobody in particular did this." }]
        : [{ want: "filter", text: `by:${by}` }];
    },
    earlier: ({ world, local }) => {
      const tail = known(world, journalTopic(local.count));
      if (tail?.more !== true) return [{ want: "notice", tone: "plain", text: "There are no earlier ones." }];
      return [
        { want: "local", value: { ...local, count: Math.min(20_000, local.count * 4) } },
        { want: "notice", tone: "plain", text: "reads earlier events" },
      ];
    },
    pager: ({ world, local }) => {
      const events = chosen(known(world, journalTopic(local.count)) ?? { events: [], more: false }, local.kind);
      const text = events.map((each) => JSON.stringify(each)).join("\n");
      return [{ want: "effect", effect: { do: "foreground", what: { kind: "pager", title: "events", text } } }];
    },
  },
});

function turned(local: Local, by: 1 | -1): readonly Intent<Local>[] {
  const kind = kinds[(kinds.indexOf(local.kind) + by + kinds.length) % kinds.length] ?? "all";
  return [{ want: "local", value: { ...local, kind } }];
}

function idOf({ stream, version }: Recorded): string {
  return `${stream}:${version}`;
}

const chosen = remember(({ events }: JournalTail, kind: Kind): readonly Recorded[] =>
  kind === "all"
    ? events
    : events.filter((event) => (kind === "trouble" ? toneOf(event) === "bad" || toneOf(event) === "warn" : kindOf(event) === kind)),
);

function kindOf({ type }: Recorded): Kind {
  if (type.startsWith("audit.")) return "audit";
  if (type.startsWith("step.") || type.startsWith("noderole.") || type.startsWith("output.")) return "steps";
  if (type.startsWith("node.")) return "nodes";
  if (type.startsWith("plan.")) return "plans";
  if (type.startsWith("run.") || type.startsWith("intent.")) return "runs";
  return "authority";
}

function toneOf(event: Recorded): Tone {
  switch (event.type) {
    case "noderole.moved":
      return event.state === "error"
        ? "bad"
        : event.state === "unknown" || event.state === "blocked"
          ? "warn"
          : event.state === "active"
            ? "ok"
            : "plain";
    case "step.finished":
      return event.status === "failed" || event.status === "timeout" ? "bad" : event.status === "changed" ? "change" : "plain";
    case "run.ended":
      return event.phase === "succeeded" ? "ok" : event.phase === "failed" ? "bad" : "warn";
    case "audit.recorded":
      return event.decision === "refused" ? "bad" : event.code === undefined ? "dim" : "warn";
    case "node.contact":
      return event.contact === "lost" ? "warn" : "ok";
    case "run.held":
    case "approval.requested":
      return "warn";
    case "approval.rejected":
    case "approval.voided":
    case "breakglass.passed":
      return "bad";
    case "approval.given":
      return "ok";
    default:
      return kindOf(event) === "authority" || kindOf(event) === "runs" ? "plain" : "dim";
  }
}

/** Who did it, where somebody did. */
function personOf(event: Recorded): string | undefined {
  for (const key of ["by", "person", "holder", "from"] as const) {
    const value: unknown = Reflect.get(event, key);
    if (typeof value === "string") return value;
  }
  return undefined;
}

const rowsOf = remember((events: readonly Recorded[], look: Look): readonly Row[] =>
  events.map((event): Row => {
    const time = stampWords(event.at);
    return {
      id: idOf(event),
      get text() {
        const by = personOf(event);
        return `${time} ${words(event)} ${event.type} ${event.stream}${by === undefined ? "" : ` by:${by}`}`;
      },
      line: () => eventLine(event, time, look),
    };
  }),
);

function eventLine(event: Recorded, time: string, look: Look): Line {
  const tone = toneOf(event);
  const glyph = tone === "bad" ? look.glyphs.bad : tone === "warn" ? look.glyphs.changed : tone === "ok" ? look.glyphs.ok : " ";
  return line([`${time.slice(5)} `, "dim"], [`${glyph} `, tone], [words(event), tone === "ok" ? "plain" : tone]);
}

/** A moment in ms is told as one. */
function fieldWords(value: Json): string {
  if (typeof value === "number" && value > 1e12) return `${stampWords(value)} UTC`;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** One sentence; how somebody was known stands in the panel. */
function words(event: Recorded): string {
  if (event.type !== "audit.recorded") return eventWords(event);
  const { by, action, resource, decision, code } = event;
  return `${by}: ${action}${resource === undefined ? "" : ` ${resource}`} ${decision}${code === undefined ? "" : ` (${code})`}`;
}

function detailLines(event: Recorded, width: number): readonly Line[] {
  const { type: _, seq, at, stream, version, ...rest } = event;
  const pairs: readonly (readonly [string, string])[] = [
    ["at", `${stampWords(at)} UTC`],
    ["stream", `${stream} ${version}, event ${seq}`],
    ...Object.entries(rest as Readonly<Record<string, Json>>)
      .filter(([key]) => key !== "v")
      .map(([key, value]) => [key, fieldWords(value)] as const),
  ];
  return [
    ...wrapWords(eventWords(event), width).map((text) => line([text, "strong"])),
    blank,
    ...pairs.flatMap(([name, value]) =>
      wrapWords(value, Math.max(20, width - 12)).map((row, index) =>
        line([(index === 0 ? name : "").padEnd(11), "dim"], [" ", "plain"], row),
      ),
    ),
  ];
}

/** The page of what an event is about: its run, its request, its plan, its node. */
function goTo(event: Recorded): readonly Intent<never>[] {
  const field = (key: string): string | undefined => {
    const value: unknown = Reflect.get(event, key);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const [run, request, plan, node, rule, id] = ["run", "request", "plan", "node", "rule", "id"].map(field);
  if (event.type.startsWith("approval.") && request !== undefined) return [{ want: "open", screen: "approval", param: request }];
  const streamed = /^run:(R-\d+)$/u.exec(event.stream)?.[1];
  if (run !== undefined || streamed !== undefined) return [{ want: "open", screen: "run", param: run ?? streamed ?? "" }];
  if (plan !== undefined) return [{ want: "open", screen: "plan", param: plan }];
  if (node !== undefined) return [{ want: "open", screen: "node", param: node }];
  if (rule !== undefined) return [{ want: "open", screen: "rule", param: rule }];
  if (id !== undefined && id.includes("/")) return [{ want: "open", screen: "node", param: id.slice(0, id.indexOf("/")) }];
  if (event.type.startsWith("lock.") || event.type.startsWith("freeze.")) return [{ want: "open", screen: "policy", param: "" }];
  return [{ want: "notice", tone: "plain", text: "The panel has all of it; there is no page about this." }];
}
