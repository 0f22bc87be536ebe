import type { Clock } from "../../core/ports.ts";
import { later } from "../app/later.ts";
import type { Driver } from "../app/driver.ts";
import { problemLines } from "../data/problem-lines.ts";
import { clusterName, see } from "../data/world.ts";
import type { Intent, Row, Screen } from "../screens/screen.ts";
import type { ScreenTable } from "../screens/table.ts";
import { findCommand } from "../state/command-line.ts";
import { formOf } from "../state/form.ts";
import { layoutOf } from "../state/layout.ts";
import { runLine } from "../state/run-line.ts";
import { currentPage } from "../state/state.ts";
import { readColoured } from "../text/ansi.ts";
import { lineText } from "../text/line.ts";

/** Somebody to talk with, line by line. */
export interface Lines {
  say(text: string): void;
  /** `undefined` = nobody answers any more. */
  ask(prompt: string): Promise<string | undefined>;
  close(): void;
}

/** Rows that are read out at once; `more` goes on. */
const atOnce = 40;

/** How long to wait for data before the prompt comes back. */
const patienceMs = 10_000;

/**
 * The line mode: the same screens and commands as sentences and numbered lists, for screen readers, dumb terminals and pipes. Only the output
 * grows; nothing is drawn over.
 */
export async function talk(driver: Driver, table: ScreenTable, lines: Lines, clock: Clock, signal: AbortSignal): Promise<void> {
  let left = false;
  driver.on({ away: (work) => work(), redraw: () => undefined, quit: () => (left = true) });
  driver.begin();
  const stopTelling = tellAlong(driver, lines);
  let from = 0;
  try {
    lines.say("Halligan, line by line. `help` explains, `quit` leaves.");
    await readOut();
    while (!left && !signal.aborted) {
      const answer = await lines.ask(`${clusterName(driver.state.world) ?? "halligan"} ${title()}> `);
      if (answer === undefined) break;
      await obey(answer.trim());
    }
  } finally {
    stopTelling();
    lines.close();
  }

  function title(): string {
    const page = currentPage(driver.state.ui);
    return table.get(page.screen).title(page);
  }

  function shown(): readonly Row[] {
    const page = currentPage(driver.state.ui);
    return layoutOf(driver.state, table.get(page.screen), page).rows.filter(({ heading }) => heading !== true);
  }

  async function obey(line: string): Promise<void> {
    const rows = shown();
    const number = /^\d+$/u.test(line) ? Number(line) : undefined;
    if (line === "") return;
    if (number !== undefined) return choose(rows[number - 1], number);
    switch (line) {
      case "help":
      case "?":
        return explain();
      case "back":
        from = 0;
        driver.dispatch({ type: "intents", intents: [{ want: "back" }] });
        return readOut();
      case "more":
        from += atOnce;
        return readOut();
      case "again":
        from = 0;
        driver.dispatch({ type: "intents", intents: [{ want: "effect", effect: { do: "reload" } }] });
        return readOut();
      default:
        return command(line);
    }
  }

  async function choose(row: Row | undefined, number: number): Promise<void> {
    if (row === undefined) return lines.say(`There is no line ${number}.`);
    const open = table.get(currentPage(driver.state.ui).screen).actions["open"];
    if (open === undefined) return lines.say(row.text);
    await act(open, row);
  }

  /** Carries out an action of the screen on a row; what it changes or opens is read out. */
  async function act(action: Screen["actions"][string], row: Row | undefined): Promise<void> {
    const page = currentPage(driver.state.ui);
    const sight = {
      world: driver.state.world,
      param: page.param,
      local: page.local,
      list: page.list,
      look: driver.state.ui.look,
      width: 200,
      height: 100,
    };
    await carryOut(action({ ...sight, row, chosen: row === undefined ? [] : [row.id] }));
  }

  /** `replay 3`: an action of this screen, on a line where it is about one. */
  function actionFor(line: string): { readonly action: Screen["actions"][string]; readonly row: Row | undefined } | undefined {
    const [, name = "", number] = /^([a-z-]+)(?:\s+(\d+))?$/u.exec(line) ?? [];
    const page = currentPage(driver.state.ui);
    const action = table.get(page.screen).actions[name];
    if (action === undefined || findCommand([name]) !== undefined) return undefined;
    const rows = shown();
    return { action, row: number === undefined ? (rows.find(({ id }) => id === page.list.cursor) ?? rows[0]) : rows[Number(number) - 1] };
  }

  /** Reads out what the full screen shows beside a line. */
  async function tellAbout(row: Row | undefined): Promise<void> {
    if (row === undefined) return lines.say("There is no such line.");
    driver.dispatch({ type: "intents", intents: [{ want: "cursor", id: row.id }] });
    const side = () => {
      const page = currentPage(driver.state.ui);
      const { view } = layoutOf(driver.state, table.get(page.screen), page);
      return view.kind === "body" ? view.side : undefined;
    };
    const isThere = (): boolean => {
      const page = currentPage(driver.state.ui);
      const { world } = driver.state;
      return table
        .get(page.screen)
        .topics(world, page)
        .every((topic) => see(world, topic).phase !== "loading");
    };
    await until(isThere, patienceMs);
    const told = side();
    if (told === undefined) return lines.say(row.text);
    for (const text of [`${told.title}:`, ...told.lines(100).map(lineText)])
      if (text.trim() !== "") lines.say(text.replaceAll(/\s{2,}/gu, "  "));
  }

  async function command(line: string): Promise<void> {
    const about = /^about\s+(\d+)$/u.exec(line);
    if (about !== null) return tellAbout(shown()[Number(about[1]) - 1]);
    const own = actionFor(line);
    if (own !== undefined) return act(own.action, own.row);
    const wanted = runLine(line, driver.state.world, table);
    if ("form" in wanted) {
      const form = formOf(wanted.form, wanted.rest);
      return lines.say(
        `${wanted.form} needs more: \`help ${wanted.form}\` explains ${form?.values.map(({ key }) => key).join(", ") ?? "it"}.`,
      );
    }
    return carryOut(wanted);
  }

  async function carryOut(wanted: readonly Intent[]): Promise<void> {
    const jobs = driver.state.world.jobs.size;
    for (const intent of wanted) {
      if (intent.want === "form") {
        lines.say(`Type \`${[intent.command, ...intent.rest].join(" ")} ...\`; \`help ${intent.command}\` explains it.`);
        return;
      }
      if (intent.want !== "ask") {
        driver.dispatch({ type: "intents", intents: [intent] });
        continue;
      }
      const { confirmation } = intent;
      for (const text of confirmation.says) lines.say(text);
      const expect = confirmation.level === "asks" ? "yes" : (clusterName(driver.state.world) ?? "yes");
      const answer = await lines.ask(`Type ${expect} to go on: `);
      if (answer?.trim() !== expect) lines.say("Nothing was done.");
      else driver.dispatch({ type: "intents", intents: confirmation.effects.map((effect) => ({ want: "effect", effect })) });
    }
    from = 0;
    if (driver.state.world.jobs.size > jobs)
      await until(() => [...driver.state.world.jobs.values()].every(({ end }) => end !== undefined), Number.POSITIVE_INFINITY);
    if (!left && currentPage(driver.state.ui).screen !== "output") await readOut();
    else driver.dispatch({ type: "intents", intents: [{ want: "back" }] });
  }

  async function readOut(): Promise<void> {
    const page = (): ReturnType<typeof currentPage> => currentPage(driver.state.ui);
    const view = (): ReturnType<typeof layoutOf> => layoutOf(driver.state, table.get(page().screen), page());
    await until(() => view().view.kind !== "waiting", patienceMs);
    const { view: now } = view();
    switch (now.kind) {
      case "waiting":
        return lines.say(`Still reading ${now.what}; \`again\` looks again.`);
      case "failed":
        for (const row of problemLines(now.problems, 100)) lines.say(lineText(row));
        return;
      case "empty":
        return lines.say(`${now.says}${now.command === undefined ? "" : ` \`${now.command}\``}`);
      case "body": {
        for (const row of now.head)
          if (lineText(row).trim() !== "")
            lines.say(
              lineText(row)
                .trim()
                .replaceAll(/\s{2,}/gu, "  "),
            );
        const rows = view().rows;
        // Of what grows the newest is told first, and `more` goes back.
        const grown = now.startsAtEnd === true;
        const first = grown ? Math.max(0, rows.length - atOnce - from) : from;
        const end = grown ? rows.length - from : from + atOnce;
        let number = rows.slice(0, first).filter(({ heading }) => heading !== true).length;
        for (const row of rows.slice(first, end)) {
          const text = row.text.trim().replaceAll(/\s{2,}/gu, "  ");
          if (row.heading === true && text !== "") lines.say(`${text}:`);
          if (row.heading !== true) lines.say(`${(number += 1)}. ${text}`);
        }
        const left = grown ? first : rows.length - end;
        if (left > 0) lines.say(`${left} ${grown ? "earlier" : "more"} lines: \`more\`.`);
        return;
      }
      default:
        return now satisfies never;
    }
  }

  /** Resolves when it is so, or after `ms`, or when somebody ends the program. */
  async function until(isSo: () => boolean, ms: number): Promise<void> {
    if (isSo() || signal.aborted) return;
    const over = new AbortController();
    await new Promise<void>((resolve) => {
      const end = driver.subscribe(() => isSo() && done());
      signal.addEventListener("abort", done, { once: true });
      if (ms !== Number.POSITIVE_INFINITY) void later(clock, ms, over.signal, done);
      function done(): void {
        over.abort();
        end();
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }

  function explain(): void {
    lines.say(`Screens: ${table.tabs.map(({ id, about }) => `${id} (${about})`).join(" ")}`);
    lines.say(
      "A number opens that line. `back` goes back, `more` goes on, `again` reads again, `about 3` tells more of line 3, `quit` leaves; a run goes on.",
    );
    const { keys, actions } = table.get(currentPage(driver.state.ui).screen);
    const own = keys.filter(({ action }) => actions[action] !== undefined && action !== "open" && findCommand([action]) === undefined);
    if (own.length > 0)
      lines.say(
        `Here also, with the number of a line where it is about one: ${own.map(({ action, label }) => `\`${action}\` (${label})`).join(", ")}.`,
      );
    lines.say("Every command works as on the command line: `plan`, `apply P-1`, `logs web-1`; `help COMMAND` explains one.");
  }
}

/** Says notices and the output of commands as they come. */
function tellAlong(driver: Driver, lines: Lines): () => void {
  let notice = driver.state.ui.notice;
  const told = new Map<number, number>();
  return driver.subscribe(() => {
    const { ui, world } = driver.state;
    for (const job of world.jobs.values()) {
      const from = told.get(job.id) ?? 0;
      for (const text of job.lines.slice(Math.max(0, from - job.dropped))) lines.say(lineText(readColoured(text)));
      told.set(job.id, job.dropped + job.lines.length);
    }
    if (ui.notice !== notice && ui.notice !== undefined) lines.say(ui.notice.text);
    notice = ui.notice;
  });
}
