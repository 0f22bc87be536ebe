import { z } from "zod";
import { defineCommand } from "./command.ts";

/** `completion`: a script for a shell. */
export interface CompletionDocument {
  readonly halligan: 1;
  readonly kind: "completion";
  readonly shell: "bash" | "zsh" | "fish";
  readonly script: string;
}

/** Prints a completion script. */
export const completionCommand = defineCommand({
  id: "completion",
  area: "start",
  summary: "Print a script that lets your shell complete commands, options and names",
  args: () => z.object({ shell: z.enum(["bash", "zsh", "fish"]).describe("Your shell") }),
  positionals: ["shell"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It prints a script for a shell." },
  examples: [
    { line: "source <(halligan completion bash)", does: "for this bash; put it into ~/.bashrc to keep it" },
    { line: "halligan completion zsh > ~/.zfunc/_halligan", does: "for zsh, where ~/.zfunc is in fpath" },
    { line: "halligan completion fish > ~/.config/fish/completions/halligan.fish", does: "for fish" },
  ],
  async run(_context, { shell }) {
    const [{ commands }, { completionScript }] = await Promise.all([import("./registry.ts"), import("./completion-script.ts")]);
    const document: CompletionDocument = { halligan: 1, kind: "completion", shell, script: completionScript(shell, commands) };
    return { exit: 0, document: { ...document } };
  },
});
