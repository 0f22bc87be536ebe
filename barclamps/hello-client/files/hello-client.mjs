// Talks to the balancer until every web node has answered with what it should say, then writes a report.
// Started as: node hello-client.mjs CONFIG.json REPORT. Ends with 1 and says what is missing when the time is over.
import { readFileSync, renameSync, writeFileSync } from "node:fs";

const [configFile, reportFile] = process.argv.slice(2);
const { url, expected, withinMs, pauseMs } = JSON.parse(readFileSync(configFile, "utf8"));

/** Answers by node: how many, and the last text. */
const seen = new Map(expected.map(({ node }) => [node, { count: 0, text: "" }]));
const odd = [];
let requests = 0;

async function once() {
  requests += 1;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000), headers: { connection: "close" } });
    const text = (await answer.text()).trimEnd();
    const entry = seen.get(answer.headers.get("x-served-by"));
    if (answer.status !== 200) odd.push(`status ${answer.status}: ${text}`);
    else if (entry === undefined) odd.push(`an answer from nobody expected: ${text}`);
    else Object.assign(entry, { count: entry.count + 1, text });
  } catch (error) {
    odd.push(`no answer: ${error.cause?.code ?? error.message}`);
  }
}

const missing = () => expected.filter(({ node, text }) => seen.get(node).text !== text);
const until = Date.now() + withinMs;
while (missing().length > 0 && Date.now() < until) {
  await once();
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
}

const lines = [
  `${requests} requests to ${url}`,
  ...expected.map(({ node, text }) => {
    const { count, text: got } = seen.get(node);
    return `${got === text ? "ok     " : "missing"} ${node}: ${got === "" ? "no answer" : got} (${count})${got === text ? "" : `, expected: ${text}`}`;
  }),
  ...[...new Set(odd)].slice(0, 10).map((each) => `odd     ${each}`),
];
if (missing().length > 0) {
  process.stderr.write(`hello-client: not every web node answered through the balancer\n${lines.join("\n")}\n`);
  process.exit(1);
}
// The report ends with the configuration that it was made for: a later run sees whether it still holds.
writeFileSync(`${reportFile}.new`, `${lines.join("\n")}\n\n${readFileSync(configFile, "utf8")}`);
renameSync(`${reportFile}.new`, reportFile);
process.stdout.write(`${lines.join("\n")}\n`);
