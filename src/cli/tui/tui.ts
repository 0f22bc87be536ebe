import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import type { TuiEnd, TuiWish } from "../../core/commands/local.ts";
import type { House, LoadedCluster } from "../../core/house.ts";
import { factsByNode } from "../../core/inventory/record.ts";
import { createPresenter } from "../../core/presence/presence.ts";
import type { ThemeName } from "../../tui/text/look.ts";
import { readFiles } from "../house/files.ts";
import { createHousePolicy } from "../house/policy.ts";
import { userName } from "../user-name.ts";
import { copyToTerminal, createForeground, suspendSelf } from "./foreground.ts";
import { historyFile, watchFiles } from "./files.ts";
import { fullScreen } from "./full-screen.ts";
import { ownKeys } from "./own-keys.ts";
import { createRunner, joinOptions } from "./runner.ts";
import { askLines } from "./lines.ts";
import { startTui } from "../../tui/start.ts";
import type { TuiPorts } from "../../tui/ports.ts";

/** Which cluster, and how one asked for it. */
export interface TuiPlace {
  readonly file: string;
  readonly state: string | undefined;
  readonly identity: string | undefined;
  readonly plain: boolean;
}

/** Runs the terminal UI until the person leaves. @throws what opening the store and reading the person's own keys throws. */
export async function runTui(place: TuiPlace, wish: TuiWish): Promise<TuiEnd> {
  const { env, stdin, stdout } = process;
  const folder = dirname(place.file);
  const user = userName();
  const { store, logs, clock, findEngine, authority } = wish.house;
  let latest: Promise<LoadedCluster> | undefined;
  const load = async (): Promise<LoadedCluster> => await (latest = readFiles(place.file, { user }).then(({ loaded }) => loaded));
  const knownFacts = async (): ReturnType<House["knownFacts"]> => {
    // Reading the files of many nodes takes a while, and all that is needed of them here is the cluster's name.
    const { cluster } = await (latest ?? load());
    return await factsByNode(store, cluster.name);
  };
  // A house reads the files once; this program stays while they are edited.
  const policy = createHousePolicy({ store, clock, folder, load, authority });
  const by = await wish.house.person().catch(() => user);
  const self = `${hostname()}:${process.pid}:${clock.now()}`;
  const ports: TuiPorts = {
    sources: { store, logs, clock, file: place.file, load, knownFacts, findEngine, desks: { ...wish.house, policy: policy.desk } },
    by,
    self,
    presence: createPresenter({ store, clock }, { id: self, person: by, front: "tui", host: hostname() }),
    host: hostname(),
    join: joinOptions(place),
    run: createRunner(place),
    foreground: createForeground({ place, folder, load }),
    readText: (file) => readFile(file, "utf8").catch(() => undefined),
    copy: copyToTerminal,
    suspend: suspendSelf,
    onFilesChanged: (changed) => watchFiles(folder, changed),
    history: historyFile(env),
  };
  // React looks at this when it is loaded: its development build costs four times as much.
  env["NODE_ENV"] ??= "production";
  const tui = startTui({ ports, look: lookFor(wish), size: sizeOf(), screen: wish.screen, keys: await ownKeys(env) });
  if (place.plain || !stdin.isTTY || !stdout.isTTY || env["TERM"] === "dumb" || env["INK_SCREEN_READER"] === "true") {
    const { talk } = await import("../../tui/plain/talk.ts");
    await talk(tui.driver, tui.table, askLines(), clock, wish.signal);
  } else await fullScreen(tui.driver, tui.table, { now: clock.now, signal: wish.signal, mouse: wish.mouse });
  const openRun = tui.end();
  await Promise.all([policy.close(), ports.presence.leave()]);
  return openRun === undefined ? {} : { openRun };
}

function sizeOf(): { readonly columns: number; readonly rows: number } {
  return { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
}

/** NO_COLOR and the terminal's word for its background decide where nobody said anything. */
function lookFor({ theme, ascii }: TuiWish): { readonly theme: ThemeName; readonly unicode: boolean } {
  const { env } = process;
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  const unicode = !ascii && /utf-?8/iu.test(locale);
  if (theme !== "auto") return { theme, unicode };
  if ((env["NO_COLOR"] ?? "") !== "") return { theme: "mono", unicode };
  const background = Number(env["COLORFGBG"]?.split(";").at(-1) ?? "0");
  return { theme: background === 7 || background === 15 ? "light" : "dark", unicode };
}
