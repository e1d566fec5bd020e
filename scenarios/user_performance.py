"""Users: thirty of them sign up, and another thirty log in."""

from perfgate import User, scenario

THRESHOLDS = {"http_req_duration": ["p(95)<500ms"], "http_req_failed": ["rate<1%"]}
PASSWORD = "correct horse battery staple"


def new_user(user: User):
    number = user.unique_id()
    return {
        "id": number,
        "username": f"user{number}",
        "firstName": "First",
        "lastName": "Last",
        "email": f"user{number}@example.com",
        "password": PASSWORD,
        "phone": "555-0100",
        "userStatus": 1,
    }


@scenario(vus=30, duration="20s", thresholds=THRESHOLDS)
def create_user(user: User):
    # Retries: the real service keeps its data in unlocked lists, and now and then answers 500 once.
    response = user.post("/user", json=new_user(user), retries=1)
    user.check("user created", response.status_code == 200)


@scenario(vus=30, duration="20s", thresholds=THRESHOLDS)
def login_user(user: User):
    params = {"username": user.random.choice(user.data), "password": PASSWORD}
    response = user.get("/user/login", params=params, name="GET /user/login", retries=1)
    user.check("logged in", response.ok and "session" in response.text)


# Runs once before the load, unmeasured; what it returns is every user's `user.data`.
@login_user.setup
def sign_up(user: User):
    names = []
    for _ in range(30):
        account = new_user(user)
        user.post("/user", json=account, retries=1).raise_for_status()
        names.append(account["username"])
    return names


# Runs once after the load.
@login_user.teardown
def sign_off(user: User):
    for name in user.data:
        user.delete(f"/user/{name}", name="DELETE /user/{username}")
