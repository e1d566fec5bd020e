"""The embedded petstore: Swagger Petstore v3 in one Python process, with things to go wrong on purpose.

`injections` is a plain value that anybody may import; `server` brings gevent with it.
"""
