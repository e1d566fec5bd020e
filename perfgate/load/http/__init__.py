"""The behaviour of a `requests.Session` over our wire.

session takes plain requests on a fast path, and hands all others to requests itself (offline_session: a
requests.Session whose transport is our wire). requests_session is requests with its own transport. default_headers are
a session's headers as ready lines; response looks like a requests.Response; requests_failure sorts what requests
raises; urls reads URLs.

Others may take: urls. Users of the generator take session, requests_session and response.
"""
