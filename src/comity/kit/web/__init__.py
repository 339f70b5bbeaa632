"""HTTP: `problems` (errors as RFC 9457), `officers` (sign-in), `connections` (one peer, its certificate and limits) and
`servers` (`serve_in_thread`)."""
