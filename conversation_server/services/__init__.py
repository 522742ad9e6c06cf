"""What the server does: every rule is here; a service is handed a session and never commits."""
