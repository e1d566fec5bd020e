// Users: thirty of them sign up while another thirty log in.
import http from 'k6/http';
import { check, sleep } from 'k6';

export const options = {
  scenarios: {
    create_user: { executor: 'constant-vus', exec: 'createUser', vus: 30, duration: '20s' },
    login_user: { executor: 'constant-vus', exec: 'loginUser', vus: 30, duration: '20s' },
  },
  thresholds: {
    'http_req_duration{scenario:create_user}': ['p(95)<500'],
    'http_req_duration{scenario:login_user}': ['p(95)<500'],
    http_req_failed: ['rate<0.01'],
  },
};

const BASE_URL = __ENV.BASE_URL || 'http://localhost:8080/api/v3';
const JSON_BODY = { 'Content-Type': 'application/json' };
const PASSWORD = 'correct horse battery staple';
// A pause, so that k6 itself is never what is measured.
const THINK = 0.02;
// No other user, round or target begins to count there.
const FIRST_ID = (Date.now() % 1e7) * 1e8 + (__VU % 1000) * 1e5;

function signUp(id) {
  const user = {
    id,
    username: `user${id}`,
    firstName: 'First',
    lastName: 'Last',
    email: `user${id}@example.com`,
    password: PASSWORD,
    phone: '555-0100',
    userStatus: 1,
  };
  return [user.username, http.post(`${BASE_URL}/user`, JSON.stringify(user), { headers: JSON_BODY })];
}

// Runs once before the load, unmeasured; what it returns is handed to every user.
export function setup() {
  const names = [];
  for (let number = 0; number < 30; number += 1) {
    names.push(signUp(FIRST_ID + number)[0]);
  }
  return names;
}

export function createUser() {
  const [, response] = signUp(FIRST_ID + __ITER);
  check(response, { 'user created': (r) => r.status === 200 });
  sleep(THINK);
}

export function loginUser(names) {
  const name = names[(__VU + __ITER) % names.length];
  const response = http.get(`${BASE_URL}/user/login?username=${name}&password=${encodeURIComponent(PASSWORD)}`, {
    tags: { name: 'GET /user/login' },
  });
  check(response, { 'logged in': (r) => r.status === 200 && r.body.includes('session') });
  sleep(THINK);
}

// Runs once after the load.
export function teardown(names) {
  for (const name of names) {
    http.del(`${BASE_URL}/user/${name}`);
  }
}
