"""The store of the petstore: in memory, and bounded, so that a long load does not make it grow."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from itertools import count
from typing import Generic, NamedTuple, TypeVar

from perfgate.petstore.models import Json, to_json

NEWEST = 100_000

Key = TypeVar("Key")
Item = TypeVar("Item")


class Shelf(Generic[Key, Item]):
    """The newest things of one kind by their key, the oldest first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: OrderedDict[Key, Item] = OrderedDict()

    def put(self, key: Key, item: Item) -> None:
        """Keep `item` as the newest one, instead of what had its key; a full shelf drops the oldest."""
        self._items.pop(key, None)
        self._items[key] = item
        if len(self._items) > self._limit:
            self._items.popitem(last=False)

    def get(self, key: Key) -> Item | None:
        return self._items.get(key)

    def remove(self, key: Key) -> None:
        """Forget a thing; one that is not there is forgotten already."""
        self._items.pop(key, None)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)


class KeptPet(NamedTuple):
    """A pet as JSON, ready to be sent.

    status, tags: the keys that pets are looked up by.
    """

    json: bytes
    status: str | None
    tags: frozenset[str]


class KeptOrder(NamedTuple):
    """An order as JSON, ready to be sent.

    status, quantity: for the inventory.
    """

    json: bytes
    status: str | None
    quantity: int


class Store:
    """Pets, orders and users. The writing methods return the JSON that was kept."""

    def __init__(self, limit: int = NEWEST) -> None:
        self.pets: Shelf[int, KeptPet] = Shelf(limit)
        self.orders: Shelf[int, KeptOrder] = Shelf(limit)
        self.users: Shelf[str, bytes] = Shelf(limit)
        self._sessions = count(1)

    def new_session(self) -> int:
        """The number of one more session of a user; nothing else is kept of it."""
        return next(self._sessions)

    def put_pet(self, pet: Json) -> bytes:
        """Keep a pet; it must have an id."""
        written = to_json(pet)
        tags = frozenset(tag["name"] for tag in pet.get("tags", ()) if tag and "name" in tag)
        self.pets.put(pet["id"], KeptPet(written, pet.get("status"), tags))
        return written

    def put_order(self, order: Json) -> bytes:
        """Keep an order."""
        written = to_json(order)
        self.orders.put(order["id"], KeptOrder(written, order.get("status"), order["quantity"]))
        return written

    def put_user(self, user: Json) -> bytes:
        """Keep a user. One without a name could never be found again and is not kept."""
        written = to_json(user)
        if "username" in user:
            self.users.put(user["username"], written)
        return written

    def pets_by_status(self, status: str) -> list[bytes]:
        return [pet.json for pet in self.pets if pet.status == status]

    def pets_by_tags(self, tags: frozenset[str]) -> list[bytes]:
        return [pet.json for pet in self.pets if not tags.isdisjoint(pet.tags)]

    def inventory(self) -> dict[str, int]:
        """Quantities ordered, by the status of the order."""
        counts: Counter[str] = Counter()
        for order in self.orders:
            if order.status is not None:
                counts[order.status] += order.quantity
        return dict(counts)
