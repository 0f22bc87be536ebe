import type { CodeEntry } from "./entry.ts";

/** Problems found while a plan is made. */
export const planCodes = {
  PLAN_STALE: {
    exit: 4,
    means: "What the run would change is no longer what the plan said.",
    cause: "Somebody or something changed the node after the plan was made.",
    action: "Make a new plan, look at the difference and apply that one.",
  },
  PLAN_OUTDATED: {
    exit: 4,
    means: "The files changed after the plan was made.",
    cause: "Somebody edited the cluster file or a barclamp that it uses.",
    action: "Make a new plan with `halligan plan`, read it, and apply that one.",
  },
  PLAN_PREVIEW: {
    exit: 2,
    means: "A plan that was made without asking the nodes was to be carried out.",
    cause: "It was made with `--no-refresh`: nobody has seen what it would do on the nodes.",
    action: "Make a plan that asks the nodes with `halligan plan`, read it, and apply that one.",
  },
  DEPLOYMENT_UNKNOWN: {
    exit: 2,
    means: "A deployment that was asked for is not in the cluster file.",
    cause: "A spelling mistake, or the deployment was renamed or removed.",
    action: "Name a deployment of the cluster file.",
  },
  ROLE_UNKNOWN: {
    exit: 2,
    means: "A deployment places a role that no known barclamp has.",
    cause: "A spelling mistake, or the barclamp is not in the cluster folder, the lock file or among those shipped.",
    action: "Correct the role's name, or add the barclamp that has it (`halligan barclamp list` shows what is known).",
  },
  ROLE_DEFINED_TWICE: {
    exit: 2,
    means: "Two barclamps have a role of the same name.",
    cause: "A copied barclamp whose roles were not renamed.",
    action: "Rename one of the roles or remove one of the barclamps.",
  },
  ROLE_TWICE: {
    exit: 2,
    means: "A role would stand more than once on a node.",
    cause: "Two deployments place the same role and their selectors meet.",
    action: "Narrow one of the selectors, or add `avoid`, so that each node is chosen once.",
  },
  ROLE_CONFLICT: {
    exit: 2,
    means: "Two roles that may not share a node are placed on the same node.",
    cause: "The placements of the two roles overlap.",
    action: "Give one of the placements an `avoid` of the other role, or other nodes.",
  },
  PLACEMENT_EMPTY: {
    exit: 2,
    means: "No node can take a role.",
    cause: "The selector matches no node, or `avoid` takes all of them away.",
    action: "Correct the selector or the labels (`halligan nodes SELECTOR` shows what it matches).",
  },
  PLACEMENT_SHORT: {
    exit: 2,
    means: "There are fewer nodes than a placement asks for.",
    cause: "`count` is larger than the number of nodes that match `on` and are not avoided.",
    action: "Lower `count`, widen `on`, or add nodes.",
  },
  AVOID_CYCLE: {
    exit: 2,
    means: "Placements avoid each other in a circle, so none can be decided first.",
    cause: "Each of the roles has an `avoid` that leads back to itself.",
    action: "Remove one `avoid` of the circle; one direction is enough to keep two roles apart.",
  },
  PLATFORM_UNSUPPORTED: {
    exit: 2,
    means: "A role does not support the operating system of a node that it is placed on.",
    cause: "The barclamp lists the platforms it was made for, and the node has another one.",
    action: "Place the role on other nodes, or use a barclamp made for this platform.",
  },
  PROVIDER_MISSING: {
    exit: 2,
    means: "A role requires something that nothing in the cluster provides.",
    cause: "The role that provides it is not placed anywhere.",
    action: "Place a role that provides it.",
  },
  PROVIDER_AMBIGUOUS: {
    exit: 2,
    means: "Several different roles could provide what a role requires, and nothing says which.",
    cause: "More than one role of the same capability is placed at the same distance.",
    action: "Say which one with `use:` in the deployment.",
  },
  PROVIDER_INVALID: {
    exit: 2,
    means: "`use` names a role that does not provide the capability or is not placed.",
    cause: "A spelling mistake, or the role was removed.",
    action: "Name a placed role that provides the capability.",
  },
  PROVIDER_NOT_ACTIVE: {
    exit: 2,
    means: "A role requires a provider of a deployment that is not part of this plan and was never applied.",
    cause: "Only some deployments were asked for.",
    action: "Apply the provider's deployment first or together with this one.",
  },
  PROVIDER_BLOCKED: {
    exit: 5,
    means: "A node-role waits for another one that cannot run.",
    cause: "The node of the provider could not be reached or checked.",
    action: "Repair what blocks the provider and plan again.",
  },
  NODE_ROLE_UNKNOWN: {
    exit: 2,
    means: "A node-role that was asked about does not exist.",
    cause: "No placement gives this role to this node, or a name is misspelt.",
    action: "Name a node-role as NODE/ROLE; `halligan plan` lists them.",
  },
  NODE_GONE: {
    exit: 2,
    means: "A node with applied roles is no longer in the cluster file, so they cannot be undone.",
    cause: "The node was removed from the file before its roles were.",
    action:
      "To undo them, put the node back without placing roles on it, apply, then remove it; if the machine is gone for good, have them forgotten with `halligan reset --nodes NODE --forget --reason WHY`.",
  },
  OUTPUT_UNKNOWN: {
    exit: 2,
    means: "An input takes an output that its provider does not have.",
    cause: "A spelling mistake, or a barclamp of another version.",
    action: "Use one of the provider's outputs.",
  },
  CYCLE: {
    exit: 2,
    means: "Roles wait for each other in a circle.",
    cause: "`requires`, `inputs` or the founder's order lead back to the role that they start from.",
    action: "Remove one `requires` or input of the circle.",
  },
  TEMPLATE_ERROR: {
    exit: 2,
    means: "A template cannot be rendered.",
    cause: "A misspelt variable or filter, an unclosed tag, or a value of the wrong type.",
    action: "Correct the template at the place that is shown.",
  },
  WHEN_INVALID: {
    exit: 2,
    means: "A `when` condition cannot be judged.",
    cause: "A syntax or type error, an unknown variable, or a result that is not true or false.",
    action: "Correct the expression at the mark.",
  },
  FACTS_MISSING: {
    exit: 2,
    means: "A template or condition needs facts of a node that was never discovered.",
    cause: "The node was added after the last discovery, or could not be reached then.",
    action: "Run `halligan discover` and plan again.",
  },
  SOURCE_MISSING: {
    exit: 2,
    means: "A step names a file that its barclamp does not have.",
    cause: "A spelling mistake, or the file does not lie below `templates/` or `files/` of the barclamp.",
    action: "Correct `source`, or add the file to the barclamp.",
  },
  SECRET_MISPLACED: {
    exit: 2,
    means: "A secret stands in an argument of a step that would make it visible, or in an `undo` step.",
    cause:
      "The argument becomes part of a command line, a path or a list of words; `undo` steps are kept, and secrets are not kept with them.",
    action: "Hand the secret over in an argument that takes one (`content`, `env`, the text of `run`), or in a file.",
  },
  STEP_INVALID: {
    exit: 2,
    means: "The arguments of a step are not valid once its templates are rendered.",
    cause: "A setting, fact or input gives a value that the step kind does not take.",
    action: "Correct the value or the template that makes it.",
  },
  STEP_ID_TWICE: {
    exit: 2,
    means: "Two steps of a role have the same id once templates are rendered.",
    cause: "Two steps that do the same, or an `each` with equal elements.",
    action: "Give one of the steps a `name` of its own, or remove the double element.",
  },
  NOTIFY_UNKNOWN: {
    exit: 2,
    means: "`notify` names a step that the role does not have.",
    cause: "A spelling mistake, or the step was renamed.",
    action: "Use the name of a step of the same role.",
  },
} as const satisfies Record<string, CodeEntry>;
