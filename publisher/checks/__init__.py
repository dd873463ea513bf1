"""The rules of ``publisher.check``: small generators of problems, one module a subject."""
