/** Tools as YAML files, by their names: real programs, which every machine of the tests has. */
export const TOOL_FILES = {
  jq: `
name: jq
description: Query JSON
tags: [json, text]
schema:
  options:
    raw-output: {type: boolean, short: r}
    indent: {type: integer, default: 2, description: Spaces.}
  positional:
    - {name: filter, required: true, description: What to take.}
  stdin: {name: input, description: The JSON.}
recipes:
  query:
    description: Run a filter.
    params: {filter: {}, input: {}, indent: {}}
    output: json
  raw:
    description: Run a filter that gives text.
    preset: {raw-output: true}
    params: {filter: {}, input: {}}
`,
  shell: `
name: shell
description: A program of many words
command: sh
schema:
  options:
    script: {short: c, required: true}
  positional:
    - {name: words, type: array}
  stdin: {name: input}
recipes:
  echo:
    description: Print a word.
    preset: {script: 'printf %s "$1"'}
    params: {words: {}}
  wait-for:
    description: Never come back.
    preset: {script: 'sleep 1000 & echo $! > "$0"; wait'}
    params: {words: {}}
`,
  limited: `
name: limited
command: sh
timeout: 0.5
schema:
  options:
    script: {short: c, required: true}
  positional:
    - {name: words, type: array}
`,
} as const;
