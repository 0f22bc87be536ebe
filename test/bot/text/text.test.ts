import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clean, cutPlain, plainLine } from "../../../src/bot/text/clean.ts";
import { cutText } from "../../../src/bot/text/cut.ts";
import { fitMessage } from "../../../src/bot/text/fit.ts";
import { header, section } from "../../../src/bot/text/blocks.ts";
import { limits } from "../../../src/bot/text/limits.ts";
import { block, code, esc, joined, link, mention, mrkdwn, prose } from "../../../src/bot/text/slack-text.ts";
import { limitViolations } from "../../../src/bot/text/violations.ts";

/** What somebody might call a node to fool us: Slack's own marks, terminal orders, marks of direction. */
const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.stringMatching(/^[<>&!@#|`*_~\n a-z]{0,40}$/),
  fc.constantFrom(
    "<!channel>",
    "<@U0123>",
    "<https://evil.example|approve>",
    "```\n*x*",
    "\u202eevil",
    "\u001b[31mred",
    "&lt;!here&gt;",
    "*bold*",
    "_a_",
  ),
);

describe("text from outside", () => {
  test("makes no mention, link or formatting, wherever it is put", () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        for (const text of [esc(a), code(a), block(a), prose(a), joined([esc(a), esc(b)], " "), mrkdwn`x ${esc(a)} y`]) {
          expect(text.replaceAll(/&(?:amp|lt|gt);/gu, "")).not.toMatch(/[<>&]/u);
          expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u);
          expect(text.isWellFormed()).toBe(true);
        }
        expect(esc(a)).not.toMatch(/`|[\n\r]/u);
        expect(esc(a)).not.toMatch(/(?:^|[^\p{L}\p{N}])[*_~]\S/u);
        expect(code(a).slice(1, -1)).not.toContain("`");
        expect(block(a).slice(3, -3)).not.toContain("```");
      }),
    );
  });

  test("is told as it is otherwise", () => {
    expect(esc("a < b & c_d *x*")).toBe("a &lt; b &amp; c_d ∗x*");
    expect(code("halligan diff P-1")).toBe("`halligan diff P-1`");
    expect(prose("Run `halligan logs <R>` now.")).toBe("Run `halligan logs &lt;R&gt;` now.");
    expect(prose("one ` alone")).toBe("one ˋ alone");
    expect(block("one\n``` two")).toBe("```\none\n`\u200b`\u200b` two\n```");
    expect(mention("U0456")).toBe("<@U0456>");
    expect(mention("<!channel>")).toBe("&lt;!channel&gt;");
    expect(link("https://x.slack.com/archives/C1/p1", "P-1|x")).toBe("<https://x.slack.com/archives/C1/p1|P-1/x>");
    expect(link("javascript:alert(1)//x/", "P-1")).toBe("P-1");
  });

  test("holds no credentials, whatever they are called", () => {
    const told = clean(
      [
        "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----",
        `xoxb-${"123456789012"}-abcdef`,
        `AKIA${"ABCDEFGHIJKLMNOP"}`,
        "postgres://app:hunter22@db/x",
        `eyJ${"hbGciOiJIUzI1NiJ9"}.${"eyJzdWIiOiIxIn0xyz"}.sig`,
      ].join("\n"),
    );
    expect(told).toBe("[private key]\n[slack token]\n[aws key]\npostgres://app:[redacted]@db/x\n[jwt]");
  });
});

describe("limits", () => {
  test("a cut keeps escapes, code and characters whole", () => {
    fc.assert(
      fc.property(hostile, fc.nat(80), (text, most) => {
        const long = joined([mrkdwn`*${esc(text)}*`, code(text), block(text.repeat(3))], " ");
        const cut = cutText(long, most + 20);
        expect(cut.length).toBeLessThanOrEqual(most + 20);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut.replaceAll(/&(?:amp|lt|gt);/gu, "")).not.toMatch(/[<>&]/u);
        expect(cut.split("```").length % 2).toBe(1);
      }),
    );
    expect(cutPlain("😀😀😀", 4)).toBe("😀…");
    expect(plainLine("  ", 10)).toBe("-");
  });

  test("what exceeds them is found, and shortened as a last defence", () => {
    const huge = mrkdwn`${esc("word ".repeat(2000))}`;
    const message = { text: huge, blocks: [...Array.from({ length: 30 }, () => section(huge)), header("x")] };
    expect(limitViolations(message).join("\n")).toMatch(/text: \d+ > 3000[\s\S]*blocks: 31 > 20[\s\S]*blocks as JSON/u);
    const fit = fitMessage(message);
    expect(limitViolations(fit)).toEqual([]);
    expect(fit.blocks.length).toBeGreaterThan(2);
    expect(limitViolations({ text: mrkdwn` `, blocks: [] })).toEqual(["text is empty"]);
    expect(limits.blocksJson).toBeLessThan(11_000);
  });
});
