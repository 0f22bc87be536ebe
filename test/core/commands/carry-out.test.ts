import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { AuditEntry } from "../../../src/core/authority/audit/trail.ts";
import { carryOut, type FrontContext } from "../../../src/core/commands/carry-out.ts";
import {
  type Answer,
  type CommandContext,
  type CommandDefinition,
  defineCommand,
  type Passing,
} from "../../../src/core/commands/command.ts";
import { fail } from "../../../src/core/errors.ts";
import type { House } from "../../../src/core/house.ts";
import { codesOf } from "../../support/command-rig.ts";
import { type FakeHouse, openFakeHouse } from "../../support/fake-house.ts";
import { authorityOf, onePersonPerRole } from "../../support/people.ts";
import { planBody } from "../run/plans.ts";

const done: Answer = { exit: 0, document: { halligan: 1, kind: "x" } };

let folder: string;
let house: FakeHouse;
let recorded: AuditEntry[];
let passed: Passing[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-carry-"));
  house = await openFakeHouse(folder, planBody());
  recorded = [];
  passed = [];
});
afterEach(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

function front(user: string, parts: Partial<House> = {}): FrontContext {
  const audit = { ...house.audit, record: async (entry: AuditEntry) => void recorded.push(entry) };
  const present: House = {
    ...house,
    principal: { kind: "local", user },
    authority: async () => authorityOf(onePersonPerRole),
    audit,
    ...parts,
  };
  return {
    house: async () => present,
    local: undefined as never,
    pass: (passing) => void passed.push(passing),
    confirm: async () => true,
    signal: new AbortController().signal,
    by: "whatever the front end says",
    cwd: "/",
    front: "tui",
  };
}

function command({ args, ...parts }: Partial<CommandDefinition> & { run(context: CommandContext): Promise<Answer> }): CommandDefinition {
  return defineCommand({
    id: "try",
    area: "start",
    summary: "x",
    args: () => args ?? z.object({}),
    positionals: [],
    risk: "change",
    needs: "operate",
    follows: false,
    chat: { takes: "cluster" },
    examples: [],
    ...parts,
  });
}

const full = (): never => {
  throw fail("STORE_FULL", { message: "The disk is full." });
};
const unrecorded = { audit: { record: async () => full() } } as unknown as Partial<House>;
const short = (): readonly string[] => recorded.map(({ by, decision, code }) => `${by} ${decision}${code === undefined ? "" : ` ${code}`}`);

describe("who it is comes from the house, not from the front end", () => {
  test("the person, in the context and on record, with the arguments and without secret ones", async () => {
    let by = "";
    const definition = command({
      secretArgs: ["code"],
      async run(context) {
        by = context.by;
        return done;
      },
    });
    await carryOut(definition, front("operator"), { node: "n1", code: "CANARY" });
    expect(by).toBe("operator");
    expect(recorded).toEqual([
      {
        by: "operator",
        principal: "local:operator",
        front: "tui",
        action: "try",
        decision: "allowed",
        detail: { node: "n1", code: "[redacted]" },
      },
    ]);
  });
});

describe("a refusal", () => {
  test("is on record before it is told, and nothing of the command has happened", async () => {
    let ran = false;
    const definition = command({
      async run() {
        ran = true;
        return done;
      },
    });
    expect(await codesOf(carryOut(definition, front("observer"), {}))).toEqual(["NOT_ALLOWED"]);
    expect(await codesOf(carryOut(definition, front("eve"), {}))).toEqual(["PRINCIPAL_UNKNOWN"]);
    expect(ran).toBe(false);
    expect(short()).toEqual(["observer refused NOT_ALLOWED", "local:eve refused PRINCIPAL_UNKNOWN"]);
  });

  test("by the command itself is on record as one", async () => {
    const definition = command({
      async run(context) {
        await context.authorise("administer", { kind: "cluster" });
        return done;
      },
    });
    expect(await codesOf(carryOut(definition, front("operator"), {}))).toEqual(["NOT_ALLOWED"]);
    expect(short()).toEqual(["operator allowed", "operator refused NOT_ALLOWED"]);
  });

  test("stays a refusal when the audit fails as well", async () => {
    expect(await codesOf(carryOut(command({ run: async () => done }), front("eve", unrecorded), {}))).toEqual(["PRINCIPAL_UNKNOWN"]);
    expect(passed.map((each) => each.type)).toEqual(["problem"]);
  });
});

describe("what fails", () => {
  test("is on record with its code", async () => {
    const definition = command({ run: async () => Promise.reject(fail("RUN_ACTIVE", { message: "no" })) });
    expect(await codesOf(carryOut(definition, front("operator"), {}))).toEqual(["RUN_ACTIVE"]);
    expect(short()).toEqual(["operator allowed", "operator allowed RUN_ACTIVE"]);
  });

  test("a people.yaml that cannot be read allows nothing", async () => {
    const broken = { authority: async () => Promise.reject(fail("YAML_INVALID", { message: "line 1" })) };
    for (const needs of ["read", "operate", "administer"] as const)
      expect(await codesOf(carryOut(command({ needs, run: async () => done }), front("admin", broken), {}))).toEqual(["YAML_INVALID"]);
  });
});

describe("without a record", () => {
  test("nothing that changes anything is done", async () => {
    let ran = false;
    const definition = command({
      async run() {
        ran = true;
        return done;
      },
    });
    expect(await codesOf(carryOut(definition, front("operator", unrecorded), {}))).toEqual(["STORE_FULL"]);
    expect(ran).toBe(false);
  });

  test("one may still look, and is told", async () => {
    expect(await carryOut(command({ needs: "read", run: async () => done }), front("observer", unrecorded), {})).toEqual(done);
    expect(passed).toMatchObject([{ type: "problem", problem: { code: "STORE_FULL" } }]);
  });
});

describe("commands that need nothing", () => {
  test("never open a house", async () => {
    const nobody = { ...front("eve"), house: full };
    expect(await carryOut(command({ needs: "nothing", run: async () => done }), nobody, {})).toEqual(done);
  });

  test("are judged when they ask for something", async () => {
    const definition = command({
      needs: "nothing",
      async run(context) {
        await context.authorise("operate", { kind: "cluster" });
        return done;
      },
    });
    expect(await codesOf(carryOut(definition, front("observer"), {}))).toEqual(["NOT_ALLOWED"]);
    expect(await carryOut(definition, front("operator"), {})).toEqual(done);
    expect(short()).toEqual(["observer refused NOT_ALLOWED", "operator allowed"]);
  });
});

test("what a person typed gets to a command without the values of secrets", async () => {
  let got: unknown;
  const definition: CommandDefinition = {
    ...command({ run: async () => done }),
    async run(_context, args) {
      got = args;
      return done;
    },
  };
  const audit = { ...house.audit, redacted: async (text: string) => text.replaceAll("CANARY", "[secret db]") };
  await carryOut(definition, front("operator", { audit }), {
    reason: "pw is\n  CANARY",
    note: "CANARY",
    node: "n1",
    text: ["see", "CANARY"],
  });
  expect(got).toEqual({ reason: "pw is [secret db]", note: "[secret db]", node: "n1", text: ["see [secret db]"] });
});
