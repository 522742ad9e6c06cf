"""Who takes part and who is paid: one Protocol, a local ledger, later the Bittensor network."""
