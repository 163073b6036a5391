import { z } from 'zod';
import { checkParams } from '../common/params.ts';
import type { HostCallHandlers } from '../connection/hostCalls.ts';
import type { Json } from '../contract/execution.ts';
import type { ToolInfo } from '../contract/tools.ts';

const SearchParams = z.object({ query: z.string(), limit: z.number().int().positive() });

/** The tools of a session. No kind of tool is wired in this version, so that there are none to list. */
export class ToolService {
  /** All tools, by name. */
  async list(): Promise<readonly ToolInfo[]> {
    return [];
  }

  /** The tools that fit the query best, best first. */
  async search(_query: string, _limit: number): Promise<readonly ToolInfo[]> {
    return [];
  }
}

/** What `tools` in Python calls. */
export function toolCalls(tools: ToolService): HostCallHandlers {
  return {
    'tools.list': async () => ({ result: (await tools.list()) as unknown as Json }),
    'tools.search': async ({ method, params }) => {
      const { query, limit } = checkParams(SearchParams, method, params);
      return { result: (await tools.search(query, limit)) as unknown as Json };
    },
  };
}
