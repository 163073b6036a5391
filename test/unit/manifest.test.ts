import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { executorRegistry } from '../../src/core/executors/index.ts';

interface Setting {
  readonly default: unknown;
  readonly enum?: readonly unknown[];
  readonly enumItemLabels?: readonly string[];
  readonly markdownEnumDescriptions?: readonly string[];
  readonly markdownDescription: string;
}

interface Manifest {
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] };
  };
  readonly contributes: {
    readonly menus: Readonly<
      Record<string, readonly { readonly command?: string; readonly when?: string }[]>
    >;
    readonly configuration: readonly { readonly properties: Readonly<Record<string, Setting>> }[];
  };
}

const manifest: Manifest = JSON.parse(readFileSync(path.resolve(__dirname, '../../../package.json'), 'utf8'));
const settings = new Map(
  manifest.contributes.configuration.flatMap(({ properties }) => Object.entries(properties)),
);

/** The settings of an executor's own, by their names below its id. */
function settingsOf(executor: string): [name: string, setting: Setting][] {
  const prefix = `codeMode.${executor}.`;
  return [...settings].flatMap(([key, setting]): [string, Setting][] =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), setting]] : [],
  );
}

/** Without a line they are about the session in front of the person. */
const WITHOUT_LINE = ['openShell', 'showLog', 'stop', 'rebuild'].map((name) => `codeMode.container.${name}`);

describe('what package.json says of the commands', () => {
  it('keeps those that need a line of a view out of the palette', () => {
    const { commandPalette = [], 'view/item/context': items = [] } = manifest.contributes.menus;
    const hidden = commandPalette.filter(({ when }) => when === 'false').map(({ command }) => command);
    for (const { command = '' } of items) {
      assert.equal(hidden.includes(command), !WITHOUT_LINE.includes(command), command);
    }
  });
});

describe('what package.json says of the executors', () => {
  it('names each of them', () => {
    const { enum: ids, enumItemLabels: labels, default: first } = settings.get('codeMode.executor') ?? {};
    const executors = executorRegistry.list();
    assert.deepEqual(
      ids,
      executors.map(({ id }) => id),
    );
    assert.deepEqual(
      labels,
      executors.map(({ label }) => label),
    );
    assert.equal(first, executors[0]?.id);
  });

  it('has a word for each value that can be chosen', () => {
    for (const [key, setting] of settings) {
      assert.ok(setting.markdownDescription, key);
      assert.equal(setting.enumItemLabels?.length, setting.enum?.length, key);
      assert.equal(setting.markdownEnumDescriptions?.length, setting.enum?.length, key);
    }
  });

  it('is what they take: every default and every value that can be chosen', async () => {
    for (const descriptor of executorRegistry.list()) {
      const own = settingsOf(descriptor.id);
      const defaults = Object.fromEntries(own.map(([name, setting]) => [name, setting.default]));
      const choices = own.flatMap(([name, { enum: values = [] }]) =>
        values.map((value) => ({ ...defaults, [name]: value })),
      );
      for (const chosen of [defaults, ...choices]) {
        const executor = descriptor.create({ distFolder: '', settings: chosen, log: () => undefined });
        await executor.close();
      }
    }
  });

  it('has each of their settings, with the default that they have themselves', () => {
    for (const { id, settingsSchema } of executorRegistry.list()) {
      const defaults = Object.fromEntries(settingsOf(id).map(([name, setting]) => [name, setting.default]));
      assert.deepEqual(defaults, settingsSchema.parse({}), id);
    }
  });

  it('lets no workspace set what runs, and behind which wall, before it is trusted', () => {
    const restricted = new Set(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations);
    for (const key of restricted) assert.ok(settings.has(key), key);
    for (const { id } of executorRegistry.list()) {
      for (const [name] of settingsOf(id)) assert.ok(restricted.has(`codeMode.${id}.${name}`), name);
    }
  });
});
