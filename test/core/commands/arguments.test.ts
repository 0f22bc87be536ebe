import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseArguments } from "../../../src/core/commands/arguments.ts";
import { type CommandDefinition, defineCommand } from "../../../src/core/commands/command.ts";

const answer = async (): Promise<{ exit: 0; document: { halligan: 1; kind: string } }> => ({
  exit: 0,
  document: { halligan: 1, kind: "x" },
});
const rest = {
  area: "start",
  summary: "x",
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { takes: "nothing" },
  examples: [],
  run: answer,
} as const;

const commands = [
  defineCommand({
    ...rest,
    id: "go",
    args: () =>
      z.object({
        place: z.string().describe("Where to"),
        others: z.array(z.string()).default([]).describe("Where else"),
        speed: z.coerce.number().int().min(1).default(5).describe("How fast"),
        by: z.enum(["foot", "train"]).default("foot").describe("How"),
        stopAt: z.array(z.string()).default([]).describe("On the way"),
        quiet: z.boolean().default(false).describe("No noise"),
      }),
    positionals: ["place", "others"],
  }),
  defineCommand({
    ...rest,
    id: "tail",
    args: () => z.object({ run: z.string().optional(), follow: z.boolean().default(false) }),
    positionals: ["run"],
    shorts: { follow: "f" },
  }),
  defineCommand({
    ...rest,
    id: "run",
    args: () => z.object({ where: z.string(), words: z.array(z.string()).min(1), time: z.string().default("1s") }),
    positionals: ["where", "words"],
    rest: "words",
  }),
  defineCommand({ ...rest, id: "lab up", args: () => z.object({}), positionals: [] }),
  defineCommand({ ...rest, id: "lab down", args: () => z.object({}), positionals: [] }),
] as readonly unknown[] as readonly CommandDefinition[];

const parse = (...argv: readonly string[]): ReturnType<typeof parseArguments> => parseArguments(argv, commands);
const messages = (...argv: readonly string[]): readonly string[] => parse(...argv).problems.map((each) => each.message);

describe("what is typed becomes arguments", () => {
  test("positionals, options with and without =, lists, switches", () => {
    expect(parse("go", "home", "shop", "--speed=7", "--by", "train", "--stop-at", "a", "--stop-at=b", "--quiet", "park").args).toEqual({
      place: "home",
      others: ["shop", "park"],
      speed: 7,
      by: "train",
      stopAt: ["a", "b"],
      quiet: true,
    });
  });

  test("defaults", () => {
    expect(parse("go", "home").args).toEqual({ place: "home", others: [], speed: 5, by: "foot", stopAt: [], quiet: false });
  });

  test("words behind -- belong to the argument that takes them, whatever they look like, and only those", () => {
    expect(parse("run", "web", "--time", "2s", "--", "ls", "-l", "--yes", "--", "--time=3s", "")).toMatchObject({
      args: { where: "web", time: "2s", words: ["ls", "-l", "--yes", "--", "--time=3s", ""] },
      globals: { yes: false },
      problems: [],
    });
    expect(parse("--yes", "run", "web", "--", "lab", "up")).toMatchObject({
      args: { where: "web", words: ["lab", "up"] },
      globals: { yes: true },
    });
    expect(messages("run", "web")).toEqual(["`run` needs WORDS."]);
    expect(messages("run", "--", "ls")).toEqual(["`run` needs WHERE."]);
    expect(parse("run", "web", "ls").problems[0]).toMatchObject({
      message: "`run` does not know what to do with `ls`.",
      hint: "Put `--` before WORDS: `halligan run ... -- ls`.",
    });
  });

  test("global options stand anywhere, also before and inside of the command's words", () => {
    const { globals, command, args } = parse("-f", "go", "--json", "lab", "--state", "x", "up", "--yes");
    expect(command?.id).toBe("lab up");
    expect(args).toEqual({});
    expect(globals).toMatchObject({ file: "go", state: "x", json: true, yes: true, plain: false });
  });

  test("after -- everything is a word, and a lone - is one", () => {
    expect(parse("go", "--", "-x", "--help").args).toMatchObject({ place: "-x", others: ["--help"] });
    expect(parse("go", "-").args).toMatchObject({ place: "-" });
  });

  test("letters: the value apart or at once, several switches together, a command's own letter before a global one", () => {
    expect(parse("lab", "up", "-yf", "x.yaml").globals).toMatchObject({ yes: true, file: "x.yaml" });
    expect(parse("lab", "up", "-fx.yaml").globals).toMatchObject({ file: "x.yaml" });
    expect(parse("tail", "-f", "R-3")).toMatchObject({ args: { run: "R-3", follow: true }, problems: [] });
  });

  test("--no-SWITCH turns a switch off", () => {
    expect(parse("go", "home", "--quiet", "--no-quiet").args).toMatchObject({ quiet: false });
  });

  test("an empty value stays empty and a negative number is a value", () => {
    expect(parse("go", "").args).toMatchObject({ place: "" });
    expect(messages("go", "home", "--speed", "-3")).toEqual([expect.stringContaining("--speed is `-3`")]);
  });
});

describe("what is wrong is told all at once", () => {
  test("several problems", () => {
    const found = parse("go", "--sped", "3", "--by", "plane", "--speed", "fast");
    expect(found.problems.map((each) => each.code)).toEqual(["USAGE", "USAGE", "USAGE"]);
    expect(found.problems[0]?.message).toBe("`go` has no option `--sped`.");
    expect(found.problems[0]?.hint).toBe("Did you mean `--speed`?");
    expect(found.problems.map((each) => each.message).join("\n")).toMatch(/--by is `plane`: must be one of foot, train/);
  });

  test("a missing positional is named", () => {
    expect(messages("go")).toEqual(["`go` needs PLACE (Where to)."]);
  });

  test("a missing value", () => {
    expect(messages("go", "home", "--by")).toEqual(["--by needs a value (foot, train)."]);
    expect(messages("go", "home", "--file")).toEqual(["--file needs a value: --file FILE."]);
  });

  test("an option where a value belongs is still that option", () => {
    const found = parse("go", "home", "--by", "--json");
    expect(found.problems.map((each) => each.message)).toEqual(["--by needs a value (foot, train)."]);
    expect(found.globals.json).toBe(true);
  });

  test("a switch with a value, a letter that nobody knows, --no- of what is no switch", () => {
    expect(messages("go", "home", "--quiet=loud", "--json=1")).toEqual(["--quiet takes no value.", "--json takes no value."]);
    expect(messages("go", "home", "-xy")).toEqual(["`go` has no option `-x`."]);
    expect(messages("go", "home", "--no-by", "--no-json")).toEqual(["`go` has no option `--no-by`.", "`go` has no option `--no-json`."]);
    expect(messages("go", "home", "--__proto__=3", "--constructor")).toHaveLength(2);
  });

  test("too many words", () => {
    expect(messages("lab", "up", "extra")).toEqual(["`lab up` does not know what to do with `extra`."]);
  });

  test("an unknown command, with the nearest known one", () => {
    expect(parse("goo", "--json").problems).toMatchObject([{ message: "There is no command `goo`.", hint: "Did you mean `go`?" }]);
    expect(parse("lab", "upp").problems).toMatchObject([{ message: "There is no command `lab upp`.", hint: "Did you mean `lab up`?" }]);
    expect(parse("zzzzzz").problems).toMatchObject([{ hint: "`halligan help` lists the commands." }]);
  });

  test("a group alone is no problem", () => {
    expect(parse("lab")).toMatchObject({ problems: [], words: ["lab"] });
  });
});

test("a value that is far too long is not repeated whole", () => {
  const parsed = parseArguments(["go", "there", "--by", "9".repeat(10_000)], commands);
  const text = JSON.stringify(parsed.problems);
  expect(text).toContain("(10000 characters)");
  expect(text.length).toBeLessThan(2000);
});
