from perfgate import User, scenario


@scenario(vus=10, duration="20s", thresholds={"http_req_failed": ["rate<1%"]})
def look(user: User):
    top = user.get("/top")
    user.check("twenty players", len(top.json()) == 20)
    user.think(0.01, 0.05)
