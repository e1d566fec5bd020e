"""The virtual user that a scenario function is given, as a type: `def create_pet(user: User)`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

if TYPE_CHECKING:
    from datetime import timedelta
    from random import Random

    from typing_extensions import Unpack


class ServerEvent(Protocol):
    """A server-sent event. retry: milliseconds to wait before coming back, where the service said so."""

    @property
    def event(self) -> str: ...

    @property
    def data(self) -> str: ...

    @property
    def id(self) -> str: ...

    @property
    def retry(self) -> int | None: ...


class Response(Protocol):
    """The response to a request: that of `requests`, with all of its attributes; here are the usual ones.

    Without an answer there is a response, too: its `status_code` is 0, `ok` is False, and `error` says why.
    """

    status_code: int
    """The HTTP status; 0 where no answer came."""

    url: str
    """The URL that answered, after redirects."""

    @property
    def error(self) -> Exception | None:
        """Why no answer came: a timeout, a refused connection, ...; None where one came."""

    @property
    def ok(self) -> bool:
        """Whether the status is below 400. A response is also true or false by itself: `if response:`."""

    @property
    def reason(self) -> str:
        """The words after the status: "Not Found"."""

    @property
    def elapsed(self) -> timedelta:
        """Time from the request's first byte to the answer's last."""

    @property
    def elapsed_ns(self) -> int:
        """The same in nanoseconds."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers; capitals make no difference."""

    @property
    def cookies(self) -> Any:
        """The cookies that the answer sets, as a `requests.cookies.RequestsCookieJar`."""

    @property
    def content(self) -> bytes:
        """The body, unpacked."""

    @property
    def text(self) -> str:
        """The body as text, decoded by `encoding`."""

    @property
    def encoding(self) -> str | None:
        """The encoding of `text`, from the answer's headers; may be set."""

    @encoding.setter
    def encoding(self, value: str | None) -> None: ...

    def json(self, **options: Any) -> Any:
        """The body as JSON. `requests.JSONDecodeError` where it is none. options: those of `json.loads`."""

    def iter_content(self, chunk_size: int | None = 1) -> Iterator[bytes]:
        """The body in pieces of at most so many bytes; with `stream=True` as they come."""

    def iter_lines(self) -> Iterator[bytes]:
        """The lines of the body; with `stream=True` as they come."""

    def iter_events(self) -> Iterator[ServerEvent]:
        """The server-sent events; with `stream=True` as they come."""

    def close(self) -> None:
        """Read no more of an answer to a request with `stream=True`; `with user.get(...) as response:` does it, too."""

    def raise_for_status(self) -> None:
        """Raise `requests.HTTPError` for a status of 400 or more, `requests.ConnectionError` where no answer came."""

    def __bool__(self) -> bool:
        """The same as `ok`."""

    def __iter__(self) -> Iterator[bytes]:
        """The body in pieces."""

    def __enter__(self) -> Response:
        """The response itself."""

    def __exit__(self, *_: object) -> None:
        """The same as `close`."""

    def __getattr__(self, name: str) -> Any:
        """Every other attribute of a `requests.Response`."""


class RequestOptions(TypedDict, total=False):
    """The keyword arguments of every request: perfgate's own three, then those of `requests.Session.request`.

    name: the row that the request counts for in the report; by default method and path, ids in the path as {id}.
    retries: how often a failed attempt (no answer, or a status outside 200 to 399) is repeated, after 50 ms, 100 ms,
        200 ms, ... with jitter; repeated attempts are counted apart.
    expect: the status that is a success instead of 200 to 399, or several: 404, (200, 404). Others fail.
    """

    name: str | None
    retries: int
    expect: int | Collection[int] | None
    params: Any
    headers: Any
    cookies: Any
    files: Any
    auth: Any
    timeout: Any
    allow_redirects: bool
    proxies: Any
    hooks: Any
    stream: bool
    verify: Any
    cert: Any


class BodyOptions(RequestOptions, total=False):
    """The same with a body.

    data: a dict (a form), text or bytes.
    json: a value to be sent as JSON.
    """

    data: Any
    json: Any


class User(Protocol):
    """One virtual user (VU), with the verbs of a `requests.Session`.

    Requests go to a path below the target ("/pet/1"), or to an absolute URL. Each is measured. A request that gets no
    answer raises nothing: see `Response`.
    """

    data: Any
    """The value that the scenario's setup function returned; None without one."""

    auth: Any
    """Credentials of all later requests, as of a `requests.Session`: ("user", "password"), or an object of its kind."""

    verify: Any
    """Whether certificates of https targets are checked, or the path of a CA bundle; of all later requests."""

    cert: Any
    """The client certificate of all later requests: the path of a file, or of two (certificate, key)."""

    proxies: Any
    """Proxies of all later requests: {"http": "http://localhost:3128"}.

    The environment's (HTTP_PROXY and the like) are not read: a load test must not go through a proxy by accident.
    """

    @property
    def vu(self) -> int:
        """The number of this user, from 0."""

    @property
    def iteration(self) -> int:
        """How many iterations this user began before this one."""

    @property
    def random(self) -> Random:
        """Seeded random numbers, the same for base and head: `user.random.choice(["cat", "dog"])`."""

    @property
    def row(self) -> dict[str, Any]:
        """This iteration's row of the scenario's `rows` file, a copy that is gone with the iteration. LookupError where
        the scenario has none.
        """

    @property
    def headers(self) -> Any:
        """Headers of all later requests, as of a `requests.Session`: `user.headers["Authorization"] = "..."`."""

    @property
    def cookies(self) -> Any:
        """The user's cookie jar, as of a `requests.Session`."""

    def get(self, url: str, **options: Unpack[BodyOptions]) -> Response:
        """Send a GET request: `user.get("/pet", params={"status": "sold"})`."""

    def post(self, url: str, data: Any = None, json: Any = None, **options: Unpack[RequestOptions]) -> Response:
        """Send a POST request: `user.post("/pet", json={"name": "doggie"})`."""

    def put(self, url: str, data: Any = None, *, json: Any = None, **options: Unpack[RequestOptions]) -> Response:
        """Send a PUT request."""

    def patch(self, url: str, data: Any = None, *, json: Any = None, **options: Unpack[RequestOptions]) -> Response:
        """Send a PATCH request."""

    def delete(self, url: str, **options: Unpack[BodyOptions]) -> Response:
        """Send a DELETE request."""

    def head(self, url: str, **options: Unpack[BodyOptions]) -> Response:
        """Send a HEAD request."""

    def options(self, url: str, **options: Unpack[BodyOptions]) -> Response:
        """Send an OPTIONS request."""

    def request(self, method: str, url: str, **options: Unpack[BodyOptions]) -> Response:
        """Send a request with any method, and measure it. The other verbs are short for this one.

        name: the row that it counts for in the report; by default method and path, ids in the path as {id}.
        retries: how often a failed attempt (no answer, or a status outside 200 to 399) is repeated, after 50 ms,
            100 ms, 200 ms, ... with jitter; repeated attempts are counted apart.
        expect: the status that is a success instead of 200 to 399, or several: 404, (200, 404). Others fail.
        Other keyword arguments are those of `requests.Session.request`.
        """

    def check(self, name: str, held: object) -> bool:
        """Count whether something held: `user.check("pet created", response.status_code == 200)`.

        It shows in the report and fails nothing by itself; a threshold on `checks` does. Returns `held` as a bool.
        """

    def think(self, low: float | None = None, high: float | None = None, *, mean: float | None = None) -> None:
        """Wait as a person would: `think(0.1)` seconds, uniform `think(0.5, 1.5)`, exponential `think(mean=0.3)`."""

    def unique_id(self, low: int | None = None, high: int | None = None) -> int:
        """A whole number that no other VU, process, target or machine gets.

        Between `low` and `high`, both included, each number comes once on each side before any comes again.
        """

    def mount(self, prefix: str, adapter: Any) -> None:
        """Send requests to URLs that begin with `prefix` through a transport adapter of `requests`."""
