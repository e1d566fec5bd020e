"""The stock of a new petstore: the same pets, orders and users as in the real one."""

from __future__ import annotations

from perfgate.petstore.store import NEWEST, Store

_CATEGORIES = {"Dog": (1, "Dogs"), "Cat": (2, "Cats"), "Rabbit": (3, "Rabbits"), "Lion": (4, "Lions")}
# Name, number of its first tag, status.
_PETS = (
    ("Cat 1", 1, "available"),
    ("Cat 2", 2, "available"),
    ("Cat 3", 3, "pending"),
    ("Dog 1", 1, "available"),
    ("Dog 2", 2, "sold"),
    ("Dog 3", 3, "pending"),
    ("Lion 1", 1, "available"),
    ("Lion 2", 2, "available"),
    ("Lion 3", 3, "available"),
    ("Rabbit 1", 3, "available"),
)
# Quantity, status.
_ORDERS = ((100, "placed"), (50, "approved"), (50, "delivered"))
_USERS = 10


def stocked_store(limit: int = NEWEST) -> Store:
    """A store with pets 1 to 10, orders 1 to 3 and users user1 to user10. limit: how many of each kind it keeps."""
    store = Store(limit)
    for number, (name, tag, status) in enumerate(_PETS, 1):
        category, category_name = _CATEGORIES[name.split()[0]]
        store.put_pet(
            {
                "id": number,
                "category": {"id": category, "name": category_name},
                "name": name,
                "photoUrls": ["url1", "url2"],
                "tags": [{"id": 1, "name": f"tag{tag}"}, {"id": 2, "name": f"tag{tag + 1}"}],
                "status": status,
            }
        )
    for number, (quantity, status) in enumerate(_ORDERS, 1):
        store.put_order(
            {
                "id": number,
                "petId": 1,
                "quantity": quantity,
                "shipDate": "2026-01-01T00:00:00.000+00:00",
                "status": status,
                "complete": True,
            }
        )
    for number in range(1, _USERS + 1):
        store.put_user(
            {
                "id": number,
                "username": f"user{number}",
                "firstName": f"first name {number}",
                "lastName": f"last name {number}",
                "email": f"email{number}@test.com",
                "password": "XXXXXXXXXXX",
                "phone": "123-456-7890",
                "userStatus": (number - 1) % 3 + 1,
            }
        )
    return store
