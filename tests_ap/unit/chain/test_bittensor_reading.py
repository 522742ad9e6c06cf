"""How a runtime's answers become our metagraph, also where the runtime is older or an entry makes no sense."""

import asyncio
import unittest
from typing import Any

from structlog.testing import capture_logs

from conversation_genome.chain.base import Endpoint, Metagraph
from conversation_genome.chain.bittensor.reading import metagraph_of, read_metagraph
from tests_ap.unit.chain.contract import MINER, NETUID, STRANGER, VALIDATOR

TEMPO = 99
NOWHERE = {"ip": 0, "port": 0, "ip_type": 0}


def a_graph(**changes: Any) -> dict[str, Any]:
    return {
        "hotkeys": [VALIDATOR, MINER],
        "total_stake": [1_500_000_000, 0],
        "validator_permit": [True, False],
        "axons": [NOWHERE, NOWHERE],
        "incentives": [0, 65_535],
        "dividends": [65_535, 0],
        "last_update": [7, 0],
        "owner_hotkey": STRANGER,
    } | changes


def decoded(**changes: Any) -> Metagraph:
    return metagraph_of(a_graph(**changes), netuid=NETUID, block=8, epoch=1, epoch_ends=20)


class View:
    """A view of a runtime that has only these items."""

    def __init__(self, block: int, **items: int) -> None:
        self.block = block
        self._items = items

    async def query(self, item: tuple[str, str], _params: list[int]) -> int:
        if item[1] not in self._items:
            raise ValueError(f"storage function {item[1]} not found")
        return self._items[item[1]]

    async def runtime(self, _method: tuple[str, str], _params: list[int]) -> dict[str, Any]:
        return a_graph()


class TestReading(unittest.TestCase):
    def test_stakes_are_whole_tokens_and_shares_are_fractions(self) -> None:
        validator, miner = decoded().neurons
        self.assertEqual((validator.stake, validator.dividends, validator.last_update), (1.5, 1.0, 7))
        self.assertEqual((miner.incentive, miner.validator_permit, miner.endpoint), (1.0, False, None))

    def test_the_owner_is_told_only_while_it_is_registered(self) -> None:
        self.assertEqual([decoded().owner, decoded(owner_hotkey=MINER).owner], [None, MINER])

    def test_addresses_of_both_families_are_read_and_one_that_is_none_harms_nobody(self) -> None:
        axons = [{"ip": 1, "port": 80, "ip_type": 6}, {"ip": 2**40, "port": 80, "ip_type": 4}]
        self.assertEqual(
            [neuron.endpoint for neuron in decoded(axons=axons).neurons], [Endpoint(host="[::1]", port=80), None]
        )

    def test_columns_of_unequal_length_are_no_metagraph(self) -> None:
        with self.assertRaises(ValueError):
            decoded(last_update=[7])

    def test_epochs_are_counted_where_the_runtime_counts_them(self) -> None:
        view = View(250, Tempo=TEMPO, SubnetEpochIndex=41, LastEpochBlock=200)
        metagraph = asyncio.run(read_metagraph(view, NETUID))
        self.assertEqual((metagraph.epoch, metagraph.epoch_ends), (41, 200 + TEMPO))

    def test_an_epoch_that_is_overdue_ends_at_the_next_block(self) -> None:
        view = View(400, Tempo=TEMPO, SubnetEpochIndex=41, LastEpochBlock=200)
        self.assertEqual(asyncio.run(read_metagraph(view, NETUID)).epoch_ends, 401)

    def test_a_runtime_that_does_not_count_epochs_has_them_where_its_rule_puts_them(self) -> None:
        with capture_logs() as logs:
            metagraph = asyncio.run(read_metagraph(View(250, Tempo=TEMPO), NETUID))
        self.assertEqual((metagraph.epoch_ends + NETUID + 1) % (TEMPO + 1), 0)
        self.assertTrue(250 < metagraph.epoch_ends <= 250 + TEMPO + 1)
        self.assertEqual({line["item"] for line in logs}, {"SubnetEpochIndex", "LastEpochBlock"})


if __name__ == "__main__":
    unittest.main()
