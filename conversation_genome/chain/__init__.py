"""Who takes part and who is paid: one Protocol over a local ledger and over the Bittensor network."""
