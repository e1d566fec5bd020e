"""A locustfile for the pet store: perfgate run scenarios/locust/pet_store.py --target petstore --vus 10"""

import random

from locust import FastHttpUser, between, task


class Visitor(FastHttpUser):
    """Looks at pets more often than it brings one."""

    wait_time = between(0.02, 0.08)

    @task(3)
    def look(self):
        self.client.get("/pet/findByStatus?status=available", name="/pet/findByStatus")

    @task(1)
    def bring(self):
        pet = {"id": random.randrange(1 << 40), "name": "doggie", "photoUrls": [], "status": "sold"}
        with self.client.post("/pet", json=pet, name="/pet", catch_response=True) as response:
            if response.json()["name"] != "doggie":
                response.failure("another pet came back")
