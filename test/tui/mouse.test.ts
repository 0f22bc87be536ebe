import { describe, expect, test } from "vitest";
import { frame } from "../../src/tui/frame/frame.ts";
import { mouseEvents, mouseKeys } from "../../src/tui/keys/mouse.ts";
import { screens } from "../../src/tui/screens/registry.ts";
import { currentPage } from "../../src/tui/state/state.ts";
import { lineText } from "../../src/tui/text/line.ts";
import { samplePlan } from "../cli/views/sample-plan.ts";
import { Rig } from "./rig.ts";

const many = Array.from({ length: 200 }, (_, index) => `cmp${index + 1}`);

/** Presses on the row of the screen that shows this text, as a terminal reports it. */
function pressOn(rig: Rig, text: string, column = 5): void {
  const row = frame(rig.state, screens).findIndex((each) => lineText(each).includes(text)) + 1;
  expect(row).toBeGreaterThan(0);
  for (const event of mouseEvents(`\u001b[<0;${column};${row}M\u001b[<0;${column};${row}m`))
    for (const name of mouseKeys(event, rig.state, screens)) rig.press(name);
}

const cursor = (rig: Rig): string | undefined => currentPage(rig.state.ui).list.cursor;

describe("the mouse", () => {
  test("reports are read out of what else is typed; only presses of the left button and the wheel count", () => {
    expect(mouseEvents("j\u001b[<64;1;1Mk\u001b[<65;10;20M\u001b[<0;7;9M\u001b[<0;7;9m\u001b[<2;7;9M")).toEqual([
      { what: "wheel-up" },
      { what: "wheel-down" },
      { what: "press", column: 7, row: 9 },
    ]);
  });

  test.each([[[80, 24]], [[60, 12]], [[120, 35]]] as const)("a press moves the cursor to that row at %s", (size) => {
    const rig = new Rig({ nodes: many, size });
    pressOn(rig, "cmp4 ");
    expect(cursor(rig)).toBe("cmp4");
    rig.press("G");
    pressOn(rig, "cmp198 ");
    expect(cursor(rig)).toBe("cmp198");
    pressOn(rig, "cmp200 ");
    expect(cursor(rig)).toBe("cmp200");
  });

  test("the wheel moves through rows", () => {
    const rig = new Rig({ nodes: many });
    for (const event of mouseEvents("\u001b[<65;1;1M\u001b[<65;1;1M\u001b[<64;1;1M"))
      for (const name of mouseKeys(event, rig.state, screens)) rig.press(name);
    expect(cursor(rig)).toBe("cmp4");
  });

  test("a press on the tabs, the side panel or below the rows moves nothing", () => {
    const rig = new Rig({ nodes: many.slice(0, 5), size: [120, 35] });
    const before = cursor(rig);
    for (const [column, row] of [
      [5, 1],
      [5, 2],
      [5, 34],
      [5, 20],
    ] as const)
      expect(mouseKeys({ what: "press", column, row }, rig.state, screens)).toEqual([]);
    expect(cursor(rig)).toBe(before);
  });

  test("while a question is open the mouse does nothing", () => {
    const rig = new Rig({ plan: samplePlan }).press("2", "A");
    expect(rig.state.ui.overlay).toBeDefined();
    for (const event of mouseEvents("\u001b[<65;1;1M\u001b[<0;30;12M")) expect(mouseKeys(event, rig.state, screens)).toEqual([]);
  });
});
