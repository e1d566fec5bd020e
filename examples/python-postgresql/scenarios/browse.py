from perfgate import User, scenario


@scenario(vus=10, duration="20s", thresholds={"http_req_failed": ["rate<1%"]})
def browse(user: User):
    items = user.get("/items")
    user.check("twenty items", len(items.json()) == 20)
    user.think(0.01, 0.05)
