/** Lines of `stestr last --subunit | subunit2csv`: test, status, start, end. Tests' names have no commas, their parameters may: the last three count. */
function rowsOf(csv) {
  return csv
    .split("\n")
    .map((line) => line.trim().split(","))
    .filter((cells) => cells.length >= 4 && cells[0] !== "test")
    .map((cells) => ({ test: cells.slice(0, -3).join(","), status: cells.at(-3) }))
    .filter(({ status }) => ["success", "fail", "skip", "xfail", "uxsuccess"].includes(status));
}

/** How many tests ended how; what was expected to fail and did counts as passed. */
export function countOutcomes(csv) {
  const rows = rowsOf(csv);
  const of = (...statuses) => rows.filter((each) => statuses.includes(each.status)).length;
  return { success: of("success", "xfail"), fail: of("fail", "uxsuccess"), skip: of("skip") };
}

/** The record as Markdown: what was tried, with what, and every test with how it ended, failures first. */
export function tempestRecord({ csv, versions, tests, took, today }) {
  const rank = { fail: 0, uxsuccess: 0, skip: 1 };
  const rows = rowsOf(csv).toSorted((a, b) => (rank[a.status] ?? 2) - (rank[b.status] ?? 2) || (a.test < b.test ? -1 : 1));
  const { success, fail, skip } = countOutcomes(csv);
  return [
    "# Tempest",
    "",
    `${today}: ${success} passed, ${fail} failed, ${skip} skipped, in ${took}.`,
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
    "| test | outcome |",
    "|---|---|",
    ...rows.map(({ test, status }) => `| ${test.replaceAll("|", "\\|")} | ${status} |`),
    "",
  ].join("\n");
}
