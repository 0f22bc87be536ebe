import { HalliganError } from "../../core/errors.ts";
import { commands } from "../../core/commands/registry.ts";
import { noSlackSettings, type SlackSettings } from "../../core/model/slack-settings.ts";
import type { GrammarContext } from "../grammar/parse.ts";
import type { ThreadSubject } from "../grammar/thread.ts";
import type { BotPorts } from "../ports.ts";

/** Which clusters may be named in a conversation, and where the others may be. */
export interface Reach {
  readonly context: GrammarContext;
  readonly settings: ReadonlyMap<string, SlackSettings>;
  /** Clusters whose slack.yaml cannot be read: nothing of them is answered. */
  readonly broken: ReadonlyMap<string, HalliganError>;
}

/** Finds that out. In a direct conversation every cluster may be named: what is told there is told to one person. */
export async function reachOf(
  ports: BotPorts,
  {
    channel,
    direct,
    prefix,
    thread,
  }: { readonly channel: string; readonly direct: boolean; readonly prefix: string; readonly thread?: ThreadSubject | undefined },
): Promise<Reach> {
  const settings = new Map<string, SlackSettings>();
  const broken = new Map<string, HalliganError>();
  for (const { name, settings: read } of ports.clusters.values()) {
    try {
      settings.set(name, await read());
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      broken.set(name, error);
    }
  }
  const allowed = (name: string): boolean => {
    const { channels } = settings.get(name) ?? noSlackSettings;
    return direct || channels === undefined || channels.has(channel);
  };
  const names = [...ports.clusters.keys()];
  const elsewhere = names.filter((name) => !broken.has(name) && !allowed(name));
  return {
    context: {
      commands,
      clusters: names.filter((name) => broken.has(name) || allowed(name)),
      elsewhere: new Map(elsewhere.map((name) => [name, [...(settings.get(name)?.channels ?? [])]])),
      prefix,
      // A thread that was begun before the cluster was taken out of the channel says nothing any more.
      ...(thread === undefined || elsewhere.includes(thread.cluster) || !ports.clusters.has(thread.cluster) ? {} : { thread }),
    },
    settings,
    broken,
  };
}
