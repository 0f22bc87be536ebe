import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeCluster } from "./cluster-folder.ts";
import type { TestLab } from "./lab.ts";
import type { DoubleChannel } from "./slack-double/model.ts";
import type { SlackDouble } from "./slack-double/double.ts";
import type { DoublePerson } from "./slack-double/person.ts";
import type { ScreenMessage } from "./slack-double/screen.ts";

const barclamp = `barclamp: greeting
version: 1.0.0
description: A file with a greeting.
attributes:
  text: { type: string, default: hello, why: What people see first. }
  broken: { type: boolean, default: false, why: To see a failure. }
  wait: { type: integer, default: 0, why: To see a run that takes its time. }
roles:
  greeting:
    steps:
      - file: { path: /etc/greeting, content: "{{ set.text }}\\n" }
      - command: { name: wait, run: "sleep {{ set.wait }}; echo {{ set.text }} > /root/waited", unless: "grep -qx {{ set.text }} /root/waited" }
      - command: { name: check, run: "echo no such luck; exit 3", unless: "test {{ set.broken }} = false" }
`;

/** What the cluster file of a stage wants. */
export interface Intent {
  readonly text: string;
  readonly broken?: boolean;
  /** Seconds that the run takes. */
  readonly wait?: number;
}

/** Two people in a channel in front of a lab: alice operates, bob approves. */
export interface Stage {
  readonly alice: DoublePerson;
  readonly bob: DoublePerson;
  readonly room: DoubleChannel;
  intent(wanted: Intent): void;
  /** Waits for the newest message in the channel, threads apart, whose words match and that shows a button now. */
  see(what: RegExp, button?: string): Promise<ScreenMessage>;
  /** Presses a button of such a message and waits for its dialog. */
  ask(person: DoublePerson, about: RegExp, button: string): Promise<void>;
  /** From a plan that is shown to its approval. */
  approved(plan: string): Promise<void>;
  /** From a plan that is shown to its run. */
  applied(plan: string): Promise<void>;
}

/** Empties the lab's state and puts people before it. */
export function openStage(lab: TestLab, slack: SlackDouble): Stage {
  for (const suffix of ["", "-wal", "-shm", "-nudge"]) rmSync(join(lab.folder, ".halligan", `state.db${suffix}`), { force: true });
  const alice = slack.person("alice");
  const bob = slack.person("bob");
  const room = slack.channel("ops", [alice, bob]);
  writeFileSync(
    join(lab.folder, "people.yaml"),
    `halligan: 1
people:
  alice: { slack: [${slack.team}/${alice.user.id}] }
  bob: { slack: [${slack.team}/${bob.user.id}] }
roles: { observer: [everyone], operator: [alice], approver: [bob] }
`,
  );
  const shown = (what: RegExp, button?: string): ScreenMessage | undefined =>
    alice
      .screen(room.id)
      .findLast(
        (each) =>
          each.message.thread === undefined &&
          what.test(each.words) &&
          (button === undefined || each.buttons.some(({ label }) => label === button)),
      );
  const stage: Stage = {
    alice,
    bob,
    room,
    intent({ text, broken = false, wait = 0 }) {
      writeCluster(
        lab,
        `deployments:
  all:
    place: { greeting: { on: all } }
    set: { greeting: { text: ${text}, broken: ${broken}, wait: ${wait} } }
    approvals: { default: 1 }
`,
        { "barclamps/greeting/barclamp.yaml": barclamp },
      );
    },
    see: async (what, button) =>
      await slack.until(`${String(what)}${button === undefined ? "" : ` with ${button}`}`, () => shown(what, button), 90_000),
    async ask(person, about, button) {
      const { message } = await stage.see(about, button);
      await person.click(button, { channel: room.id, message: message.ts });
      // On a slow machine the dialog first says that it reads how things stand; it has nothing to submit then.
      const isThere = (): boolean => person.modal() !== undefined && !/Reading how/u.test(person.modalWords());
      await slack.until(`the dialog of ${button}`, isThere, 90_000);
    },
    async approved(plan) {
      const about = new RegExp(`^Plan ${plan} `, "u");
      await stage.ask(alice, about, "Ask for approval");
      await alice.submit();
      await stage.ask(bob, about, "Review and approve…");
      await bob.submit();
    },
    async applied(plan) {
      await stage.approved(plan);
      await stage.ask(alice, new RegExp(`^Plan ${plan} `, "u"), "Apply…");
      await alice.submit();
    },
  };
  return stage;
}
