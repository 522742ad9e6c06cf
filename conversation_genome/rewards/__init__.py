"""Rewards: scores become shares, shares become a moving average, the average becomes weights. All pure."""

from conversation_genome.rewards.accounts import HELD_SAMPLES, Account, Accounts
from conversation_genome.rewards.curve import CURVES, DEFAULT_CURVE, divide, divide_rounds, standing
from conversation_genome.rewards.kinship import Copy, Kin, Kinship, Meeting, asked_together, paid_as_one
from conversation_genome.rewards.moving_average import Average, MovingAverages
from conversation_genome.rewards.weights import weights_of
from conversation_genome.rewards.yuma import YumaResult, yuma

__all__ = [
    "CURVES",
    "DEFAULT_CURVE",
    "HELD_SAMPLES",
    "Account",
    "Accounts",
    "Average",
    "Copy",
    "Kin",
    "Kinship",
    "Meeting",
    "MovingAverages",
    "YumaResult",
    "asked_together",
    "divide",
    "divide_rounds",
    "paid_as_one",
    "standing",
    "weights_of",
    "yuma",
]
