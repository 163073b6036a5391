import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeMarshal } from './marshal.ts';

/** Where the modules seem to lie inside; there is no such folder. */
const INSIDE = '/.python-code-mode';
const PACKAGES = ['code_mode', 'container_init'];

/** What Python in a container begins with. */
export interface Payload {
  /** Python, as its `-c`. */
  readonly program: string;
  /** Of the modules, by what they hold. */
  readonly digest: string;
  /** What the program reads first. @param compiled - what an earlier container of the image made of the modules; empty: none */
  encode(compiled: Uint8Array): Uint8Array;
}

let known: { readonly folder: string; readonly payload: Promise<Payload> } | undefined;

/** Our Python, read once in this process. @param pythonFolder absolute path of the built `python` folder */
export function readPayload(pythonFolder: string): Promise<Payload> {
  if (known?.folder !== pythonFolder) known = { folder: pythonFolder, payload: read(pythonFolder) };
  return known.payload;
}

async function read(pythonFolder: string): Promise<Payload> {
  const [program, ...packages] = await Promise.all([
    readFile(path.join(pythonFolder, 'start_container.py'), 'utf8'),
    ...PACKAGES.map((name) => readModules(pythonFolder, name)),
  ]);
  const modules = Object.fromEntries(packages.flat());
  const encoded = encodeMarshal(modules);
  return {
    program,
    digest: createHash('sha256').update(encoded).digest('hex'),
    encode: (compiled) => {
      const payload = encodeMarshal([modules, compiled]);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(payload.byteLength);
      return Buffer.concat([length, payload]);
    },
  };
}

/** By name: whether it is a package, the name of its file, and its source. */
async function readModules(folder: string, name: string): Promise<[string, [boolean, string, string]][]> {
  const files = (await readdir(path.join(folder, name))).filter((file) => file.endsWith('.py'));
  return Promise.all(
    files.map(async (file) => {
      const source = await readFile(path.join(folder, name, file), 'utf8');
      const isPackage = file === '__init__.py';
      const module = isPackage ? name : `${name}.${path.parse(file).name}`;
      return [module, [isPackage, `${INSIDE}/${name}/${file}`, source]] as [
        string,
        [boolean, string, string],
      ];
    }),
  );
}
