//! TOML configuration: parsed, then validated into types. It must never print a secret.
