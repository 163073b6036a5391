import assert from 'node:assert/strict';
import { CodeModeError, NobodyAnswersError } from '../../src/core/contract/errors.ts';
import { type Answerer, Answers } from '../../src/core/session/runs/answers.ts';

const question = { prompt: 'Q', password: false };
const answering =
  (text: string): Answerer =>
  async () =>
    text;
const gone: Answerer = async () => {
  throw new CodeModeError('closed', 'The client has disconnected.');
};

const answersOf = (others: () => Iterable<Answerer>, comesBackMs?: number) =>
  new Answers(others, () => new NobodyAnswersError(), comesBackMs);

describe('who answers what code asks', () => {
  const ask = (answers: Answers) => answers.ask(question, new AbortController().signal);

  it('nobody, which is said', async () => {
    await assert.rejects(ask(answersOf(() => [])), NobodyAnswersError);
  });

  it('the one who started it, else who follows it, else anybody', async () => {
    const answers = answersOf(() => [answering('anybody')]);
    const starter = answers.add(answering('starter'));
    const follower = answers.add(answering('follower'));
    assert.equal(await ask(answers), 'starter');
    starter.dispose();
    assert.equal(await ask(answers), 'follower');
    follower.dispose();
    assert.equal(await ask(answers), 'anybody');
  });

  it('the next where one goes away under the question, but not where one refuses', async () => {
    const answers = answersOf(() => []);
    answers.add(gone);
    answers.add(answering('next'));
    assert.equal(await ask(answers), 'next');
    const refusing = answersOf(() => [answering('never asked')]);
    refusing.add(async () => {
      throw new Error('No.');
    });
    await assert.rejects(ask(refusing), /^Error: No\.$/);
  });

  it('one who comes back in time, and nobody after that', async () => {
    const answers = answersOf(() => [], 60_000);
    answers.add(gone);
    answers.expectBack();
    const waiting = ask(answers);
    answers.add(answering('back'));
    assert.equal(await waiting, 'back');
    const late = answersOf(() => [], 10);
    late.expectBack();
    await assert.rejects(ask(late), NobodyAnswersError);
  });

  it('nobody any more once the question is withdrawn', async () => {
    const answers = answersOf(() => [], 60_000);
    answers.expectBack();
    const withdrawn = new AbortController();
    const waiting = answers.ask(question, withdrawn.signal);
    withdrawn.abort(new Error('withdrawn'));
    await assert.rejects(waiting, /withdrawn/);
  });
});
