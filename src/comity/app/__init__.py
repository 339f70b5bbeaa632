"""The only place that knows every room: settings, wiring, the servers, the command line, migrations and the demo."""
