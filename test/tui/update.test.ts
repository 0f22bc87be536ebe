import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commands } from "../../src/core/commands/registry.ts";
import { screens } from "../../src/tui/screens/registry.ts";
import { standardKeymap } from "../../src/tui/screens/table.ts";
import { findCommand } from "../../src/tui/state/command-line.ts";
import { currentPage, type Effect } from "../../src/tui/state/state.ts";
import { samplePlan } from "../cli/views/sample-plan.ts";
import { Rig, now, worldOf } from "./rig.ts";

const many = Array.from({ length: 1_000 }, (_, index) => `cmp${index + 1}`);

function rigOf(): Rig {
  return new Rig({ plan: samplePlan });
}

/** Effects that change something. */
function changing(effects: readonly Effect[]): readonly Effect[] {
  const risky = (argv: readonly string[]): boolean => {
    const command = findCommand(argv)?.command;
    if (argv.includes("--plan-only")) return false; // shown on a page of its own, where `A` asks
    return command?.risk !== "read" && command?.id !== "plan" && command?.id !== "discover";
  };
  return effects.filter((effect) => effect.do === "run" && risky(effect.argv));
}

describe("lists", () => {
  test("a word of the filter in quotes stands for the whole name", () => {
    const rig = new Rig({ nodes: ["n1", "n10", "db-n1", "n1.b", "n2"] }).press("/").type('"n1"');
    expect(rig.text()).toContain("1 of 5");
    rig.press("backspace", "backspace", "backspace", "backspace").type("n1");
    expect(rig.text()).toContain("4 of 5");
  });

  test("the cursor stays on its row when rows come and go, and says when its row is gone", () => {
    const rig = rigOf().press("j", "j");
    expect(currentPage(rig.state.ui).list.cursor).toBe("web3");
    rig.send({ type: "world", world: worldOf({ nodes: ["aaa", "web1", "web3"] }) });
    expect(currentPage(rig.state.ui).list).toMatchObject({ cursor: "web3", index: 2 });
    rig.send({ type: "world", world: worldOf({ nodes: ["aaa", "web1"] }) });
    expect(currentPage(rig.state.ui).list.cursor).toBe("web1");
    expect(rig.text()).toContain("web3 is no longer in the list.");
  });

  test("a thousand rows: only those on the screen are drawn, the ends are reached", () => {
    const rig = new Rig({ nodes: many });
    expect(rig.press("G").text()).toContain("›  cmp1000");
    expect(rig.press("pgup").text()).toContain("cmp976");
    expect(rig.press("g").text()).toContain("›  cmp1 ");
    expect(rig.press("/").type("cmp99").press("enter").text()).toContain("11 of 1000");
  });

  test("marks are what a bulk action is about", () => {
    const rig = rigOf().press("space", "space", "d");
    expect(rig.effects).toEqual([{ do: "run", argv: ["discover", "web1", "web2"], show: "quiet" }]);
    expect(rig.text()).toContain("2 marked");
  });

  test("a filter is left with esc as it was, and taken away with the next", () => {
    const rig = rigOf().press("/").type("lb").press("enter");
    expect(rig.text()).toContain("1 of 5");
    rig.press("/").type("x").press("esc");
    expect(currentPage(rig.state.ui).list.filter).toBe("lb");
    expect(currentPage(rig.press("esc").state.ui).list.filter).toBe("");
  });
});

describe("questions", () => {
  test("what destroys wants the cluster's name typed, and runs exactly the plan that was shown", () => {
    const rig = rigOf().press("2", "A");
    rig.send({ type: "world", world: worldOf({ plan: { ...samplePlan, id: "P-8" } }) });
    rig.press("y", "enter");
    expect(rig.effects).toEqual([]);
    rig.press("ctrl+u").type("hack-lab").press("enter");
    expect(rig.effects).toEqual([
      { do: "run", argv: ["apply", "P-7", "--yes", "--detach"], show: "quiet", opens: { screen: "run", param: "" } },
    ]);
  });

  test("a paste never answers", () => {
    const rig = rigOf().press("2", "A");
    rig.send({ type: "paste", text: "hack-lab\r" });
    rig.together(..."hack-lab".split(""), "enter");
    expect(rig.effects).toEqual([]);
  });

  test("what was typed ahead never answers", () => {
    const quick = {
      ...samplePlan,
      body: { ...samplePlan.body, nodeRoles: samplePlan.body.nodeRoles.filter(({ action }) => action === "apply") },
    };
    const plain = new Rig({ plan: quick }).press("2").together("A", "y");
    expect(plain.effects).toEqual([]);
    expect(plain.atOnce("y").effects).toEqual([]);
    expect(plain.press("y").effects).toHaveLength(1);
  });

  test("esc and Ctrl+C leave it", () => {
    expect(rigOf().press("2", "A", "esc").text()).toContain("nothing was done");
    expect(rigOf().press("2", "A", "ctrl+c").state.ui.overlay).toBeUndefined();
  });
});

function rigWith(command: string): { readonly overlay: Rig["state"]["ui"]["overlay"]; readonly effects: Rig["effects"] } {
  const rig = rigOf().press(":").type(command).press("enter");
  return { overlay: rig.state.ui.overlay, effects: rig.effects };
}

describe("the palette", () => {
  test("runs a command, shows the equal command line, and remembers it", () => {
    const rig = rigOf().press(":").type("doctor web1");
    expect(rig.text()).toContain("halligan doctor web1");
    rig.press("enter");
    expect(rig.effects).toEqual([
      { do: "remember", line: "doctor web1" },
      { do: "run", argv: ["doctor", "web1"], show: "output" },
    ]);
  });

  test("finds by a few letters, and opens screens", () => {
    const rig = rigOf().press(":").type("depl").press("enter");
    expect(currentPage(rig.state.ui).screen).toBe("deployments");
  });

  test("asks for what is missing in a form", () => {
    const rig = rigOf().press(":").type("facts").press("enter");
    expect(rig.state.ui.overlay?.kind).toBe("form");
    expect(rig.press("enter").text()).toContain("NODE has to be given.");
    rig.type("web2").press("enter");
    expect(rig.effects.at(-1)).toEqual({ do: "run", argv: ["facts", "web2"], show: "output" });
  });

  test("apply without a plan makes one first", () => {
    const rig = rigOf().press(":").type("apply").press("enter");
    expect(rig.effects.at(-1)).toMatchObject({ argv: ["plan"], opens: { screen: "plan" } });
  });

  test.each([
    ["lock --reason x", "asks"],
    ["unlock --force --reason x", "types"],
    ["pause", "asks"],
    ["cancel", "asks"],
    ["cancel --abandon", "types"],
    ["schedule P-7 --in 1h", "types"],
    ["breakglass P-7 --reason burning-down", "types"],
    ["freeze --reason x", "asks"],
    ["verify --prove", "asks"],
    ["verify --capability=sql-rows-return", "asks"],
  ] as const)("%s is asked at level %s", (line, level) => {
    const rig = rigOf().press(":").type(line).press("enter");
    const { overlay } = rig.state.ui;
    expect(overlay?.kind === "confirm" ? overlay.asked.level : overlay?.kind).toBe(level);
    expect(changing(rig.effects)).toEqual([]);
  });

  test.each([
    ["retry R-1", ["retry", "R-1", "--plan-only"]],
    ["reset --nodes web1", ["reset", "--nodes", "web1", "--plan-only"]],
  ] as const)("%s shows its plan first, which is then applied by its own question", (line, argv) => {
    const rig = rigOf().press(":").type(line).press("enter");
    expect(rig.effects.at(-1)).toMatchObject({ do: "run", argv, opens: { screen: "plan", param: "" } });
    expect(rig.state.ui.overlay).toBeUndefined();
  });

  test("rebuild, which has two plans, asks for itself on the whole terminal", () => {
    const rig = rigOf().press(":").type("rebuild web1").press("enter");
    expect(rig.effects.at(-1)).toEqual({ do: "foreground", what: { kind: "command", argv: ["rebuild", "web1"] } });
  });

  test.each(["set", "propose"])("%s without anything opens its form", (id) => {
    expect(rigWith(id).overlay).toMatchObject({ kind: "form", command: id });
  });

  test("what only forgets wants the name", () => {
    const rig = rigOf().press(":").type("reset --nodes web1 --forget --reason dead").press("enter");
    expect(rig.state.ui.overlay).toMatchObject({ kind: "confirm", expect: "hack-lab" });
    expect(changing(rig.effects)).toEqual([]);
  });

  test("whatever destroys wants the name, or shows a plan first", () => {
    const names = commands.filter(({ risk, hidden }) => risk === "destructive" && hidden !== true);
    expect(names.length).toBeGreaterThan(3);
    const hasty = names.filter(({ id }) => {
      const { overlay, effects } = rigWith(id);
      const last = effects.at(-1);
      const plans = last?.do === "run" && last.argv.includes("--plan-only");
      return overlay?.kind === "confirm" ? overlay.asked.level !== "types" : overlay?.kind !== "form" && !plans;
    });
    expect(hasty).toEqual([]);
  });

  test("what runs a plan says what the plan does", () => {
    expect(rigOf().press(":").type("breakglass P-7 --reason burning-down").press("enter").text()).toContain("cannot be brought back");
  });

  test("D shows what differs on the node of the cursor", () => {
    const rig = rigOf().press("D");
    expect(currentPage(rig.state.ui)).toMatchObject({ screen: "plan", list: { filter: '"web1"' } });
    expect(rig.text()).toContain("what differs on web1");
    expect(new Rig({}).press("D").text()).toContain("No plan has looked at web1 yet");
  });

  test("lab down wants the name", () => {
    const rig = rigOf().press(":").type("lab down").press("enter");
    expect(rig.state.ui.overlay).toMatchObject({ kind: "confirm", expect: "hack-lab" });
  });
});

test("random keys: nothing is changed without an answer, every frame is whole", () => {
  const keys = [
    "j",
    "k",
    "g",
    "G",
    "enter",
    "esc",
    "h",
    "l",
    "1",
    "2",
    "6",
    "7",
    "/",
    ":",
    "?",
    "y",
    "n",
    "A",
    "p",
    "d",
    "s",
    "space",
    "*",
    "tab",
    "up",
    "down",
    "left",
    "right",
    "pgdn",
    "pgup",
    "backspace",
    "a",
    "x",
    "-",
    "é",
    "日",
    "ctrl+r",
    "ctrl+t",
    "&",
    "!",
    "o",
    "w",
    ">",
    "J",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...keys), { minLength: 20, maxLength: 200 }), fc.boolean(), (pressed, small) => {
      const rig = new Rig({ plan: samplePlan, size: small ? [60, 12] : [100, 30] });
      for (const key of pressed) {
        const { overlay } = rig.state.ui;
        const before = rig.effects.length;
        rig.press(key);
        if (changing(rig.effects.slice(before)).length === 0) continue;
        // Only `y` on a question that can be taken back, or the cluster's name and enter.
        const answer =
          overlay?.kind === "confirm" ? [overlay.asked.level, overlay.asked.level === "asks" ? "" : overlay.field.text, key] : undefined;
        expect([
          ["asks", "", "y"],
          ["types", "hack-lab", "enter"],
        ]).toContainEqual(answer);
      }
      expect(rig.rows()).toHaveLength(small ? 12 : 30);
    }),
    { numRuns: 120 },
  );
});

test("20,000 of any keys, pastes and sizes: never an exception, never a change without an answer", () => {
  const any = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(...screens.all.flatMap(({ keys }) => keys.flatMap((row) => row.keys)), "enter", "y", ":", "esc"),
    },
    { weight: 2, arbitrary: fc.constantFrom(...standardKeymap(screens).flatMap(({ keys }) => keys)) },
    { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 1, unit: "grapheme" }) },
  );
  const input = fc.oneof(
    { weight: 20, arbitrary: any.map((name) => ({ type: "keys", names: [name] }) as const) },
    { weight: 2, arbitrary: fc.array(any, { maxLength: 6 }).map((names) => ({ type: "keys", names }) as const) },
    { weight: 1, arbitrary: fc.string({ maxLength: 20 }).map((text) => ({ type: "paste", text }) as const) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.integer({ min: 1, max: 310 }), fc.integer({ min: 1, max: 95 }))
        .map(([columns, rows]) => ({ type: "size", columns, rows }) as const),
    },
  );
  fc.assert(
    fc.property(fc.array(input, { minLength: 500, maxLength: 500 }), (all) => {
      const rig = new Rig({ plan: samplePlan });
      for (const [index, message] of all.entries()) {
        const { overlay } = rig.state.ui;
        const before = rig.effects.length;
        rig.send(message.type === "keys" ? { ...message, at: now + index * 1_000 } : message);
        const changes = changing(rig.effects.slice(before));
        if (changes.length === 0) continue;
        expect(message.type).toBe("keys");
        const names = message.type === "keys" ? message.names : [];
        // An empty form can be sent only to its own question, so nothing but an answered question changes anything.
        expect(overlay?.kind).toBe("confirm");
        expect(names).toEqual(overlay?.kind === "confirm" && overlay.asked.level === "asks" ? ["y"] : ["enter"]);
      }
      expect(rig.rows()).toHaveLength(rig.state.ui.size.rows);
    }),
    { numRuns: 40 },
  );
});

test("nothing moves in time alone but ages", () => {
  const rig = rigOf();
  const before = rig.text();
  rig.send({ type: "world", world: { ...rig.state.world, now: now + 1_000 } });
  expect(rig.text()).toBe(before);
});
