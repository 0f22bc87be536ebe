import { identify } from "../../core/authority/authorise.ts";
import type { Authority } from "../../core/authority/people.ts";
import { principalText } from "../../core/authority/principal.ts";
import { type CommandDefinition, freeTextArgs } from "../../core/commands/command.ts";
import { fail } from "../../core/errors.ts";
import type { SlackCaller } from "../inbound/inbound.ts";

const whole = /^<@([UW][A-Z0-9]{2,30})>$/u;
const anywhere = /<@([UW][A-Z0-9]{2,30})>/gu;

/**
 * Arguments with mentions of people (`<@U123>`) as the command knows people: a person of people.yaml, or a principal where one is asked for.
 * In free text an unknown one stays as its id. @throws `PERSON_UNKNOWN` for somebody who is nobody here.
 */
export async function resolveMentions(
  { args: schema }: CommandDefinition,
  args: Readonly<Record<string, unknown>>,
  caller: SlackCaller,
  authority: () => Promise<Authority>,
): Promise<Readonly<Record<string, unknown>>> {
  if (!JSON.stringify(args).includes("<@")) return args;
  const known = await authority();
  const principal = (user: string): string =>
    principalText({
      kind: "slack",
      team: caller.team,
      user,
      ...(caller.enterprise === undefined ? {} : { enterprise: caller.enterprise }),
    });
  const person = (user: string): string | undefined => {
    const found = identify(known, { principal: principal(user) });
    return found.allowed ? found.person : undefined;
  };
  const resolve = (key: string, text: string): string => {
    const free = (freeTextArgs as readonly string[]).includes(key);
    if (free) return text.replaceAll(anywhere, (_, user: string) => `@${person(user) ?? user}`);
    const user = whole.exec(text)?.[1];
    if (user === undefined) return text;
    if (key === "principal") return principal(user);
    const found = person(user);
    if (found !== undefined) return found;
    throw fail("PERSON_UNKNOWN", {
      message: `${principal(user)} is nobody in people.yaml.`,
      hint: "Name them as people.yaml does, or tie their account to a person first: `halligan help link`.",
    });
  };
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => {
      if (!(key in schema.shape)) return [key, value];
      if (typeof value === "string") return [key, resolve(key, value)];
      return [key, Array.isArray(value) ? value.map((each: unknown) => (typeof each === "string" ? resolve(key, each) : each)) : value];
    }),
  );
}
