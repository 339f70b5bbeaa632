"""HTTP: `problems` (errors as RFC 9457), `bodies` (JSON read strictly), `officers` (sign-in), `connections` (one peer,
its certificate and limits) and `servers` (`serve_in_thread`)."""
