import { createServer } from 'node:http';
import { createClient } from 'redis';

const redis = await createClient({ url: process.env.REDIS_URL }).connect();

async function topPlayers() {
  const names = await redis.zRange('players', 0, 19, { REV: true });
  return redis.mGet(names);
}

createServer(async (request, response) => {
  const answer = request.url === '/top' ? await topPlayers() : 'ok';
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer));
}).listen(process.env.PORT);
