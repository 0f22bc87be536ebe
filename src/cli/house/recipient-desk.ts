import type { Vault } from "../../core/adapters/secrets/vault.ts";
import type { RecipientRows, SecretDesk } from "../../core/authority/secrets/desk.ts";
import { fail } from "../../core/errors.ts";
import type { Secret } from "../../core/ports.ts";
import type { SecretDeskOptions } from "./secret-desk.ts";

/** The part of the desk that concerns who can open the secrets. */
export function createRecipientDesk(options: SecretDeskOptions): Pick<SecretDesk, "recipients" | "admit" | "expel"> {
  const { store, vault, now, by } = options;

  async function rows(box: Vault, resealed: number): Promise<RecipientRows> {
    const own = (await vault()).recipient;
    const recipients = (await box.recipients()).map((each) => ({ ...each, own: each.recipient === own }));
    return { own, recipients, resealed };
  }

  async function passphrase(what: string): Promise<Secret> {
    const given = await options.ask(what);
    if (given === undefined)
      throw fail("SECRET_MISSING", {
        message: `The ${what} must be typed, and there is nobody to ask.`,
        hint: "Run the command in a terminal.",
      });
    return given;
  }

  /** The vault as somebody else's key opens it. */
  async function openedWith(opener: string): Promise<Vault> {
    const { identityInFile, unlockWithPassphrase } = await import("../../core/adapters/secrets/recipients.ts");
    const { createVault } = await import("../../core/adapters/secrets/vault.ts");
    const identity =
      opener === "passphrase"
        ? await unlockWithPassphrase(store, await passphrase("passphrase of the secrets"))
        : await identityInFile(opener);
    return await createVault({ store, identityFile: options.identityFile, identity, now, by: await by() });
  }

  return {
    recipients: async () => rows(await vault(), 0),
    async admit(recipient, { label, opener }) {
      const { passphraseRecipient, recipientOf } = await import("../../core/adapters/secrets/recipients.ts");
      const own = (await vault()).recipient;
      const box = opener === undefined ? await vault() : await openedWith(opener);
      const about = {
        label: label ?? (recipient === "own" ? `${await by()}'s key` : recipient === "passphrase" ? "passphrase" : ""),
        at: now(),
        by: await by(),
      };
      const entry =
        recipient === "passphrase"
          ? await passphraseRecipient(await options.takeValue("passphrase"), own.startsWith("age1pq1"), about)
          : await recipientOf(recipient === "own" ? own : recipient, about);
      return await rows(box, await box.admit(entry));
    },
    async expel(idOrRecipient) {
      const box = await vault();
      return await rows(box, await box.expel(idOrRecipient));
    },
  };
}
