"""HTTP. For programs: `problems` (errors as RFC 9457), `bodies` (JSON read strictly), `officers` (sign-in). For people:
`pages` (templates in one frame), `speech` (their language), `preferences` and `choosing` (how pages are shown),
`forms`, `assets`, `browsers` (sessions). For all: `connections` (one peer, its certificate and limits), `gates`,
`uploads` and `servers` (`serve_in_thread`); `multipart` for a form with one large file."""
