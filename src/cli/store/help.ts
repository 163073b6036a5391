import { DEFAULT_PREFIX } from './address.ts';
import { PASSWORD_VARIABLE } from './password.ts';

/** How a store is named; a part of each help text. */
export const STORE_ADDRESS_HELP = `A store is a base folder such as .code-mode, or a Redis URL: redis://[USER@]HOST[:PORT][/DATABASE],
rediss:// with TLS, unix:///SOCKET?db=DATABASE. Its password is taken from the URL, else from the environment
variable ${PASSWORD_VARIABLE}; where one is needed and there is none, it is asked for at the terminal.
`;

const OPTIONS_HELP = `  --prefix P        What the keys in Redis begin with (default: ${DEFAULT_PREFIX}). This is the prefix of the whole
                    store: for py-code-mode's own store command, whose --prefix is that of one type, the
                    workflows of the same store are at P:workflows (in its versions before workflows, P:skills)
  --workspace ID    The workspace ID of the Redis store or of the folder given as --target
`;

const TYPE_HELP = `  --type TYPE       workflows, artifacts, tools or deps; may be repeated (default: all of them; with --workspace,
                    workflows and artifacts, as tools and packages are those of the whole store)
`;

const COMMON_HELP = `  --json            Print the result as JSON on standard output and nothing else
  -h, --help        Show this help
`;

/** What `code-mode store --help` prints. */
export const STORE_HELP = `Move workflows, artifacts, tools and packages between a folder and Redis, and compare them.

Usage: code-mode store COMMAND [options]

Commands:
  bootstrap   Push a folder to a store
  pull        Fetch a store into a folder
  diff        Compare a folder with a store
  list        List what a store holds
  migrate     Rename what an older store calls skills to workflows

"code-mode store COMMAND --help" shows the options of one. The stores are those of py-code-mode.

${STORE_ADDRESS_HELP}`;

/** What `code-mode store COMMAND --help` prints, by command. */
export const STORE_COMMAND_HELP = {
  bootstrap: `Push what a folder holds to a store. Items change one by one, each whole or not at all; what is the
same already is not written.

Usage: code-mode store bootstrap --source DIR --target STORE [options]

Options:
  --source DIR      The base folder that is read
  --target STORE    The store that is written
${OPTIONS_HELP}${TYPE_HELP}  --clear           Remove what the folder has not, when everything else is done
  --dry-run         Show what would be done and change nothing
${COMMON_HELP}
${STORE_ADDRESS_HELP}
Exit codes: 0 success, 1 something could not be copied, 2 wrong usage or no such store, 130 interrupted.

Examples:
  code-mode store bootstrap --source .code-mode --target redis://localhost:6379 --dry-run
  code-mode store bootstrap --source .code-mode --target redis://localhost:6379 --type workflows --clear
`,
  pull: `Fetch what a store holds into a folder. Comments of its requirements.txt stay.

Usage: code-mode store pull --target STORE --dest DIR [options]

Options:
  --target STORE    The store that is read
  --dest DIR        The base folder that is written; made if it is missing
${OPTIONS_HELP}${TYPE_HELP}  --clear           Remove from the folder what the store has not, when everything else is done
  --dry-run         Show what would be done and change nothing
${COMMON_HELP}
${STORE_ADDRESS_HELP}
Exit codes: 0 success, 1 something could not be copied, 2 wrong usage or no such store, 130 interrupted.

Example:
  code-mode store pull --target redis://localhost:6379 --dest ./from-redis
`,
  diff: `Compare a folder with a store, by content. When artifacts were made does not count.

Usage: code-mode store diff --source DIR --target STORE [options]

Options:
  --source DIR      The base folder
  --target STORE    The store that it is compared with
${OPTIONS_HELP}${TYPE_HELP}  --patch           Show how the source of each changed workflow differs
${COMMON_HELP}
  + NAME   only the target has it        ~ NAME   both have it and it differs
  - NAME   only the source has it

${STORE_ADDRESS_HELP}
Exit codes, as those of diff: 0 no difference, 1 there are some, 2 trouble.
`,
  list: `List what a store holds: workflows and tools with their description, artifacts with their size in bytes
and when they were made (UTC), packages.

Usage: code-mode store list --target STORE [options]

Options:
  --target STORE    The store
${OPTIONS_HELP}${TYPE_HELP}${COMMON_HELP}
${STORE_ADDRESS_HELP}
Exit codes: 0 success, 2 wrong usage or no such store.
`,
  migrate: `Rename what a store of an older py-code-mode calls skills to workflows. Nothing is replaced: where both
have one of a name and they differ, the skill stays. Without this the skills are read all the same.

Usage: code-mode store migrate --target STORE [options]

Options:
  --target STORE    The store
${OPTIONS_HELP}${COMMON_HELP}
${STORE_ADDRESS_HELP}
Exit codes: 0 success, 1 some skills stay, 2 wrong usage or no such store.
`,
} as const;
