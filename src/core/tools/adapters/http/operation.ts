import type { ToolCallableInfo, ToolParameter } from '../../../contract/tools.ts';
import type { Method } from './config.ts';

/** One request that a tool can make, whether a file or an OpenAPI document describes it. Plain data. */
export interface Operation {
  readonly info: ToolCallableInfo;
  readonly method: Method;
  /** What {@link path} is appended to; may have `${NAME}` in it. */
  readonly baseUrl: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly inputs: readonly Input[];
  readonly body: BodyPlan | undefined;
  readonly response: 'auto' | 'json' | 'text' | 'bytes';
}

/** How a value is written, in the words of OpenAPI. */
export type Style =
  | 'simple'
  | 'label'
  | 'matrix'
  | 'form'
  | 'spaceDelimited'
  | 'pipeDelimited'
  | 'deepObject'
  /** As JSON text. */
  | 'json';

/** How a parameter becomes text. */
export interface Writing {
  /** As the API knows it. */
  readonly wireName: string;
  readonly style: Style;
  /** Whether each item of a list and each key of an object is written on its own. */
  readonly explode: boolean;
  /** Whether signs that have a meaning in a URL are left as they are. */
  readonly allowReserved: boolean;
}

/** A parameter outside of the body. */
export interface Input extends Writing {
  readonly parameter: ToolParameter;
  readonly place: 'path' | 'query' | 'header' | 'cookie';
}

/** A parameter that is a part of the body. */
export interface Field extends Writing {
  /** Missing: {@link BodyPlan.whole} is the parameter. */
  readonly parameter: ToolParameter | undefined;
  /** The media type of a part; undefined: by its value. */
  readonly contentType: string | undefined;
}

/** What is sent as body. */
export interface BodyPlan {
  readonly encoding: 'json' | 'form' | 'multipart' | 'text' | 'bytes';
  /** The media type; that of a multipart gets its boundary. */
  readonly contentType: string;
  /** Whether something is sent even where no argument is given. */
  readonly required: boolean;
  /** The one parameter that is the body; undefined: {@link fields} are the parameters. */
  readonly whole: ToolParameter | undefined;
  readonly fields: readonly Field[];
}
