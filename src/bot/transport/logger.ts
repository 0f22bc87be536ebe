import { type Logger, LogLevel } from "@slack/web-api";

/** Tokens as Slack makes them, and addresses that let their reader in. */
const secretForms = /\bx(?:ox[a-z]|app)-[\w-]+|(?<=[?&]ticket=)[^\s&"']+/gu;

/** Takes everything out of a line that must not be in a log. */
export function withoutTokens(line: string): string {
  return line.replaceAll(secretForms, "[redacted]");
}

/** What Slack's libraries say, as far as it is for an operator: warnings and errors, one line each, never payloads. */
export function quietLogger(log: (line: string) => void, name: string): Logger {
  const say = (...said: unknown[]): void => {
    const text = said.map((each) => (each instanceof Error ? each.message : String(each))).join(" ");
    log(
      withoutTokens(`${name}: ${text}`)
        .replaceAll(/\s*\n\s*/gu, " ")
        .slice(0, 500),
    );
  };
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: say,
    error: say,
    setLevel: () => undefined, // DEBUG prints payloads
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
