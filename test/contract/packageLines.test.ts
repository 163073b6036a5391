import { describePackageLines } from './packageLines.contract.ts';
import { EXECUTORS_OF_THIS_MACHINE } from './support/subject.ts';

for (const descriptor of EXECUTORS_OF_THIS_MACHINE) describePackageLines(descriptor);
