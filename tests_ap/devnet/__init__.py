"""A development node for tests: it speaks subtensor's JSON-RPC on loopback, so that the real SDK works against it.

Real: frames and batches, the metadata of a real runtime (spec 461), decoding of extrinsics, sr25519 and ed25519
signatures, eras and nonces, storage keys and values with their history, events and module errors, subscriptions to
heads and to an extrinsic's fate, upgrades of the runtime, the checks of `set_weights` and their order, rate limit by mechanism, version
key, permits, replacement in a full subnet, epochs by tempo with the project's own Yuma.

Not modelled, and therefore not shown by tests that pass here: fees, balances and the price of registration;
stake in TAO, swaps and emission in tokens (incentive and dividends are shares); the immunity period; bonds and
liquid alpha; forks (every block is final at once); the revealing of timelocked commits, for which drand's
signature is needed (they are taken, counted as an update, and never paid); MEV shield, so that registration is the
raw call `burned_register`; any other call, which fails with CallFiltered; any other runtime API, which answers
with empty values. Permits follow stake at once, where subtensor waits for the epoch.

`python -m tests_ap.devnet --port 9944 --block-seconds 1` runs one for a hand on the keyboard.
"""
