/** What a key means to somebody who follows a run. */
export type KeyMeaning =
  | { readonly asking: boolean; readonly does: "nothing" }
  | { readonly asking: boolean; readonly does: "detach" }
  | { readonly asking: boolean; readonly does: "cancel"; readonly how: "after-step" | "now" };

const interrupt = "\u0003";

/** What the key pressed means, given whether the question stands already. Pure. */
export function keyMeaning(asking: boolean, key: string): KeyMeaning {
  if (key === interrupt) return asking ? { asking: false, does: "detach" } : { asking: true, does: "nothing" };
  if (!asking) return { asking: false, does: "nothing" };
  switch (key) {
    case "d":
    case "D":
      return { asking: false, does: "detach" };
    case "c":
    case "C":
      return { asking: false, does: "cancel", how: "after-step" };
    case "n":
    case "N":
      return { asking: false, does: "cancel", how: "now" };
    default:
      return { asking: false, does: "nothing" };
  }
}

/** The question after the first Ctrl+C. */
export function dialogueLines(run: string, engine: string): readonly string[] {
  // The process may be this one: then another one on this machine goes on.
  const [host = ""] = engine.split(":");
  const where = host === "" ? "" : `, carried out on ${host}`;
  return [
    `Leave ${run}, or end it?`,
    `  d  detach: it goes on${where}; \`halligan watch ${run}\` comes back`,
    "  c  cancel after the steps that run now",
    "  n  cancel now: running steps are told to end",
    "  any other key: go on watching; Ctrl+C again: detach",
  ];
}
