"""The public surface: what a citizen opens. No staff route, and no key that opens a filing."""
