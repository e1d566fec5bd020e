"""Thirty users each place an order and read it back."""

from perfgate import User, scenario


@scenario(
    vus=30,
    duration="20s",
    thresholds={"http_req_duration": ["p(95)<500ms"], "http_req_failed": ["rate<1%"]},
)
def order_pet(user: User):
    order = {
        "id": user.unique_id(),
        "petId": user.random.randint(1, 10),
        "quantity": 1,
        "shipDate": "2026-01-01T00:00:00.000Z",
        "status": "placed",
        "complete": False,
    }
    # Retries: the real service keeps its data in unlocked lists, where an order can be missing for a moment.
    placed = user.post("/store/order", json=order, retries=1)
    user.check("order placed", placed.status_code == 200)

    # Named by hand, so that all ids count as one request.
    found = user.get(f"/store/order/{order['id']}", name="GET /store/order/{id}", retries=1)
    user.check("order read back", found.ok and found.json()["id"] == order["id"])
