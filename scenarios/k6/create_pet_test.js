// Twenty users put pets up for sale.
import http from 'k6/http';
import { check, sleep } from 'k6';

export const options = {
  vus: 20,
  duration: '20s',
  thresholds: { http_req_duration: ['p(95)<500'], http_req_failed: ['rate<0.01'] },
};

const BASE_URL = __ENV.BASE_URL || 'http://localhost:8080/api/v3';
const JSON_BODY = { 'Content-Type': 'application/json' };
// A pause, so that k6 itself is never what is measured.
const THINK = 0.02;
// No other user, round or target begins to count there.
const FIRST_ID = (Date.now() % 1e7) * 1e8 + (__VU % 1000) * 1e5;

export default function () {
  const pet = {
    id: FIRST_ID + __ITER,
    name: 'doggie',
    category: { id: 1, name: 'Dogs' },
    photoUrls: ['https://example.com/doggie.jpg'],
    tags: [{ id: 1, name: 'friendly' }],
    status: ['available', 'pending', 'sold'][__ITER % 3],
  };
  const response = http.post(`${BASE_URL}/pet`, JSON.stringify(pet), { headers: JSON_BODY });
  check(response, { 'pet created': (r) => r.status === 200 });
  sleep(THINK);
}
