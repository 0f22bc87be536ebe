import { describe, expect, test } from "vitest";
import type { StepKindDocument } from "../../../src/core/commands/steps.ts";
import { stepsCommand } from "../../../src/core/commands/steps.ts";
import type { CommandContext } from "../../../src/core/commands/command.ts";

async function typeOf(kind: string, argument: string): Promise<string | undefined> {
  const answer = await stepsCommand.run({} as CommandContext, { kind });
  const document = answer.document as unknown as StepKindDocument;
  return document.arguments.find((each) => each.name === argument)?.type;
}

describe("the types of a step kind's arguments are those that its author writes", () => {
  test.each([
    ["command", "confirm", "duration"],
    ["http", "within", "duration"],
    ["timer", "every", "duration"],
    ["disk", "free", "size"],
    ["command", "run", "text or list of text"],
    ["http", "status", "number or list of number"],
    ["file", "state", "present | absent"],
    ["user", "system", "true or false"],
  ])("%s %s: %s", async (kind, argument, type) => {
    expect(await typeOf(kind, argument)).toBe(type);
  });
});
