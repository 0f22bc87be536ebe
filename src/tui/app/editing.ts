import { HalliganError } from "../../core/errors.ts";
import { filesTopic } from "../data/topics.ts";
import { type World, known } from "../data/world.ts";
import type { Foreground, TuiPorts } from "../ports.ts";
import type { Intent } from "../screens/screen.ts";
import { afterEdit } from "../state/ask-replan.ts";

/** Gives a file to the person's editor; afterwards tells what that means for the cluster: problems with their places, or the offer of a new plan. */
export async function edit(
  what: Extract<Foreground, { kind: "editor" }>,
  ports: TuiPorts,
  away: (work: () => Promise<string | undefined>) => Promise<string | undefined>,
  world: () => World,
): Promise<readonly Intent[]> {
  const { file } = what;
  const before = await ports.readText(file);
  const revision = known(world(), filesTopic)?.revision;
  const said = await away(() => ports.foreground(what));
  if (said !== undefined) return [{ want: "notice", tone: "warn", text: said }];
  const edited = { file, before, after: await ports.readText(file) };
  try {
    return afterEdit(edited, { files: await ports.sources.load() }, revision, world());
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    return afterEdit(edited, { problems: error.problems }, revision, world());
  }
}
