"""LocalLedger: the chain of a subnet on one machine, in one SQLite file that all its roles share.

Blocks are counted from the wall clock, so that no process has to make them; epochs that have passed are
settled by whoever reads or writes next, exactly once, in a transaction; whoever reads while another one writes sees
what settling them will come to, and never waits. Whoever can open the file is trusted: it stands in for a chain and
guards nothing of value.
"""

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import BlockNumber, Endpoint, Hyperparameters, Metagraph, Netuid, Neuron, Uid
from conversation_genome.chain.epochs import settle
from conversation_genome.chain.ledger_file import LedgerFile, create_tables
from conversation_genome.chain.rules import accepted_weights, permitted, registered
from conversation_genome.errors import ChainError, LedgerLockedError

Clock = Callable[[], float]


class LocalLedger:
    """A Chain over one SQLite file; safe to use from several threads and processes."""

    def __init__(self, path: Path, hotkey: Hotkey | None = None, *, clock: Clock = time.time) -> None:
        """Open a ledger that is there.

        Args:
            path: The SQLite file.
            hotkey: Who serves and sets weights; None opens it for reading alone.
            clock: Seconds since 1970.

        Raises:
            ChainError: If there is no ledger at this path.
        """
        self._path = path
        self._hotkey = hotkey
        self._clock = clock
        self._reading = LedgerFile(path)
        self._writing = LedgerFile(path)

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        netuid: Netuid,
        tempo: int = 20,
        block_seconds: float = 1.0,
        weights_rate_limit: int = 5,
        weights_version: int = 0,
        max_validators: int = 64,
        max_neurons: int = 256,
        clock: Clock = time.time,
    ) -> Self:
        """Return the ledger with this subnet in it, made where it is missing.

        A subnet that is there keeps its neurons, weights and epochs; other rules than before hold from now on.

        Raises:
            ChainError: If the file cannot be written.
        """
        if tempo < 1 or block_seconds <= 0 or max_neurons < 1:
            raise ChainError(f"a subnet needs {tempo=} >= 1, {block_seconds=} > 0 and {max_neurons=} >= 1")
        create_tables(path)
        ledger = cls(path, clock=clock)
        rules = (tempo, weights_rate_limit, weights_version, max_validators, max_neurons)
        with ledger._writing.transaction(writes=True) as connection:
            ledger._set_pace(connection, block_seconds)
            if connection.execute("SELECT 1 FROM subnets WHERE netuid = ?", (netuid,)).fetchone():
                ledger._settle(connection, netuid)
            connection.execute(
                """
                INSERT INTO subnets (tempo, weights_rate_limit, weights_version, max_validators, max_neurons,
                                     netuid, epoch, epoch_block)
                VALUES (?, ?, ?, ?, ?, ?, 0, ?)
                ON CONFLICT (netuid) DO UPDATE SET
                    tempo = excluded.tempo, weights_rate_limit = excluded.weights_rate_limit,
                    weights_version = excluded.weights_version, max_validators = excluded.max_validators,
                    max_neurons = excluded.max_neurons
                """,
                (*rules, netuid, ledger._block(connection)),
            )
        return ledger

    def close(self) -> None:
        """Close the file; the ledger cannot be used after."""
        self._reading.close()
        self._writing.close()

    def block(self) -> BlockNumber:
        """Return the current block."""
        with self._reading.transaction() as connection:
            return self._block(connection)

    def metagraph(self, netuid: Netuid) -> Metagraph:
        """Return the subnet as of the current block, epochs that have passed included."""
        with self._reading.transaction() as connection:
            due = self._epochs_due(connection, netuid)
            metagraph = self._settled(connection, netuid, due)
        if due:
            with (
                suppress(LedgerLockedError),
                self._writing.transaction(writes=True, patience_seconds=0.0) as connection,
            ):
                self._settle(connection, netuid)
        return metagraph

    def hyperparameters(self, netuid: Netuid) -> Hyperparameters:
        """Return the subnet's rules."""
        with self._reading.transaction() as connection:
            return self._rules(connection, netuid)

    def weights(self, netuid: Netuid) -> dict[Hotkey, dict[Hotkey, float]]:
        """Return the weights that stand: by validator, then by hotkey, each validator's sum 1."""
        with self._reading.transaction() as connection:
            return self._weights(connection, netuid)

    def register(self, netuid: Netuid, hotkey: Hotkey, stake: float = 0.0) -> Uid:
        """Return the uid of a hotkey, registered if it is not yet, with this stake.

        A full subnet replaces the neuron without a permit that earned least; whoever replaces it starts anew.

        Raises:
            ChainError: If the stake is negative, or the subnet is full of validators.
        """
        if not 0 <= stake < float("inf"):
            raise ChainError(f"stake must be a finite number of at least 0, not {stake!r}")
        with self._writing.transaction(writes=True) as connection:
            self._settle(connection, netuid)
            known = connection.execute(
                "UPDATE neurons SET stake = ? WHERE netuid = ? AND hotkey = ? RETURNING uid", (stake, netuid, hotkey)
            ).fetchall()
            if known:
                return Uid(known[0]["uid"])
            uid = self._free_uid(connection, netuid)
            connection.execute(
                "INSERT INTO neurons (netuid, uid, hotkey, stake, registered_at) VALUES (?, ?, ?, ?, ?)",
                (netuid, uid, hotkey, stake, self._block(connection)),
            )
            return uid

    def serve(self, netuid: Netuid, endpoint: Endpoint) -> None:
        """Publish where this hotkey serves.

        Raises:
            NotRegisteredError: If the hotkey is not registered.
        """
        with self._writing.transaction(writes=True) as connection:
            neuron = registered(self._metagraph(connection, netuid), self._hotkey)
            connection.execute(
                "UPDATE neurons SET host = ?, port = ? WHERE netuid = ? AND hotkey = ?",
                (endpoint.host, endpoint.port, netuid, neuron.hotkey),
            )

    def set_weights(self, netuid: Netuid, weights: Mapping[Hotkey, float], *, version: int, mechanism: int = 0) -> None:
        """Set this validator's weights in place of its last ones; they need not sum to 1.

        Raises:
            NotRegisteredError: If the own hotkey, or one that is weighted, is not registered.
            PermissionDeniedError: If the own hotkey holds no validator permit.
            RateLimitedError: If weights were set too recently.
            ChainError: If a weight is negative or not finite, or all are zero.
        """
        with self._writing.transaction(writes=True) as connection:
            self._settle(connection, netuid)
            metagraph, rules = self._metagraph(connection, netuid), self._rules(connection, netuid)
            accepted = accepted_weights(metagraph, rules, self._hotkey, weights, version=version, mechanism=mechanism)
            connection.execute("DELETE FROM weights WHERE netuid = ? AND validator = ?", (netuid, self._hotkey))
            connection.executemany(
                "INSERT INTO weights (netuid, validator, target, weight) VALUES (?, ?, ?, ?)",
                [(netuid, self._hotkey, target, weight) for target, weight in accepted.items()],
            )
            connection.execute(
                "UPDATE neurons SET last_update = ? WHERE netuid = ? AND hotkey = ?",
                (metagraph.block, netuid, self._hotkey),
            )

    def _block(self, connection: sqlite3.Connection) -> BlockNumber:
        row = connection.execute("SELECT genesis, block_seconds FROM clock").fetchone()
        if row is None:
            raise ChainError(f"the ledger {str(self._path)!r} is still being made: try again")
        return BlockNumber(1 + max(0, int((self._clock() - row["genesis"]) // row["block_seconds"])))

    def _set_pace(self, connection: sqlite3.Connection, block_seconds: float) -> None:
        """Begin at block 1, or keep the current block and go on at another pace."""
        row = connection.execute("SELECT block_seconds FROM clock").fetchone()
        if row is not None and row["block_seconds"] == block_seconds:
            return
        genesis = self._clock() - (0 if row is None else (self._block(connection) - 1) * block_seconds)
        connection.execute(
            "INSERT OR REPLACE INTO clock (id, genesis, block_seconds) VALUES (1, ?, ?)", (genesis, block_seconds)
        )

    def _epochs_due(self, connection: sqlite3.Connection, netuid: Netuid) -> int:
        subnet = _subnet(connection, netuid)
        return max(0, (self._block(connection) - int(subnet["epoch_block"])) // int(subnet["tempo"]))

    def _settle(self, connection: sqlite3.Connection, netuid: Netuid) -> None:
        """Settle the epochs that have passed; nothing changed between them, so that one result holds for all."""
        due = self._epochs_due(connection, netuid)
        if not due:
            return
        neurons = self._settled(connection, netuid, due).neurons
        connection.executemany(
            "UPDATE neurons SET incentive = ?, dividends = ? WHERE netuid = ? AND hotkey = ?",
            [(neuron.incentive, neuron.dividends, netuid, neuron.hotkey) for neuron in neurons],
        )
        connection.execute(
            "UPDATE subnets SET epoch = epoch + ?, epoch_block = epoch_block + ? * tempo WHERE netuid = ?",
            (due, due, netuid),
        )
        connection.execute(
            "INSERT INTO settlements (netuid, epoch, epochs, block) SELECT netuid, epoch, ?, ? FROM subnets WHERE netuid = ?",
            (due, self._block(connection), netuid),
        )

    def _settled(self, connection: sqlite3.Connection, netuid: Netuid, due: int) -> Metagraph:
        """Return the subnet as it is once this many epochs are settled."""
        metagraph = self._metagraph(connection, netuid)
        if not due:
            return metagraph
        shares = settle(metagraph.neurons, self._weights(connection, netuid))
        paid = {neuron.hotkey: shares.get(neuron.hotkey, (0.0, 0.0)) for neuron in metagraph.neurons}
        return metagraph.model_copy(
            update={
                "epoch": metagraph.epoch + due,
                "epoch_ends": metagraph.epoch_ends + due * _subnet(connection, netuid)["tempo"],
                "neurons": tuple(
                    neuron.model_copy(update={"incentive": paid[neuron.hotkey][0], "dividends": paid[neuron.hotkey][1]})
                    for neuron in metagraph.neurons
                ),
            }
        )

    def _metagraph(self, connection: sqlite3.Connection, netuid: Netuid) -> Metagraph:
        subnet = _subnet(connection, netuid)
        rows = connection.execute("SELECT * FROM neurons WHERE netuid = ? ORDER BY uid", (netuid,)).fetchall()
        permits = permitted({row["uid"]: row["stake"] for row in rows}, subnet["max_validators"])
        return Metagraph(
            netuid=netuid,
            block=self._block(connection),
            epoch=subnet["epoch"],
            epoch_ends=BlockNumber(subnet["epoch_block"] + subnet["tempo"]),
            neurons=tuple(_neuron(row, has_permit=row["uid"] in permits) for row in rows),
        )

    def _rules(self, connection: sqlite3.Connection, netuid: Netuid) -> Hyperparameters:
        subnet = _subnet(connection, netuid)
        return Hyperparameters(
            tempo=subnet["tempo"],
            block_seconds=connection.execute("SELECT block_seconds FROM clock").fetchone()["block_seconds"],
            weights_rate_limit=subnet["weights_rate_limit"],
            weights_version=subnet["weights_version"],
        )

    def _weights(self, connection: sqlite3.Connection, netuid: Netuid) -> dict[Hotkey, dict[Hotkey, float]]:
        table: dict[Hotkey, dict[Hotkey, float]] = {}
        for row in connection.execute("SELECT validator, target, weight FROM weights WHERE netuid = ?", (netuid,)):
            table.setdefault(Hotkey(row["validator"]), {})[Hotkey(row["target"])] = row["weight"]
        return table

    def _free_uid(self, connection: sqlite3.Connection, netuid: Netuid) -> Uid:
        neurons = self._metagraph(connection, netuid).neurons
        if len(neurons) < _subnet(connection, netuid)["max_neurons"]:
            return Uid(len(neurons))
        replaceable = [neuron for neuron in neurons if not neuron.validator_permit]
        if not replaceable:
            raise ChainError(f"subnet {netuid} is full: all of its {len(neurons)} neurons hold a validator permit")
        loser = min(replaceable, key=lambda neuron: (neuron.incentive, neuron.uid))
        for statement in (
            "DELETE FROM weights WHERE netuid = ? AND ? IN (validator, target)",
            "DELETE FROM neurons WHERE netuid = ? AND hotkey = ?",
        ):
            connection.execute(statement, (netuid, loser.hotkey))
        return loser.uid


def _subnet(connection: sqlite3.Connection, netuid: Netuid) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute("SELECT * FROM subnets WHERE netuid = ?", (netuid,)).fetchone()
    if row is None:
        raise ChainError(f"there is no subnet {netuid} on this ledger: set CGP_NETUID to one that is there")
    return row


def _neuron(row: sqlite3.Row, *, has_permit: bool) -> Neuron:
    return Neuron(
        uid=row["uid"],
        hotkey=row["hotkey"],
        stake=row["stake"],
        validator_permit=has_permit,
        endpoint=Endpoint(host=row["host"], port=row["port"]) if row["host"] else None,
        incentive=row["incentive"],
        dividends=row["dividends"],
        last_update=row["last_update"],
    )
