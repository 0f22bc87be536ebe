import { z } from "zod";
import { nameSchema } from "./ids.ts";

/** The roles that people.yaml grants, weakest first; docs/people.md tells what each may do. */
export const roleNames = ["observer", "operator", "approver", "breakglass", "admin"] as const;

/** Stands for all people of the file. */
export const everyone = "everyone";

const personId = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,31}$/u, "a lower-case letter, then letters, digits and `._-`, at most 32 characters");

const localUser = z
  .string()
  .regex(/^([A-Za-z_][A-Za-z0-9._@\\-]{0,63}\$?|uid:[0-9]{1,10})$/u, "a user name of this machine, or uid:NUMBER for one without a name");

const slackUser = z
  .string()
  .regex(/^(E[A-Z0-9]{1,20}\/)?T[A-Z0-9]{1,20}\/[UW][A-Z0-9]{1,20}$/u, "team and user as Slack's ids: T0123/U0456, or E01/T0123/U0456");

const member = z.string().min(1).max(64);

const rolesSchema = z
  .strictObject({
    observer: z.array(member).optional().meta({ description: "May look: status, plans that were made, logs, facts." }),
    operator: z.array(member).optional().meta({ description: "Observer who may also plan, run, pause, cancel, lock, verify and exec." }),
    approver: z.array(member).optional().meta({ description: "Observer who may also approve and reject." }),
    breakglass: z.array(member).optional().meta({ description: "May take a run past its gates, with a reason." }),
    admin: z.array(member).optional().meta({ description: "May do everything, also freeze, waive, handle secrets and link." }),
  })
  .meta({ description: "Members by role: people, groups, or `everyone`." });

const personSchema = z
  .strictObject({
    name: z.string().min(1).max(200).optional().meta({ description: "How the person is shown." }),
    local: z.array(localUser).optional().meta({ description: "User names on the machine where Halligan is typed." }),
    keys: z.array(z.string().min(1).max(20_000)).optional().meta({ description: "Public SSH keys, as in a .pub file." }),
    slack: z.array(slackUser).optional().meta({ description: "Slack users as TEAM/USER ids." }),
  })
  .meta({ description: "A person and the ways in which they are known." });

/** The schema of `people.yaml`; what refers to other parts of the file is judged by `loadPeople`. */
export const peopleFileSchema = z
  .strictObject({
    halligan: z.literal(1).meta({ description: "Version of the file format." }),
    people: z.record(personId, personSchema).meta({ description: "People by id." }),
    groups: z.record(nameSchema, z.array(member)).optional().meta({ description: "Groups of people, or of other groups." }),
    roles: rolesSchema.optional().meta({ description: "Roles for the whole cluster. Whoever has none may do nothing." }),
    deployments: z
      .record(nameSchema, z.strictObject({ roles: rolesSchema }))
      .optional()
      .meta({ description: "Further roles for single deployments." }),
  })
  .meta({ title: "Halligan people file", description: "Who may do what. Without this file the local user may do everything." });

/** A people file as written. */
export type PeopleFile = z.infer<typeof peopleFileSchema>;
