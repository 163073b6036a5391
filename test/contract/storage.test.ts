import { describeArtifacts } from './storage/artifacts.ts';
import { describeConcurrency } from './storage/concurrency.ts';
import { describePieces } from './storage/pieces.ts';
import { describeRedis } from './storage/redis.ts';
import { fileSubject, redisSubject } from './storage/subject.ts';
import { describeWorkflows } from './storage/workflows.ts';
import { describeWorkspaces } from './storage/workspaces.ts';

for (const subject of [fileSubject(), redisSubject()]) {
  describe(`the storage contract: ${subject.name}`, () => {
    subject.install();
    describeArtifacts(subject);
    describePieces(subject);
    describeWorkflows(subject);
    describeWorkspaces(subject);
    describeConcurrency(subject);
  });
}

describeRedis();
