"""Requests out of an OpenAPI or Swagger description of the service's interface.

The rest of the scaffold takes Description and find_description (description) and DescribedRequest (requests). Inside,
references follows what stands elsewhere, examples and plain_values make values, harm tells what is never sent.
"""
