"""Loads on the embedded petstore: closed loops, users that think for a shorter or a longer time, and arrivals."""

from perfgate import User, scenario


def post(user: User):
    user.post("/pet", json={"id": user.unique_id(), "name": "doggie", "photoUrls": []})


@scenario(vus=8, duration="60s")
def closed(user: User):
    post(user)


@scenario(vus=20, duration="60s")
def think_10ms(user: User):
    post(user)
    user.think(0.01)


@scenario(vus=20, duration="60s")
def think(user: User):
    post(user)
    user.think(mean=0.05)


@scenario(vus=50, duration="60s")
def think_400ms(user: User):
    post(user)
    user.get("/pet/1")
    user.think(0.2, 0.6)


@scenario(rate=25, duration="60s", pre_allocated_vus=10)
def arrivals(user: User):
    user.get("/pet/1")


@scenario(vus=8, duration="60s")
def get(user: User):
    user.get("/")
