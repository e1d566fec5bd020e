// A k6 script as people write them.
import http from 'k6/http';
import { sleep } from 'k6';

export const options = { vus: 10, duration: '60s' };

export default function () {
  http.get(`${__ENV.BASE_URL}/pet/1`);
  sleep(1);
}
