from perfgate import User, scenario


@scenario(vus=10, duration="20s", thresholds={"http_req_failed": ["rate<1%"]})
def search(user: User):
    user.get("/red")
    user.think(0.01, 0.05)
