import { Box, Text, render, useApp, useInput, usePaste, useStdin, useWindowSize } from "ink";
import { createElement, memo, useEffect, useRef, useSyncExternalStore, type ReactNode } from "react";
import { createPicture } from "../frame/picture.ts";
import { keyNames } from "../keys/key-names.ts";
import { mouseEvents, mouseKeys, mouseOff, mouseOn } from "../keys/mouse.ts";
import type { ScreenTable } from "../screens/table.ts";
import type { Driver } from "./driver.ts";

/** The streams of the terminal. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/**
 * One terminal row: one `Text`, drawn again only when it says something else. Views are made without JSX: Node runs the sources as they are,
 * which it can do with `.ts` and not with `.tsx`, and all that React has to draw is this.
 */
const Row = memo(function Row({ text }: { readonly text: string }): ReactNode {
  return createElement(Text, { wrap: "truncate-end" }, text === "" ? " " : text);
});

/** Listening to the mouse: other programs that take the terminal for a while must not get its reports. */
interface Mouse {
  listen(): void;
  end(): void;
}

/**
 * Ink stops listening to the terminal, but Node would go on reading from it: keys typed for the other program would be lost. Only a stream that
 * flows and is then paused stops reading.
 */
async function letGo(stdin: NodeJS.ReadableStream, aMoment: () => Promise<void>): Promise<void> {
  await aMoment(); // until the stream knows that nobody listens
  stdin.resume();
  stdin.pause();
  await aMoment();
}

interface ScreenProps {
  readonly driver: Driver;
  readonly table: ScreenTable;
  readonly now: () => number;
  readonly mouse: Mouse | undefined;
  readonly aMoment: () => Promise<void>;
}

function Screen({ driver, table, now, mouse, aMoment }: ScreenProps): ReactNode {
  const { columns, rows } = useWindowSize();
  const picture = useRef(createPicture(table)).current;
  // Ink builds the whole screen anew whenever anything is rendered, so nothing is rendered when every row says what it said.
  const lines = useSyncExternalStore(driver.subscribe, () => picture(driver.state, columns, rows));
  const { exit, suspendTerminal } = useApp();
  const { stdin } = useStdin();
  useEffect(() => {
    driver.on({
      async away(work) {
        let result: Awaited<ReturnType<typeof work>> | undefined;
        await suspendTerminal(async () => {
          mouse?.end();
          await letGo(stdin, aMoment);
          result = await work();
          mouse?.listen();
        });
        return result as Awaited<ReturnType<typeof work>>;
      },
      redraw: () => void suspendTerminal(() => undefined),
      quit: () => exit(),
    });
    driver.begin(); // what is drawn first is on the screen by now
  }, [driver, mouse, exit, stdin, aMoment, suspendTerminal]);
  useEffect(() => {
    if (columns !== driver.state.ui.size.columns || rows !== driver.state.ui.size.rows) driver.dispatch({ type: "size", columns, rows });
  }, [driver, columns, rows]);
  useInput((input, key) => driver.dispatch({ type: "keys", names: keyNames(input, key), at: now() }));
  usePaste((text) => driver.dispatch({ type: "paste", text }));
  return createElement(
    Box,
    { flexDirection: "column", width: columns, height: rows },
    ...lines.map((text, index) => createElement(Row, { key: index, text })),
  );
}

/** How to draw. */
export interface DrawOptions {
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Listen to the mouse. */
  readonly mouse: boolean;
  /** Waits until everything that is due already has happened. */
  readonly aMoment: () => Promise<void>;
}

/** Passes on what the mouse does; Ink takes such reports for nothing and drops them. */
function createMouse(driver: Driver, table: ScreenTable, { stdin, stdout }: Streams, now: () => number): Mouse {
  const hear = (piece: Buffer | string): void => {
    for (const event of mouseEvents(piece.toString("latin1"))) {
      const names = mouseKeys(event, driver.state, table);
      if (names.length > 0) driver.dispatch({ type: "keys", names, at: now() });
    }
  };
  return {
    listen() {
      stdin.on("data", hear);
      stdout.write(mouseOn);
    },
    end() {
      stdin.off("data", hear);
      stdout.write(mouseOff);
    },
  };
}

/** Draws until the person leaves or `signal` aborts; the terminal is as it was before, however it ends. @throws what drawing throws. */
export async function draw(
  driver: Driver,
  table: ScreenTable,
  streams: Streams,
  { now, signal, mouse, aMoment }: DrawOptions,
): Promise<void> {
  const listening = mouse ? createMouse(driver, table, streams, now) : undefined;
  const app = render(createElement(Screen, { driver, table, now, mouse: listening, aMoment }), {
    ...streams,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: 60,
    exitOnCtrlC: false,
    interactive: true,
    isScreenReaderEnabled: false,
  });
  listening?.listen();
  const leave = (): void => app.unmount();
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  try {
    await app.waitUntilExit();
  } finally {
    signal.removeEventListener("abort", leave);
    listening?.end();
    app.unmount();
  }
}
