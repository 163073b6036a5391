import { UsageError } from '../../../contract/errors.ts';
import { compareMaps, type Shelf } from './shelf.ts';

export const toolShelf: Shelf = {
  async compare(source, target) {
    const [ours, theirs] = await Promise.all([source.tools.list(), target.tools.list()]);
    // As text: options stand on the command line in their order.
    const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
    return compareMaps(ours, theirs, isSame, (tool) => ('problem' in tool ? tool.problem : undefined));
  },

  async copier(from, to) {
    // The target is listed as well: its tools may be in files of other names.
    const [tools] = await Promise.all([from.tools.list(), to.tools.list()]);
    return async (name) => {
      const tool = tools.get(name);
      if (!tool || 'problem' in tool) throw new UsageError(tool?.problem ?? `There is no tool "${name}".`);
      await to.tools.save(name, tool.config);
    };
  },

  delete: (name, from) => from.tools.delete(name),
};
