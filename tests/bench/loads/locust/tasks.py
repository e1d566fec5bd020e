"""The locustfile that is copied most: fifty users, two tasks, some seconds between them."""

from locust import HttpUser, between, task


class QuickstartUser(HttpUser):
    wait_time = between(1, 5)

    @task
    def look(self):
        self.client.get("/pet/1")

    @task(3)
    def look_for(self):
        self.client.get("/pet/findByStatus?status=pending")
