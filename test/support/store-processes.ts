import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const actorFile = fileURLToPath(new URL("./store-actor.ts", import.meta.url));

/** Runs an actor to its end and returns the JSON line it said. */
export function act<T>(url: string, what: string, argument = 0): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [actorFile, url, what, String(argument)], { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (err += chunk));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`actor ${what} ended with ${code}: ${err}`))));
  });
}

/** Runs the `spam` actor from a number on, and kills it (-9) `afterMs` after it has told of `count` appends that were acknowledged. Returns the last number that was. */
export function spamUntilKilled(url: string, from: number, count: number, afterMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [actorFile, url, "spam", String(from)], { stdio: ["ignore", "pipe", "inherit"] });
    let last = from - 1;
    let rest = "";
    child.stdout.on("data", (chunk) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === '"ready"') continue;
        last = Number(line);
        if (last === from + count - 1) setTimeout(() => child.kill("SIGKILL"), afterMs);
      }
    });
    child.on("error", reject);
    child.on("close", (_, signal) => (signal === "SIGKILL" ? resolve(last) : reject(new Error("the spamming actor ended by itself"))));
  });
}
