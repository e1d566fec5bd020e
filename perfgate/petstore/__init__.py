"""The embedded petstore: Swagger Petstore v3 in one Python process, with faults on request.

A program of its own, `python -m perfgate.petstore`. Others may take `injections`, the faults as a plain value, and
`server.serve`, which brings gevent with it. Inside: `server` -> `handler` -> `application` -> `routes` -> `operations`
-> `models` and `store`; `injector` applies the faults, `stock` fills the store.
"""
