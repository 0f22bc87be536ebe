import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chatExamples, chatLine } from "../../../src/bot/grammar/lines.ts";
import { type GrammarContext, type Parsed, parse } from "../../../src/bot/grammar/parse.ts";
import { typedText } from "../../../src/bot/grammar/typed-text.ts";
import { joinChat, splitChat } from "../../../src/bot/grammar/words.ts";
import { parseArguments } from "../../../src/core/commands/arguments.ts";
import { commands } from "../../../src/core/commands/registry.ts";

const context: GrammarContext = {
  commands,
  clusters: ["lab-a", "lab-b"],
  elsewhere: new Map([["prod", ["C0PROD"]]]),
  prefix: "/halligan",
};
const inThread: GrammarContext = { ...context, prefix: "@halligan", thread: { cluster: "lab-a", plan: "P-3", request: "A-2", run: "R-4" } };

function command(text: string, where: GrammarContext = context): Extract<Parsed, { kind: "command" }> {
  const parsed = parse(text, where);
  if (parsed.kind !== "command") throw new Error(`not understood: ${JSON.stringify(parsed)}`);
  return parsed;
}

function refused(text: string, where: GrammarContext = context): Extract<Parsed, { kind: "refused" }> {
  const parsed = parse(text, where);
  if (parsed.kind !== "refused") throw new Error(`not refused: ${JSON.stringify(parsed)}`);
  return parsed;
}

/** Slack's own escaping of what people type. */
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

describe("commands", () => {
  test.each([
    ["plan lab-a web", "plan", "lab-a", { deployments: ["web"] }],
    ["  plan   lab-a ", "plan", "lab-a", { deployments: [] }],
    ["apply lab-a P-3 --yes", "apply", "lab-a", { targets: ["P-3"], detach: true, wait: false }],
    ["policy check lab-b web", "policy check", "lab-b", { deployments: ["web"] }],
    ["runs --limit 5 lab-a", "runs", "lab-a", { limit: 5 }],
    ["halligan runs lab-a --limit=5", "runs", "lab-a", { limit: 5 }],
    ["why lab-a ctl-1/mariadb-server", "why", "lab-a", { nodeRole: "ctl-1/mariadb-server" }],
    ["lock lab-a --reason INC-311", "lock", "lab-a", { reason: "INC-311" }],
    ["logs lab-a R-3 web1 --tail 5", "logs", "lab-a", { of: ["R-3", "web1"], tail: 5, follow: false }],
  ])("%s", (text, id, cluster, args) => {
    const parsed = command(text);
    expect([parsed.definition.id, parsed.cluster]).toEqual([id, cluster]);
    expect(parsed.args).toMatchObject(args);
  });

  test("whoami and link take no cluster, and may be told one", () => {
    expect(command("whoami").cluster).toBeUndefined();
    expect(command("whoami lab-b").cluster).toBe("lab-b");
    expect(command("link ABCD-EFGH").args).toMatchObject({ code: "ABCD-EFGH" });
    expect(command("link lab-b ABCD-EFGH")).toMatchObject({ cluster: "lab-b", args: { code: "ABCD-EFGH" } });
  });

  test.each(["", " ", "help", "/halligan", "help plan", "policy", "plan --help", "plan lab-a -h"])("help: %j", (text) => {
    expect(parse(text, context).kind).toBe("help");
  });

  test("what Slack and phones make of a line", () => {
    const reason = (text: string): unknown => command(text).args["reason"];
    expect(reason("lock lab-a —reason “INC-311 – disk”")).toBe("INC-311 – disk");
    expect(reason("lock\u00a0lab-a –-reason\u202f’it’s broken’")).toBe("it’s broken");
    expect(reason("lock lab-a --reason don’t")).toBe("don't");
    expect(reason("lock lab-a --reason <http://inc.example/311|inc.example/311>")).toBe("inc.example/311");
    expect(reason("lock lab-a --reason=<tel:0123|0123>")).toBe("0123");
    expect(reason('lock lab-a --reason "a &lt;b&gt; &amp;amp; \\"c\\""')).toBe('a <b> &amp; "c"');
    expect(reason("`lock lab-a --reason x`")).toBe("x");
    expect(reason("lock lab-a --reason <#C123|ops>")).toBe("#ops");
    expect(command("handoff lab-a R-3 <@U0123|bob>").args).toMatchObject({ person: "<@U0123>" });
    expect(command("runs lab‑a —limit 5").args).toMatchObject({ limit: 5 });
    expect(refused("logs lab-a R-3 –f").problems[0].message).toContain("`--follow`");
  });
});

describe("in a thread", () => {
  test.each([
    ["why", "why", { nodeRole: "R-4" }],
    ["logs", "logs", { of: ["R-4"] }],
    ["logs web1", "logs", { of: ["R-4", "web1"] }],
    ["logs R-1 web1", "logs", { of: ["R-1", "web1"] }],
    ["apply", "apply", { targets: ["P-3"] }],
    ["apply P-1", "apply", { targets: ["P-1"] }],
    ["diff", "diff", { targets: ["P-3"] }],
    ["approve", "approve", { request: "A-2" }],
    ["reject --reason no", "reject", { request: "A-2", reason: "no" }],
    ["cancel", "cancel", { run: "R-4" }],
    ["handoff bob", "handoff", { run: "R-4", person: "bob" }],
    ["why ctl-1/nginx", "why", { nodeRole: "ctl-1/nginx" }],
    ["status", "status", {}],
    ["plan web", "plan", { deployments: ["web"] }],
  ])("%s", (text, id, args) => {
    const parsed = command(text, inThread);
    expect([parsed.definition.id, parsed.cluster]).toEqual([id, "lab-a"]);
    expect(parsed.args).toMatchObject(args);
  });

  test("a cluster that is named wins, and the thread says nothing about it", () => {
    expect(command("diff lab-b", inThread)).toMatchObject({ cluster: "lab-b", args: { targets: [] } });
  });
});

describe("what is refused says what to type", () => {
  test.each([
    ["plan", "/halligan plan lab-a", "CHAT_CLUSTER_MISSING"],
    ["plan web", "/halligan plan lab-a web", "CHAT_CLUSTER_MISSING"],
    ["plan lab-x web", "/halligan plan lab-a web", "CHAT_CLUSTER_UNKNOWN"],
    ["status lab_b", "/halligan status lab-b", "CHAT_CLUSTER_UNKNOWN"],
    ["status production", "/halligan status lab-a", "CHAT_CLUSTER_UNKNOWN"],
    ["plan prod", "/halligan plan prod", "CHAT_CLUSTER_ELSEWHERE"],
    ["paln lab-a web", "/halligan plan lab-a web", "USAGE"],
    ["lab-a status", "/halligan status lab-a", "USAGE"],
    ["lab-a policy check web", "/halligan policy check lab-a web", "USAGE"],
    ["policy chek lab-a", "/halligan policy check lab-a", "USAGE"],
    ["runs lab-a --limt 5", "/halligan runs lab-a --limit 5", "USAGE"],
    ["runs lab-a --limt=5", "/halligan runs lab-a --limit=5", "USAGE"],
    ["runs lab-a --limit many", "/halligan help runs", "USAGE"],
    ["approve lab-a", "/halligan approve lab-a A-3", "USAGE"],
    ["frobnicate everything", "/halligan help", "USAGE"],
    ["exec lab-a web1 -- reboot", "/halligan help", "CHAT_NOT_HERE"],
    ["secrets set lab-a web.password hunter2", "/halligan help", "CHAT_NOT_HERE"],
    ["apply lab-a --wait", "/halligan help apply", "CHAT_NOT_HERE"],
    ["status lab-a --json", "/halligan help status", "CHAT_NOT_HERE"],
    ["status lab-a -f /etc/passwd", "/halligan help status", "CHAT_NOT_HERE"],
    ["approve lab-a A-1 --sign agent", "/halligan help approve", "CHAT_NOT_HERE"],
    ['lock lab-a --reason "INC 311', '/halligan lock lab-a --reason "INC 311"', "CHAT_QUOTE_OPEN"],
  ])("%s", (text, next, code) => {
    const { problems, ...rest } = refused(text);
    expect([rest.next, problems[0].code]).toEqual([next, code]);
  });

  test("where another channel is right it is named", () => {
    expect(refused("plan prod").channels).toEqual(["C0PROD"]);
    expect(refused("status prod", inThread).channels).toEqual(["C0PROD"]);
  });

  test("hints are commands of this place", () => {
    expect(refused("runs lab-a --limit many").problems[0].hint).toBe("`/halligan help runs` explains it.");
  });

  test("the next command is understood, whatever was typed", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...commands.map(({ id }) => id)),
        fc.array(fc.string({ maxLength: 12 }), { maxLength: 4 }),
        (id, rest) => {
          const parsed = parse(joinChat([...id.split(" "), ...rest]), { ...context, elsewhere: new Map() });
          if (parsed.kind !== "refused") return;
          const { next } = parsed;
          expect(next.startsWith("/halligan ")).toBe(true);
          const again = parse(escaped(next.slice("/halligan ".length)), context);
          // A second fault may show, such as an option that is not known; there is always a next command again.
          expect(again.kind !== "refused" || again.next !== "").toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

const hostile = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "plan",
          "lab-a",
          "--",
          "-",
          "—",
          "“",
          "’",
          '"',
          "'",
          "\\",
          "`",
          "<@U1>",
          "<!channel>",
          "<http://x|y>",
          "&lt;",
          "&amp;",
          "\u0000",
        ),
        fc.constantFrom(
          "__proto__",
          "constructor",
          "--__proto__",
          "--constructor=1",
          "\u202e",
          "\ud800",
          "-f",
          "--yes",
          "policy",
          "help",
          "lab up",
        ),
        fc.constantFrom(...commands.map(({ id }) => id)),
        fc.string({ maxLength: 5 }),
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(" ")),
);

describe("properties", () => {
  test("nothing that is typed makes the parser throw, and a command is never about a cluster that was not named", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const parsed = parse(text, context);
        const { words } = splitChat(typedText(text));
        const named = parsed.kind !== "command" || parsed.cluster === undefined || words.includes(parsed.cluster);
        expect([named, parsed.kind !== "refused" || parsed.next.trim() !== ""]).toEqual([true, true]);
        expect(parse(text, inThread).kind).toMatch(/^(command|help|refused)$/u);
      }),
      { numRuns: 3_000 },
    );
  });

  test("words survive being quoted", () => {
    const word = fc.string({ unit: "grapheme", maxLength: 20 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        expect(splitChat(joinChat(words))).toEqual({ words, open: false });
      }),
      { numRuns: 3_000 },
    );
  });

  test("any arguments mean the same as on the command line", () => {
    const word = fc.string({ maxLength: 10 }).filter((text) => !/[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u.test(text));
    const usable = commands.filter(({ chat, hidden }) => hidden !== true && "takes" in chat && chat.takes === "cluster");
    fc.assert(
      fc.property(fc.constantFrom(...usable), fc.array(word, { maxLength: 5 }), (definition, rest) => {
        const words = [...definition.id.split(" ")];
        const cli = parseArguments([...words, ...rest], [definition]);
        const chat = parse(escaped(joinChat([...words, "lab-a", ...rest])), context);
        if (chat.kind !== "command" || !("takes" in definition.chat)) return;
        expect(chat.definition.id).toBe(definition.id);
        expect(chat.args).toEqual({ ...cli.args, ...definition.chat.always });
        expect(cli.problems).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });
});

test("commands that make no sense in chat say why", () => {
  const reasons = commands.flatMap(({ id, chat }) => ("no" in chat ? [[id, chat.no]] : []));
  expect(reasons.length).toBeGreaterThan(10);
  expect(reasons.filter(([, why]) => !/^[A-Z].*\.$/u.test(why ?? ""))).toEqual([]);
});

test("every command says what it is in chat, and the examples of those that work there work there", () => {
  const without: string[] = [];
  for (const definition of commands) {
    if ("no" in definition.chat) continue;
    const style = { commands, prefix: "/halligan", cluster: "lab-a" };
    const worked = chatExamples(style, definition).filter(({ line }) => {
      const parsed = parse(escaped(line), context);
      return parsed.kind === "command" ? parsed.definition.id === definition.id : parsed.kind === "help" && definition.id === "help";
    });
    for (const { line } of definition.examples) {
      const told = /[<>|]/u.test(line) ? undefined : chatLine(style, line);
      const parsed = told === undefined ? undefined : parse(escaped(told), context);
      if (parsed?.kind !== "command") continue;
      const cli = parseArguments(splitChat(line).words.slice(1), commands);
      expect(parsed.args, told).toEqual({ ...cli.args, ...definition.chat.always });
    }
    if (worked.length === 0) without.push(definition.id);
  }
  expect(without).toEqual([]);
});
