/** What `code-mode --help` prints. */
export const MAIN_HELP = `Python Code Mode: one live Python session, nothing to install.

Usage: code-mode COMMAND [options]

Commands:
  run            Run Python code from a file, an argument or standard input
  capabilities   Show what each executor can promise on this machine
  deps           List, add, remove, upgrade and sync packages
  tools          List, search, show, check, call and make tools
  workflows      List, search and show the workflows of a store
  artifacts      List, load, save and delete the artifacts of a store
  store          Move and compare stores: folders and Redis

Options:
  -h, --help      Show this help; with a command, the command's
  -V, --version   Show the version

Exit codes: 0 success, 1 the Python code failed, 2 wrong usage or settings,
124 the run took longer than --timeout, 130 interrupted with Ctrl+C.
`;

/** What `code-mode run --help` prints. `executors`: the ids there are, the default first. */
export function runHelp(executors: readonly string[]): string {
  return `Run Python code and print what it prints, then the value of its last expression.

Usage: code-mode run [FILE | -c CODE | -] [options]

What to run (exactly one):
  FILE              A Python file; its encoding is read as Python reads it (PEP 263)
  -c, --code CODE   The code itself
  -                 Read the code from standard input

Options:
  --executor ID     Where Python runs: ${executors.join(', ')} (default: ${executors[0]})
  --base DIR        The base folder, for artifacts, workflows and tools; made if it is missing.
                    Without it nothing is kept on disk
  --set NAME=VALUE  A setting of the executor, such as memoryLimit=512; may be repeated. VALUE is JSON
                    or text. What there is: the settings codeMode.ID.NAME in VS Code
  --timeout S       Stop the code after S seconds (above 0; default: no limit; with --attach, the window's setting)
  --json            Print one ExecutionResult as JSON on standard output and nothing else
  --attach          Run in the live session of the VS Code window that has this folder open,
                    with the variables that are there
  --agent           The run is an agent's, not a person's: its tool calls are asked for in the VS Code
                    window, as codeMode.tools.approval says, and refused where nobody is there
  --workspace DIR   With --attach: the workspace folder to look for (default: this folder
                    and the folders above it)
  -h, --help        Show this help

input() reads standard input, unless the code itself comes from there. Ctrl+C interrupts
the code, a second Ctrl+C kills it (with --attach: leaves it running and detaches).

Exit codes: 0 success, 1 the Python code failed, 2 wrong usage or settings,
124 the run took longer than --timeout, 130 interrupted with Ctrl+C.

Examples:
  code-mode run script.py --timeout 30
  code-mode run -c "sum(range(10))"
  echo 'print("hello")' | code-mode run - --json
`;
}

/** What `code-mode capabilities --help` prints. */
export function capabilitiesHelp(executors: readonly string[]): string {
  return `Show every executor with what it can promise on this machine, and what is missing.

Usage: code-mode capabilities [options]

Options:
  --executor ID     Only this executor: ${executors.join(', ')}
  --set NAME=VALUE  With --executor: a setting of it, such as memoryLimit=512; may be repeated.
                    VALUE is JSON or text
  --verify          Put every declared capability to the test and show what was seen
  --json            Print the report as JSON
  -h, --help        Show this help

Exit codes: 0 success, 1 a declared capability failed its probe or the executor that was
asked for could not be started, 2 wrong usage.
`;
}
