"""Manners: what the journal of a stand-in tells of the clients that called it."""
