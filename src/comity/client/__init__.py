"""The officer API from a program's side: every verb of it as a function, over HTTP with an access token.

`client.node.connect` gives a `Node`, whose groups are those of the API's description (OpenAPI 3.1, ``/openapi.json``):
people, tokens, cases, law, agreements, dna, searches, evidence, log. What is given to a function is typed; what comes
back is the JSON that the description tells. An error of the node is raised as the error it is, with its code.
"""
