"""Requests out of an OpenAPI or Swagger description of the service's interface.

The rest of the scaffold takes Description and find_description (description), DescribedRequest and Following
(requests), Login and SignUp (login) and Pointer (answers). Inside, operations reads them and references follows what
stands elsewhere; examples and plain_values make values; contents tells media types apart; harm and health tell what is
not sent; answers and carrying lead from an answer to the next request.
"""
