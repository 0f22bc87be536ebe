import { describe, expect, test } from "vitest";
import { commands } from "../../src/core/commands/registry.ts";
import { argumentShapes } from "../../src/core/commands/shape.ts";
import { halligan } from "./run-cli.ts";

const shown = commands.filter((each) => each.hidden !== true);

describe("help", () => {
  test("no arguments, --help and help give the same overview, with every command", async () => {
    const [bare, option, command] = await Promise.all([halligan([]), halligan(["--help"]), halligan(["help"])]);
    expect(bare.code).toBe(0);
    expect(bare.stderr).toBe("");
    expect(option.stdout).toBe(bare.stdout);
    expect(command.stdout).toBe(bare.stdout);
    for (const { id, summary } of shown)
      expect(bare.stdout).toMatch(new RegExp(`^  ${id} +${summary.slice(0, 12).replaceAll(/[()]/gu, "\\$&")}`, "m"));
  });

  test("a command explains its options and examples, wherever --help stands", async () => {
    const [one, other, third] = await Promise.all([
      halligan(["help", "lab", "up"]),
      halligan(["lab", "up", "-h"]),
      halligan(["--help", "lab", "up", "--nodes", "3"]),
    ]);
    expect(one.code).toBe(0);
    expect(one.stdout).toContain("--driver sandbox|nspawn");
    expect(one.stdout).toContain("[default: 5]");
    expect(one.stdout).toContain("halligan lab up --nodes 3 --driver nspawn");
    expect(one.stdout).toContain("exit codes");
    expect(other.stdout).toBe(one.stdout);
    expect(third.stdout).toBe(one.stdout);
  });

  test("the first word of a group lists the group", async () => {
    const ran = await halligan(["barclamp"]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain("barclamp new");
    expect(ran.stdout).not.toContain("lab up");
  });

  test("a hidden command is not listed", async () => {
    expect((await halligan(["help"])).stdout).not.toMatch(/^ {2}complete /m);
  });
});

describe("the registry", () => {
  test("ids are unique, and no command that takes words is the first words of another", () => {
    const ids = commands.map((each) => each.id);
    expect(new Set(ids).size).toBe(ids.length);
    const taking = commands.filter((each) => each.positionals.length > 0).map((each) => each.id);
    expect(taking.filter((id) => ids.some((other) => other.startsWith(`${id} `)))).toEqual([]);
  });

  test.each(commands)("$id: every argument is described, every positional exists", (command) => {
    const shapes = argumentShapes(command.args, command.positionals);
    expect(shapes.filter((shape) => shape.description === "").map((shape) => shape.key)).toEqual([]);
    expect(command.positionals.filter((key) => !shapes.some((shape) => shape.key === key))).toEqual([]);
    const many = command.positionals.slice(0, -1).filter((key) => shapes.some((shape) => shape.key === key && shape.many));
    expect(many, "only the last positional may be a list").toEqual([]);
  });

  test("every command that is shown has an example that begins with it", () => {
    expect(shown.filter((each) => !each.examples.some(({ line }) => line.includes(`halligan ${each.id}`))).map((each) => each.id)).toEqual(
      [],
    );
  });
});
