// A process of its own that asks for an environment: `node environmentMaker.js OPTIONS`, the options as JSON. It sends
// its log, then the environment.
import { resolveEnvironment } from '../../src/core/executors/subprocess/environment/index.ts';

async function main([options = '{}']: string[]): Promise<void> {
  const log = (line: string) => void process.send?.({ log: line });
  const environment = await resolveEnvironment({ ...JSON.parse(options), log });
  process.send?.({ environment }, () => process.disconnect());
}

void main(process.argv.slice(2));
