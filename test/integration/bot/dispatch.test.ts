import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { doAnswered, doTypedName, validateTypedName } from "../../../src/bot/dispatch/answered.ts";
import { dispatch } from "../../../src/bot/dispatch/dispatch.ts";
import { createQuestions } from "../../../src/bot/dispatch/questions.ts";
import { doNote, doShortcut, validateNote } from "../../../src/bot/dispatch/shortcuts.ts";
import type { TalkParts } from "../../../src/bot/dispatch/talk.ts";
import { doTyped } from "../../../src/bot/dispatch/typed.ts";
import type { ActionInbound, DmInbound, MentionInbound, SlackCaller, ViewInbound } from "../../../src/bot/inbound/inbound.ts";
import type { ServedCluster } from "../../../src/bot/ports.ts";
import type { Message, Modal } from "../../../src/bot/text/message.ts";
import { limitViolations } from "../../../src/bot/text/violations.ts";
import { type Opened, openServed } from "../../../src/cli/bot/served.ts";
import { systemClock } from "../../../src/cli/house/clock.ts";
import { renderAnswer } from "../../../src/cli/render.ts";
import { createScreen } from "../../../src/cli/screen.ts";
import { auditStream } from "../../../src/core/authority/audit/chain.ts";
import { commands } from "../../../src/core/commands/registry.ts";
import { HalliganError } from "../../../src/core/errors.ts";
import { fromStored } from "../../../src/core/journal/events.ts";
import { closeHouse } from "../../support/close-house.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";

/** Everything that was told, and what was asked of boards, as a person would see it. */
interface Seen {
  readonly private: Message[];
  readonly public: Message[];
  readonly modals: Modal[];
  readonly files: { readonly name: string; readonly text: string }[];
  readonly boards: string[];
}

let lab: TestLab;
let clusters: ReadonlyMap<string, Opened>;
let seen: Seen;
let parts: TalkParts;
let acts = 0;
const stop = new AbortController();
const alice: SlackCaller = { team: "T1", user: "UALICE" };
const bob: SlackCaller = { team: "T1", user: "UBOB" };
const mallory: SlackCaller = { team: "T1", user: "UMALLORY" };

beforeAll(async () => {
  lab = await startSandbox(1);
  const file = writeCluster(lab, "deployments:\n  a: { place: { one: all } }\n", {
    "barclamps/one/barclamp.yaml":
      'barclamp: one\nversion: 1.2.0\nroles:\n  one:\n    steps:\n      - command: { name: touch, run: "echo done; touch /root/one", unless: "test -e /root/one" }\n',
    "people.yaml":
      "halligan: 1\npeople:\n  alice: { slack: [T1/UALICE], local: [root] }\n  bob: { slack: [T1/UBOB] }\nroles:\n  admin: [alice]\n  observer: [bob]\n",
    "slack.yaml": "halligan: 1\nchannels: [C0OPS]\n",
  });
  clusters = await openServed({ files: [file], folder: undefined, stateUrl: undefined, environment: process.env });
});

afterAll(async () => {
  stop.abort();
  for (const { house } of clusters?.values() ?? []) await closeHouse(house);
  await lab?.dispose();
});

beforeEach(() => {
  seen = { private: [], public: [], modals: [], files: [], boards: [] };
  const store = served().house.store;
  const posted = { channel: "C0OPS", ts: "1.1" };
  parts = {
    ports: {
      clusters,
      clock: systemClock,
      store,
      local: served().local,
      prefix: "/halligan",
      instance: "test",
      text: async (_, answer) =>
        await renderAnswer(answer, createScreen({ isTerminal: false, columns: 100, plain: true, environment: {} })),
      log: () => undefined,
    },
    sender: {
      post: async (_, message) => (seen.public.push(message), posted),
      update: async (at, message) => (seen.public.push(message), at),
      ephemeral: async (_, message) => void seen.private.push(message),
      direct: async (_, message) => (seen.private.push(message), posted),
      upload: async (_, file) => void seen.files.push(file),
      openModal: async (_, modal) => (seen.modals.push(modal), { id: "V1", hash: "h" }),
      updateModal: async (open) => open,
      publishHome: async () => undefined,
      live: {
        show: () => undefined,
        forget: () => undefined,
        idle: async () => undefined,
        budget: undefined as never,
        ended: Promise.resolve(),
      },
    },
    respond: async () => false,
    boards: {
      showPlan: async (_, plan) => void seen.boards.push(`plan ${plan}`),
      showRun: async (_, run) => void seen.boards.push(`run ${run}`),
      subject: async ({ ts }) => (ts === "9.9" ? { cluster: "test-lab", plan: "P-1", run: "R-1" } : undefined),
    },
    questions: createQuestions(store, systemClock),
    signal: stop.signal,
  };
});

function served(): ServedCluster {
  const [cluster] = clusters.values();
  if (cluster === undefined) throw new Error("there is a cluster");
  return cluster;
}

/** What a person types in the channel, and everything that comes of it. */
async function typed(text: string, caller = alice, where: Partial<MentionInbound> = {}): Promise<Seen> {
  acts += 1;
  await doTyped(parts, { kind: "mention", caller, key: `k${acts}`, channel: "C0OPS", text, ts: `${acts}.0`, ...where });
  expect([...seen.private, ...seen.public].flatMap((message) => limitViolations(message))).toEqual([]);
  return seen;
}

const words = (messages: readonly Message[]): string => messages.map((each) => JSON.stringify(each)).join("\n");

/** Presses a button of the last private message. */
async function press(action: string, caller: SlackCaller): Promise<boolean> {
  const found = seen.private.flatMap(({ blocks }) => blocks.flatMap((each) => (each.type === "actions" ? each.elements : [])));
  const button = found.find((each) => each.type === "button" && each.action_id === action);
  if (button?.type !== "button") throw new Error("there is no such button");
  acts += 1;
  const source: ActionInbound["source"] = { at: "message", channel: "C0OPS", ts: "1.1", ephemeral: true };
  const base = { caller, key: `k${acts}`, blockId: "b", triggerId: "t", source } as const;
  return await doAnswered(parts, { kind: "action", actionId: action, value: button.value ?? "", ...base });
}

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => "none",
    (error: unknown) => (error instanceof HalliganError ? error.code : String(error)),
  );

test("reading is told to whoever asks, and to nobody who is nobody", async () => {
  await typed("status test-lab", bob);
  expect(words(seen.private)).toContain("test-lab");
  expect(seen.public).toEqual([]);
  seen.private.length = 0;
  await typed("status test-lab", mallory);
  expect(words(seen.private)).toContain("PRINCIPAL_UNKNOWN");
  seen.private.length = 0;
  await typed("barclamp show test-lab one", mallory);
  expect(words(seen.private)).toContain("PRINCIPAL_UNKNOWN");
  seen.private.length = 0;
  await typed("status test-lab", bob, { channel: "C0ELSE" });
  expect(words(seen.private)).toMatch(/CHAT_CLUSTER_ELSEWHERE.*<#C0OPS>/u);
});

test("help shows what the caller may do, whoami who they are, here and in a direct message", async () => {
  await typed("help", bob);
  expect(words(seen.private)).not.toContain("`apply`");
  await typed("whoami", bob);
  expect(words(seen.private)).toContain("you are bob");
  const dm: DmInbound = { kind: "dm", caller: alice, key: "dm1", channel: "D0ALICE", text: "whoami", ts: "1.0" };
  await doTyped(parts, dm);
  expect(words(seen.public)).toContain("you are alice");
});

test("a plan is shown on its board; applying it asks, and only who was asked may answer, once", async () => {
  await typed("plan test-lab a", bob);
  expect(words(seen.private)).toContain("NOT_ALLOWED");
  expect(seen.boards).toEqual([]);
  await typed("plan test-lab a");
  expect(seen.boards).toEqual(["plan P-1"]);
  expect(words(seen.public)).toContain("Planning");
  seen.private.length = 0;
  await typed("apply test-lab P-1");
  expect(words(seen.private)).toMatch(/Apply plan .*P-1/u);
  expect(seen.boards).toEqual(["plan P-1", "plan P-1"]);
  expect(await codeOf(press("halligan-question:yes", bob))).toBe("CHAT_QUESTION_NOT_YOURS");
  expect(await press("halligan-question:yes", alice)).toBe(true);
  expect(seen.boards.at(-1)).toBe("run R-1");
  expect(await codeOf(press("halligan-question:yes", alice))).toBe("CHAT_QUESTION_GONE");
  for await (const _ of served().house.follow("R-1", stop.signal)); // to its end
  seen.private.length = 0;
  await typed("why", bob, { thread: "9.9" });
  expect(words(seen.private)).toContain("R-1");
  await typed("logs test-lab R-1", bob);
  expect(words(seen.private)).toContain("done");
  await typed("what test-lab", bob);
  expect(words(seen.private)).toMatch(/one 1\.2\.0 on 1 node.*by alice/u);
  await typed("watch test-lab R-1", bob);
  expect(seen.boards.at(-1)).toBe("run R-1");
});

test("what changes something is told to everybody in one line, and on record as done in Slack", async () => {
  await typed('lock test-lab --reason "INC <!channel>"');
  expect(words(seen.public)).toContain("<@UALICE> locked the whole cluster in *test-lab*".replaceAll("*", ""));
  expect(words(seen.public)).not.toContain("<!channel>");
  await typed("unlock test-lab");
  const trail = (await served().house.store.read({ stream: auditStream })).map(fromStored);
  const done = trail.flatMap((event) =>
    event?.type === "audit.recorded" && event.front === "slack" ? [`${event.by} ${event.action} ${event.principal}`] : [],
  );
  expect(done).toContain("alice lock slack:T1/UALICE");
});

test("a message is kept as a note", async () => {
  await doShortcut(parts, {
    kind: "shortcut",
    caller: alice,
    key: "s1",
    channel: "C0OPS",
    callbackId: "halligan_note",
    triggerId: "t",
    responseUrl: "",
    message: { ts: "5.5", text: "the mirror was down" },
  });
  const [modal] = seen.modals;
  const view = (about: string): ViewInbound => ({
    kind: "viewSubmission",
    caller: alice,
    key: "v1",
    callbackId: modal?.callbackId ?? "",
    privateMetadata: modal?.metadata ?? "",
    viewId: "V1",
    hash: "h",
    values: { cluster: { value: "" }, about: { value: about }, text: { value: "" } },
  });
  expect(limitViolations(modal as Modal)).toEqual([]);
  expect(Object.keys(validateNote(view("what?")) ?? {})).toEqual(["about"]);
  const [node] = (await served().house.load()).cluster.nodes;
  expect(await doNote(parts, view(node?.name ?? ""))).toBe(true);
  expect(words(seen.public)).toContain("the mirror was down");
});

test("a protected cluster wants its name typed, whatever was typed before", async () => {
  writeFileSync(join(lab.folder, "slack.yaml"), "halligan: 1\nchannels: [C0OPS]\nprotected: true\n");
  writeFileSync(
    join(lab.folder, "barclamps/one/barclamp.yaml"),
    'barclamp: one\nversion: 1.3.0\nroles:\n  one:\n    steps:\n      - command: { name: touch, run: "touch /root/two", unless: "test -e /root/two" }\n',
  );
  await typed("apply test-lab --yes");
  expect(words(seen.private)).toContain("Apply plan");
  expect(await press("halligan-question:yes", alice)).toBe(true);
  expect(seen.modals).toHaveLength(1);
  expect(seen.boards.filter((each) => each.startsWith("run"))).toEqual([]);
  expect(await press("halligan-question:no", alice)).toBe(true);
});

test("what is taken away for good wants the name typed, --yes or not, and the answer is about the plan that was shown", async () => {
  writeFileSync(join(lab.folder, "slack.yaml"), "halligan: 1\nchannels: [C0OPS]\n");
  await typed("reset test-lab --yes");
  expect(words(seen.private)).toMatch(/made to take away what was applied/u);
  const [shown] = seen.boards;
  expect(shown).toMatch(/^plan P-/u);
  expect(await press("halligan-question:yes", alice)).toBe(true);
  const [modal] = seen.modals;
  if (modal === undefined) throw new Error("a dialog asks for the name");
  expect(seen.boards).toEqual([shown]);
  const answer = (name: string): ViewInbound => ({
    kind: "viewSubmission",
    key: `typed ${name}`,
    caller: alice,
    callbackId: modal.callbackId,
    privateMetadata: modal.metadata,
    viewId: "V1",
    hash: "h",
    values: { cluster: { value: name } },
  });
  expect(validateTypedName(answer("test-lap"))).toBeDefined();
  expect(await codeOf(doTypedName(parts, answer("test-lap")))).toBe("CHAT_QUESTION_GONE");
  expect(validateTypedName(answer("test-lab"))).toBeUndefined();
  expect(await doTypedName(parts, answer("test-lab"))).toBe(true);
  expect(seen.boards).toEqual([shown, "run R-2"]);
  for await (const _ of served().house.follow("R-2", stop.signal)); // to its end
  expect(await codeOf(doTypedName(parts, answer("test-lab")))).toBe("CHAT_QUESTION_GONE");
});

test("a proposal is told with its diff to who made it, and by what it changes to everybody", async () => {
  await typed("set test-lab deployments.a.budget=30m");
  expect(words(seen.private)).toContain("+");
  expect(words(seen.private)).toContain("propose commit test-lab D-1");
  expect(words(seen.public)).toMatch(/proposed `D-1` in test-lab: .*budget/u);
});

test("a yes that was given before opens nothing for who may not", async () => {
  const definition = commands.find(({ id }) => id === "lock");
  if (definition === undefined) throw new Error("there is lock");
  const ended = await dispatch({ cluster: served(), definition, args: { deployments: [], reason: "x" }, caller: bob, agreed: "yes" });
  expect(ended.kind === "refused" ? ended.problems[0].code : ended.kind).toBe("NOT_ALLOWED");
});
