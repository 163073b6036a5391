import type { z } from 'zod';

/** A call with an answer. Each side checks what it receives. */
export interface RequestDefinition<Params extends z.ZodType, Result extends z.ZodType> {
  readonly method: string;
  readonly params: Params;
  readonly result: Result;
}

/** A message without an answer. */
export interface NotificationDefinition<Params extends z.ZodType> {
  readonly method: string;
  readonly params: Params;
}

export function request<Params extends z.ZodType, Result extends z.ZodType>(
  method: string,
  params: Params,
  result: Result,
): RequestDefinition<Params, Result> {
  return { method, params, result };
}

export function notification<Params extends z.ZodType>(
  method: string,
  params: Params,
): NotificationDefinition<Params> {
  return { method, params };
}
