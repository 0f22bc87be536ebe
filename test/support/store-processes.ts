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

/** Runs the `spam` actor from a number on and kills it (-9) `afterMs` after it is ready. Returns the last number it had acknowledged. */
export function spamUntilKilled(url: string, from: number, afterMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [actorFile, url, "spam", String(from)], { stdio: ["ignore", "pipe", "inherit"] });
    let last = from - 1;
    let rest = "";
    child.stdout.on("data", (chunk) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === '"ready"') setTimeout(() => child.kill("SIGKILL"), afterMs);
        else last = Number(line);
      }
    });
    child.on("error", reject);
    child.on("close", (_, signal) => (signal === "SIGKILL" ? resolve(last) : reject(new Error("the spamming actor ended by itself"))));
  });
}
