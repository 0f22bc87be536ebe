import { principalText } from "../core/authority/principal.ts";
import { keepFedGroups } from "../core/authority/people/fed-groups.ts";
import type { BotPorts, ServedCluster, SlackClients } from "./ports.ts";
import { faultProblem, slackFault } from "./send/slack-fault.ts";

/** How often members are read; they are believed for a minute (`fedLifetimeMs`). Slack allows 20 such calls a minute. */
const readEveryMs = 25_000;

/** What keeping groups needs. */
export interface GroupsOptions {
  readonly cluster: ServedCluster;
  readonly clients: SlackClients;
  readonly ports: Pick<BotPorts, "clock" | "log">;
  readonly signal: AbortSignal;
}

/**
 * Keeps members of the Slack user groups that slack.yaml names, for groups of people.yaml. What cannot be read is not kept, and then counts as
 * empty a minute later: membership that nobody can check gives nothing.
 */
export async function keepGroups({ cluster, clients, ports, signal }: GroupsOptions): Promise<void> {
  const { clock, log } = ports;
  let told = "";
  let had = false;
  while (!signal.aborted) {
    try {
      const { groups } = await cluster.settings();
      if (groups.size > 0 || had) await keepFedGroups(cluster.house.store, await membersOf(groups, clients), clock.now());
      had = groups.size > 0;
      told = "";
    } catch (error) {
      const line = error instanceof Error ? error.message : String(error);
      if (line !== told) log(`${cluster.name}: members of Slack's user groups are not known: ${line}`);
      told = line;
    }
    await clock.sleep(readEveryMs, signal).catch(() => undefined);
  }
}

async function membersOf(groups: ReadonlyMap<string, string>, clients: SlackClients): Promise<ReadonlyMap<string, readonly string[]>> {
  const me = clients.identity();
  const found = new Map<string, readonly string[]>();
  for (const [group, id] of groups) {
    if (me === undefined) return new Map();
    try {
      const { users = [] } = await clients.progress.usergroups.users.list({
        usergroup: id,
        ...(me.enterprise === undefined ? {} : { team_id: me.team }),
      });
      const { team, enterprise } = me;
      found.set(
        group,
        users.map((user) => principalText({ kind: "slack", team, user, ...(enterprise === undefined ? {} : { enterprise }) })),
      );
    } catch (error) {
      throw faultProblem(slackFault(error), `read the members of the user group ${id}`);
    }
  }
  return found;
}
