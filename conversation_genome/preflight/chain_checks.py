"""The chain: an endpoint answers, the subnet is there, the hotkey may do in it what its role does."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import NamedTuple

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Hyperparameters, Metagraph, Netuid, Neuron
from conversation_genome.chain.bittensor import endpoints_of, why_silent
from conversation_genome.chain.loading import LOCAL, fallback_endpoints, load_chain
from conversation_genome.chain.rules import WEIGHTS_VERSION
from conversation_genome.errors import ChainError
from conversation_genome.preflight.findings import Findings
from conversation_genome.settings import MinerSettings, RoleSettings, ValidatorSettings


class Standing(NamedTuple):
    """The subnet's rules and the role's own neuron; None where they could not be read, or there is none."""

    rules: Hyperparameters | None = None
    neuron: Neuron | None = None


def check_endpoints(settings: RoleSettings, findings: Findings) -> tuple[str, ...]:
    """Return the endpoints of the chain that answer, in the order in which a role tries them."""
    if settings.subtensor_network == LOCAL:
        return ()
    try:
        urls = endpoints_of(settings.subtensor_network, fallback_endpoints(settings))
    except ChainError:
        return ()  # no network: the configuration's fault, which is told already
    with ThreadPoolExecutor(len(urls)) as threads:
        causes = dict(zip(urls, threads.map(why_silent, urls), strict=True))
    answering = tuple(url for url in urls if not causes[url])
    _tell_endpoints(urls, causes, findings)
    return answering


def _tell_endpoints(urls: Sequence[str], causes: dict[str, str], findings: Findings) -> None:
    silent = [f"{url} ({cause})" for url, cause in causes.items() if cause]
    if len(silent) == len(urls):
        findings.fault(
            f"names a chain of which no endpoint answers: {'; '.join(silent)}. Look at this machine's way to the internet, or "
            "name others in CGP_SUBTENSOR_FALLBACK_ENDPOINTS",
            "CGP_SUBTENSOR_NETWORK",
        )
        return
    findings.passed.append(f"the chain answers at {', '.join(url for url in urls if not causes[url])}")
    findings.notes += [f"an endpoint of the chain does not answer: {one}; the others are used" for one in silent]
    if len(urls) == 1:
        findings.notes.append(
            "one endpoint of the chain is known and no other to fall back to: CGP_SUBTENSOR_FALLBACK_ENDPOINTS names more"
        )


def check_standing(settings: RoleSettings, hotkey: Hotkey | None, findings: Findings) -> Standing:
    """Check the subnet, and the hotkey's place in it."""
    try:
        with closing(load_chain(settings, None)) as chain:
            metagraph, rules = chain.metagraph(Netuid(settings.netuid)), chain.hyperparameters(Netuid(settings.netuid))
    except ChainError as exc:
        findings.fault(str(exc))
        return Standing()
    findings.passed.append(
        f"subnet {settings.netuid}: {len(metagraph.neurons)} neurons at block {metagraph.block}, an epoch is {rules.tempo} blocks"
    )
    if isinstance(settings, ValidatorSettings):
        _check_version(rules, findings)
    if not isinstance(settings, (MinerSettings, ValidatorSettings)):
        return Standing(rules)  # the server needs no place of its own
    if hotkey is None:
        findings.notes.append("registration, permit and stake were not looked at: there is no hotkey to look for")
        return Standing(rules)
    neuron = _registered(metagraph, hotkey, settings, findings)
    if isinstance(settings, ValidatorSettings) and neuron is not None:
        _check_power(neuron, rules, metagraph, settings, findings)
    return Standing(rules, neuron)


def _registered(metagraph: Metagraph, hotkey: Hotkey, settings: RoleSettings, findings: Findings) -> Neuron | None:
    neuron = metagraph.by_hotkey.get(hotkey)
    if neuron is None:
        findings.fault(
            f"hotkey {hotkey} is not registered on subnet {settings.netuid}: `btcli subnet register --netuid {settings.netuid} "
            f"--network {settings.subtensor_network} --wallet {settings.wallet_name} --wallet-hotkey {settings.wallet_hotkey}` "
            "(it costs; docs/how-to/register-a-miner.md), or name the hotkey that is in CGP_WALLET_HOTKEY"
        )
    else:
        findings.passed.append(f"registered as uid {neuron.uid} with a stake of {neuron.stake:g}")
    return neuron


def _check_version(rules: Hyperparameters, findings: Findings) -> None:
    if rules.weights_version > WEIGHTS_VERSION:
        findings.fault(
            f"the subnet takes weights of version {rules.weights_version} on, this program sends {WEIGHTS_VERSION}, so that "
            "its weights would be refused: update it to a release of at least that number (docs/reference/chain.md), or ask "
            "the subnet's owner, who sets the number, which program is meant"
        )
    else:
        findings.passed.append(
            f"weights of version {WEIGHTS_VERSION} are taken (the subnet asks for {rules.weights_version})"
        )


def _check_power(
    neuron: Neuron, rules: Hyperparameters, metagraph: Metagraph, settings: ValidatorSettings, findings: Findings
) -> None:
    more = (
        f"`btcli stake add --netuid {settings.netuid} --network {settings.subtensor_network} "
        f"--wallet {settings.wallet_name} --wallet-hotkey {settings.wallet_hotkey}`"
    )
    if neuron.validator_permit:
        findings.passed.append("holds a validator permit")
    else:
        held = sorted(one.stake for one in metagraph.neurons if one.validator_permit)
        least = f"the smallest stake that holds one is {held[0]:g}" if held else "nobody holds one"
        findings.fault(
            f"uid {neuron.uid} holds no validator permit ({least}, this one is {neuron.stake:g}): its weights would be refused; "
            f"add stake by {more} and wait for the next epoch"
        )
    if neuron.stake < rules.stake_threshold:
        findings.fault(
            f"a stake of {neuron.stake:g} is less than the {rules.stake_threshold:g} that the chain asks of who sets weights; "
            f"add some by {more}"
        )
