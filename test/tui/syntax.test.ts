import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { diffLines } from "../../src/tui/screens/diff.ts";
import { lineText } from "../../src/tui/text/line.ts";
import { lookOf, paint } from "../../src/tui/text/look.ts";
import { type Language, highlight, languageOf } from "../../src/tui/text/syntax.ts";

/** Pieces with a tone of their own, as `tone:text`. */
function told(text: string, language: Language): readonly string[] {
  return highlight(text, language, "plain").flatMap(([piece, tone]) => (tone === "plain" ? [] : [`${tone}:${piece}`]));
}

describe("the language of a file", () => {
  test.each([
    ["/etc/app.yaml", [], "yaml"],
    ["/etc/systemd/system/a.service", ["[Unit]"], "ini"],
    ["/usr/local/bin/run", ["#!/bin/sh", "set -eu"], "shell"],
    ["/etc/app.conf", ["[server]", "port = 1"], "ini"],
    ["/etc/my.conf", ["a = 1", "# b", "c = 2"], "ini"],
    ["/etc/nginx/nginx.conf", ["worker_processes 4;"], "conf"],
    ["/etc/haproxy/haproxy.cfg", ["global", "  maxconn 5"], "conf"],
    ["/etc/app", ['{"a": 1}'], "json"],
    ["/etc/app", ["a: 1", "b:", "  - c"], "yaml"],
    ["/etc/default/app", ["A=1"], "shell"],
    ["/etc/motd", ["Welcome to this machine."], undefined],
    ["", [], undefined],
  ] as const)("%s with %j is %s", (path, lines, language) => {
    expect(languageOf(path, lines)).toBe(language);
  });
});

describe("contents of files", () => {
  test.each([
    ["yaml", "  - listen: '0.0.0.0:80' # all", ["key:listen", "text:'0.0.0.0:80'", "comment:# all"]],
    ["yaml", "url: http://a:80/x#y", ["key:url"]],
    ["yaml", "on: [true, 4, 30s]", ["key:on", "keyword:true", "number:4", "number:30s"]],
    ["ini", "; note", ["comment:; note"]],
    ["ini", "[database]", ["keyword:[database]"]],
    ["ini", "pool_size = 10", ["key:pool_size", "number:10"]],
    ["json", '{"a": "b\\"c", "n": -1.5, "t": null}', ['key:"a"', 'text:"b\\"c"', 'key:"n"', "number:-1.5", 'key:"t"', "keyword:null"]],
    [
      "shell",
      'if [ -n "${x}" ]; then exec $y; fi # go',
      ["keyword:if", 'text:"${x}"', "keyword:then", "keyword:exec", "key:$y", "keyword:fi", "comment:# go"],
    ],
    ["conf", "listen 80 default; # web", ["key:listen", "number:80", "comment:# web"]],
  ] as const)("%s: %s", (language, text, pieces) => {
    expect(told(text, language)).toEqual(pieces);
  });

  test("nothing is lost or made up, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 600, unit: "binary" }),
        fc.constantFrom<Language>("yaml", "ini", "json", "shell", "conf"),
        (text, language) => {
          expect(
            highlight(text, language, "add")
              .map(([piece]) => piece)
              .join(""),
          ).toBe(text);
        },
      ),
    );
  });
});

describe("a diff", () => {
  const step = { label: "file /etc/app.yaml", diff: "mode: 0644 -> 0600\n@@ -1,2 +1,2 @@\n # app\n-workers: 2\n+workers: 4\n--- x\n" };

  test("shows the contents in the colours of their language, and what comes and goes in its own", () => {
    expect(diffLines(step).map(({ segs }) => segs)).toEqual([
      [["mode: 0644 -> 0600", "change"]],
      [["@@ -1,2 +1,2 @@", "dim"]],
      [
        [" ", "plain"],
        ["# app", "comment"],
      ],
      [
        ["-", "del"],
        ["workers", "key"],
        [": ", "del"],
        ["2", "number"],
      ],
      [
        ["+", "add"],
        ["workers", "key"],
        [": ", "add"],
        ["4", "number"],
      ],
      [
        ["-", "del"],
        ["-- x", "del"],
      ],
    ]);
  });

  test("has no colours under NO_COLOR, and the same text", () => {
    const mono = lookOf("mono", true);
    const painted = diffLines(step).map((row) => paint(row, mono));
    expect(painted.slice(2)).toEqual(diffLines(step).slice(2).map(lineText));
  });
});
