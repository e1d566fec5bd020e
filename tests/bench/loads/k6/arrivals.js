// So many requests a second, however long they take.
import http from 'k6/http';

export const options = {
  scenarios: {
    arrivals: { executor: 'constant-arrival-rate', rate: 25, duration: '60s', preAllocatedVUs: 10 },
  },
};

export default function () {
  http.get(`${__ENV.BASE_URL}/pet/1`);
}
