"""Attacks on the whole house; `docs/security.md` says which test shows what."""
