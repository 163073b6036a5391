import assert from 'node:assert/strict';
import type { ApprovalQuestion } from '../../src/core/session/session.ts';
import { approvalWords } from '../../src/ui/tools/approvalWords.ts';

const question = (asked: Partial<ApprovalQuestion>): ApprovalQuestion => ({
  tool: 'jq',
  callable: 'query',
  description: 'Reads JSON.',
  commandLine: 'jq .a',
  arguments: { filter: '.a', raw: true },
  session: 'id',
  title: 'workspace',
  initiator: 'agent',
  startedBy: 'a terminal',
  ...asked,
});

describe('the words of a question for an approval', () => {
  it('name the call of a tool with its arguments', () => {
    const words = approvalWords(question({}));
    assert.equal(words.wish, 'call tools.jq.query');
    assert.equal(words.all, 'all calls of tools.jq.query');
    assert.deepEqual(words.details, [
      { label: '$(terminal) Runs', value: 'jq .a' },
      { label: '$(symbol-parameter) filter', value: '.a' },
      { label: '$(symbol-parameter) raw', value: 'true' },
    ]);
  });

  it('say what would be installed, and where', () => {
    const commandLine = 'install six rich into the environment ".venv", by uv 0.9.3';
    const words = approvalWords(
      question({ tool: 'deps', callable: 'add', commandLine, arguments: { packages: ['six', 'rich'] } }),
    );
    assert.equal(words.wish, commandLine);
    assert.equal(words.called, 'deps.add');
    assert.equal(words.all, 'all packages that code installs there');
    assert.deepEqual(
      words.details.map(({ label }) => label),
      ['$(info) Does', '$(terminal) Runs', '$(package) six', '$(package) rich'],
    );
  });

  it('are short where many packages are wanted', () => {
    const packages = Array.from({ length: 50 }, (_, n) => `package-${n}`);
    const commandLine = `install ${packages.join(' ')} into .venv`;
    const words = approvalWords(
      question({ tool: 'deps', callable: 'add', commandLine, arguments: { packages } }),
    );
    assert.ok(words.wish.length < 100 && words.wish.endsWith('…'));
    assert.equal(words.details.length, 52);
  });
});
