/**
 * Pictures of the terminal UI for the documents: a real cluster in a lab, real runs, a real terminal; each screen as SVG and PNG in docs/pictures.
 * `npm run pictures`. Look at them before you commit them: what is unclear in a picture is unclear on the screen.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type PtyProgram, openPty } from "../test/support/pty.ts";
import { type PictureCluster, startCluster } from "./pictures/cluster.ts";
import { pngOf } from "./pictures/png.ts";
import { type Palette, dark, light, screenSvg } from "./pictures/svg.ts";

const root = join(import.meta.dirname, "..");
const target = join(root, "docs/pictures");
const program: readonly [string, ...string[]] = [process.execPath, join(root, "dist/cli/main.cjs")];
const size = { columns: 120, rows: 34 } as const;
const enter = "\r";
const escape = "\u001b";
/** A question takes no answer in its first moments. */
const readingMs = 500;
/** A screen that has not changed for so long is a picture. */
const stillMs = 700;

// The machine's name is on some screens: as root it has another one for as long as this lasts.
const host = "ops-1";
if (process.getuid?.() === 0 && process.env["HALLIGAN_PICTURES"] !== host) {
  const again = ["--uts", "/bin/sh", "-c", `hostname ${host} && exec "$0" "$@"`, process.execPath, ...process.argv.slice(1)];
  const { status } = spawnSync("unshare", again, { stdio: "inherit", env: { ...process.env, HALLIGAN_PICTURES: host } });
  process.exit(status ?? 1);
}

/** Runs a command of ours as one of the people. @throws when it ends with another exit code than it should. */
function halligan({ folder }: PictureCluster, person: string, args: readonly string[], wanted = 0): void {
  const [node, ...first] = program;
  const env = { PATH: process.env["PATH"], HOME: folder, LANG: "C.UTF-8" };
  const { status, stdout, stderr } = spawnSync(node, [...first, "--identity", join(folder, person), ...args], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  if (status !== wanted) throw new Error(`halligan ${args.join(" ")} ended with ${status}\n${stdout}\n${stderr}`);
}

function open({ folder }: PictureCluster, person: string, args: readonly string[] = []): PtyProgram {
  return openPty(["--identity", join(folder, person), "tui", ...args], { cwd: folder, ...size, program });
}

/** Takes a picture of what is on the screen. */
function take(tui: PtyProgram, name: string, palette: Palette = dark): void {
  const svg = screenSvg("halligan tui", tui.cells(), palette);
  writeFileSync(join(target, `${name}.svg`), svg);
  writeFileSync(join(target, `${name}.png`), pngOf(svg));
  process.stdout.write(`${name}\n`);
}

/** Waits until nothing moves any more. */
async function still(tui: PtyProgram): Promise<void> {
  for (let before = ""; ; ) {
    await sleep(stillMs);
    const now = tui.screen().join("\n");
    if (now === before) return;
    before = now;
  }
}

/** Types, waits for what is to be seen then, and takes a picture of it. */
async function picture(tui: PtyProgram, name: string, keys: readonly string[], seen: string | RegExp): Promise<void> {
  tui.press(...keys);
  await tui.see(seen);
  await still(tui);
  take(tui, name);
}

async function answer(tui: PtyProgram, question: string | RegExp): Promise<void> {
  await tui.see(question);
  await sleep(readingMs);
  tui.press("y");
  await tui.gone("y does it");
}

const first = { release: "2026.10", approvals: false } as const;
const second = { ...first, release: "2026.11" };

/** The second release: planned, applied, watched; one node has no room for it. */
async function rollOut(cluster: PictureCluster, tui: PtyProgram): Promise<void> {
  await tui.see(/^› {2}edge-1/mu);
  await picture(tui, "nodes", ["j", "j"], /^› {2}shop-1/mu);
  tui.press("2");
  await tui.see("P-2");
  await picture(tui, "plan", [], "+release");
  tui.press("A");
  await tui.see("y does it");
  await still(tui);
  take(tui, "apply");
  await answer(tui, "Apply P-2");
  await tui.see(/R-2 .*running/u);
  tui.press("j", "j");
  await tui.see(/shard 5 of 12/u);
  take(tui, "run");
  await tui.see(/R-2 failed {2}plan/u, 120_000); // not only one node of it
  halligan(cluster, "mira", ["note", "shop-4/catalogue", "old indexes fill the disk: rm /srv/catalogue/*.old"]);
  await picture(tui, "failed", ["n"], "N-1 about catalogue");
  tui.press("R");
  await tui.see("to do what R-2 left undone");
}

/** What is not about runs. */
async function lookAround(tui: PtyProgram): Promise<void> {
  tui.press("1");
  await tui.see(/^› {2}edge-1/mu);
  tui.press("/", "shop-4", enter);
  await picture(tui, "node", [enter], "catalogue");
  tui.press("6");
  await tui.see("ground");
  await picture(tui, "deployment", ["j", enter], "mira");
  await picture(tui, "help", ["?"], "keys");
  tui.press(escape);
  await tui.gone("everywhere");
  await picture(tui, "palette", [":", "re"], "retry");
  tui.press(escape);
}

await using cluster = await startCluster();
mkdirSync(target, { recursive: true });
cluster.write(first);
halligan(cluster, "mira", ["discover"]);
halligan(cluster, "mira", ["apply", "--yes"]);
halligan(cluster, "mira", ["exec", "shop-4", "--yes", "--", "touch", "/srv/catalogue/full"]);
cluster.write(second);
halligan(cluster, "mira", ["plan"]);
{
  await using mira = open(cluster, "mira");
  await rollOut(cluster, mira);
  await lookAround(mira);
  cluster.write({ ...second, approvals: true });
  halligan(cluster, "mira", ["exec", "shop-4", "--yes", "--", "rm", "/srv/catalogue/full"]);
  halligan(cluster, "mira", ["apply", "--yes"], 3);
  await using jonas = open(cluster, "jonas");
  await jonas.see("approval waits for you");
  await picture(jonas, "approvals", ["5"], "A-1");
  await picture(jonas, "approval", [enter], "It waits for your vote");
}
{
  await using bright = open(cluster, "mira", ["--screen", "run", "--theme", "light"]);
  await bright.see(/R-2 .*failed/u);
  await still(bright);
  take(bright, "light", light);
}
