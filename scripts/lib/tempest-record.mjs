const time = /^(\d{4}-\d\d-\d\d .*|None|)$/u;

/**
 * Lines of `stestr last --subunit | subunit2csv`: test, status, start, end. A test's name is in quotes where its parameters have commas: the last three
 * cells count.
 */
function rowsOf(csv) {
  return csv
    .split("\n")
    .map((line) => line.trim().split(","))
    .filter((cells) => cells.length >= 4 && cells.slice(-2).every((cell) => time.test(cell)))
    .map((cells) => ({ test: cells.slice(0, -3).join(",").replaceAll(/^"|"$/gu, ""), outcome: outcomeOf(cells.at(-3)) }));
}

/** What was expected to fail and did counts as passed. A word that is not known here is no success. */
function outcomeOf(status) {
  if (status === "success" || status === "xfail") return "passed";
  if (status === "skip") return "skipped";
  return status === "failure" || status === "fail" ? "failed" : `failed (${status})`;
}

/** How many tests ended how. */
export function countOutcomes(csv) {
  const rows = rowsOf(csv);
  const of = (outcome) => rows.filter((each) => each.outcome.startsWith(outcome)).length;
  return { passed: of("passed"), failed: of("failed"), skipped: of("skipped") };
}

/**
 * What `stestr last` says of tests that failed, by test: the exception of the captured traceback. A block is a name, a line of dashes of its length, and the
 * traceback, whose frames are indented, unlike its exception.
 */
export function reasonsOf(text) {
  const reasons = new Map();
  let test;
  let isTraceback = false;
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const name = lines[index - 1] ?? "";
    if (/^-{10,}$/u.test(line) && name.length === line.length) [test, isTraceback] = [name, false];
    else if (/^Captured \S/u.test(line)) isTraceback = line.startsWith("Captured traceback");
    else if (line === "") isTraceback = false;
    else if (test !== undefined && isTraceback && /^[A-Za-z]/u.test(line))
      reasons.set(test, [reasons.get(test), line].filter(Boolean).join(" "));
  }
  return reasons;
}

/** What stands behind the first words of an exception is the whole request, with values that are nobody's business. */
const mostOfAReason = 160;

/** The record as Markdown: what was tried, with what, and every test with how it ended, failures first; what `stestr last` says of these. */
export function tempestRecord({ csv, last = "", versions, tests, took, today }) {
  const reasons = [...reasonsOf(last)];
  const rank = { passed: 2, skipped: 1 };
  const rows = rowsOf(csv).toSorted((a, b) => (rank[a.outcome] ?? 0) - (rank[b.outcome] ?? 0) || (a.test < b.test ? -1 : 1));
  const { passed, failed, skipped } = countOutcomes(csv);
  return [
    "# Tempest",
    "",
    `${today}: ${passed} passed, ${failed} failed, ${skipped} skipped, in ${took}.`,
    "",
    "Selection:",
    "",
    ...tests.map((each) => `- \`${each}\``),
    "",
    "Versions:",
    "",
    ...versions
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => `- ${line}`),
    "",
    ...(reasons.length === 0
      ? []
      : [
          "What failed says:",
          "",
          ...reasons.map(([test, why]) => `- ${test}: \`${why.slice(0, mostOfAReason).replaceAll("`", "'")}\``),
          "",
        ]),
    "| test | outcome |",
    "|---|---|",
    ...rows.map(({ test, outcome }) => `| ${test.replaceAll("|", "\\|")} | ${outcome} |`),
    "",
  ].join("\n");
}
