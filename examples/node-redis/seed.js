import { createClient } from 'redis';

const redis = await createClient({ url: process.env.REDIS_URL }).connect();
for (let score = 0; score < 1000; score++) {
  await redis.zAdd('players', { score, value: `player:${score}` });
  await redis.set(`player:${score}`, `{"name": "Player ${score}"}`);
}
await redis.close();
