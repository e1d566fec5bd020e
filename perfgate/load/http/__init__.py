"""The behaviour of a `requests.Session` over our wire.

session takes plain requests on a fast path, and hands all others to requests itself: to an offline_session (a
requests.Session that takes nothing from the environment), with our wire as its wire_adapter. requests_session is
requests with its own transport. default_headers are a session's headers as ready lines; response looks like a
requests.Response, asked is its request; requests_failure sorts what requests raises; urls reads URLs, and same_place
tells which of them lead to the target under another name.

Others may take: urls and same_place. Users of the generator take session, requests_session, response and
wire_adapter.ExchangeStats.
"""
