"""The rule packs that come with nertwin."""
