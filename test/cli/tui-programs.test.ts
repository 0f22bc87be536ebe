import { describe, expect, test } from "vitest";
import { frontOf } from "../../src/cli/front.ts";
import { chosenProgram, programWords, sshWords } from "../../src/cli/tui/programs.ts";

describe("pager and editor", () => {
  test("an empty variable counts as none, VISUAL comes before EDITOR, options stay", () => {
    expect(chosenProgram("editor", {})).toMatchObject({ command: "vi", variable: undefined });
    expect(chosenProgram("editor", { VISUAL: " ", EDITOR: "nano -w" })).toMatchObject({ command: "nano -w", variable: "EDITOR" });
    expect(chosenProgram("editor", { VISUAL: "code --wait", EDITOR: "nano" })).toMatchObject({
      command: "code --wait",
      variable: "VISUAL",
    });
    expect(chosenProgram("pager", { PAGER: "" }).variable).toBeUndefined();
  });

  test("one that is missing, or cannot be started, is told with what to set", () => {
    const pager = chosenProgram("pager", { PAGER: "most -w" });
    expect(programWords(pager, { kind: "exit", code: 0 })).toBeUndefined();
    expect(programWords(pager, { kind: "exit", code: 127 })).toBe(
      "`most -w` ($PAGER) was not found: set $PAGER to one that is there, such as `export PAGER=less`.",
    );
    expect(programWords(pager, { kind: "exit", code: 126 })).toContain("perhaps it is not executable");
    expect(programWords(pager, { kind: "killed", signal: "SIGKILL" })).toBe("`most -w` ($PAGER) was ended by SIGKILL.");
    expect(programWords(chosenProgram("editor", {}), { kind: "exit", code: 127 })).toBe(
      "There is no editor on this machine: set $VISUAL to one that is there, such as `export VISUAL=nano`.",
    );
  });
});

test("ssh that fails names the next action; the exit code of a shell that was left says nothing", () => {
  expect(sshWords("n1", { kind: "exit", code: 130 })).toBeUndefined();
  expect(sshWords("n1", { kind: "exit", code: 255 })).toContain("`halligan doctor n1`");
  expect(sshWords("n1", { kind: "absent", program: "ssh", why: "ENOENT" })).toContain("install the OpenSSH client");
});

test("a command line can be told apart as the terminal UI's, and as nothing else", () => {
  expect(frontOf({ HALLIGAN_FRONT: "tui" })).toBe("tui");
  for (const word of ["slack", "engine", "cli", "", "TUI"]) expect(frontOf({ HALLIGAN_FRONT: word })).toBe("cli");
  expect(frontOf({})).toBe("cli");
});
