// Thirty users each place an order and read it back.
import http from 'k6/http';
import { check, sleep } from 'k6';

export const options = {
  vus: 30,
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
  const order = {
    id: FIRST_ID + __ITER,
    petId: 1 + (__ITER % 10),
    quantity: 1,
    shipDate: '2026-01-01T00:00:00.000Z',
    status: 'placed',
    complete: false,
  };
  const placed = http.post(`${BASE_URL}/store/order`, JSON.stringify(order), { headers: JSON_BODY });
  check(placed, { 'order placed': (r) => r.status === 200 });

  // Named, so that all ids count as one request.
  const found = http.get(`${BASE_URL}/store/order/${order.id}`, { tags: { name: 'GET /store/order/{id}' } });
  check(found, { 'order read back': (r) => r.status === 200 && r.json('id') === order.id });
  sleep(THINK);
}
