// A process of its own that uses a store and does not close it: `node forgetful.js URL`.
import { RedisStorage } from '../../../src/core/storage/redis/redisStorage.ts';

async function main(url = ''): Promise<void> {
  const store = new RedisStorage({ url, prefix: 'forgetful' });
  store.watch(() => undefined);
  const { artifacts } = store;
  await artifacts.save('a', Buffer.from('1'), { description: '', metadata: {}, dataType: 'text' });
  await artifacts.rename('a', 'b');
  await artifacts.list();
  console.log('done');
}

void main(process.argv[2]);
