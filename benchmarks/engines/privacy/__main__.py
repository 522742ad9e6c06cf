"""Personal data found and left, by type: `python -m benchmarks.engines.privacy`.

`pii_presidio`, every second row tuned on, the others reported. A value counts as found when 90 % of its characters are
covered, whatever the finding is called; a finding is false when it touches no labelled value at all. Beside ours: our
patterns without the names, presidio's own defaults with the same spaCy model (the one that is installed: nothing is
fetched), and presidio's patterns alone.
"""

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from conversation_genome.privacy.masking import findings_in
from conversation_genome.privacy.patterns import formed
from conversation_genome.privacy.telephone import telephone_numbers
from conversation_genome.spacy_library import ENGLISH_MODEL

ROOT = Path(__file__).resolve().parents[3]
COVERED = 0.9
PERSONAL = ("PERSON", "STREET_ADDRESS", "CREDIT_CARD", "PHONE_NUMBER", "IBAN_CODE", "EMAIL_ADDRESS", "IP_ADDRESS", "US_SSN", "US_DRIVER_LICENSE", "ZIP_CODE", "DOMAIN_NAME")  # fmt: skip
"""What is masked; towns, firms, nationalities, titles, ages and dates stay (docs/explanation/privacy.md)."""
Spans = list[tuple[int, int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--half", choices=("tune", "report"), default="report")
    parser.add_argument("--misses", action="store_true", help="print what ours misses")
    arguments = parser.parse_args()
    lines = (arguments.data / "pii_presidio.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines][arguments.half == "report" :: 2]
    texts = [text for row in rows for _, text in row["lines"]]
    labels = [
        [one for one in row["labels"]["pii"] if one["line"] == number]
        for row in rows
        for number in range(len(row["lines"]))
    ]
    presidio = _presidio()
    makers: dict[str, Callable[[Sequence[str]], list[Spans]]] = {
        "ours": _ours,
        "our patterns": lambda said: [
            [(one.start, one.end) for one in (*formed(text), *telephone_numbers(text))] for text in said
        ],
        "presidio": lambda said: [
            [(one.start, one.end) for one in presidio.analyze(text=text, language="en")] for text in said
        ],
        "presidio patterns": lambda said: [_patterns_alone(presidio, text) for text in said],
    }
    recall: dict[str, Counter[str]] = {}
    for name, maker in makers.items():
        maker(texts[:5])
        started = time.perf_counter()
        found = maker(texts)
        rate = len(texts) / (time.perf_counter() - started)
        recall[name], true, false = _measured(texts, labels, found, show=arguments.misses and name == "ours")
        print(f"{name:20} precision {true / max(1, true + false):.3f} ({false} false)   {rate:7.0f} texts/s")
    _table(Counter(one["type"] for held in labels for one in held), recall)


def _ours(texts: Sequence[str]) -> list[Spans]:
    return [[(one.start, one.end) for one in found] for found in findings_in(texts)]


def _presidio() -> Any:
    import tldextract  # noqa: PLC0415 -- a rival, needed here alone
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415
    from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415

    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())  # else it fetches a list of domains
    configuration = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": ENGLISH_MODEL}]}
    return AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=configuration).create_engine())


def _patterns_alone(presidio: Any, text: str) -> Spans:
    kinds = [
        kind
        for kind in presidio.get_supported_entities()
        if kind not in {"PERSON", "LOCATION", "NRP", "DATE_TIME", "ORGANIZATION"}
    ]
    return [(one.start, one.end) for one in presidio.analyze(text=text, language="en", entities=kinds)]


def _measured(
    texts: Sequence[str], labels: Sequence[list[dict[str, Any]]], found: Sequence[Spans], *, show: bool
) -> tuple[Counter[str], int, int]:
    hits: Counter[str] = Counter()
    true = false = 0
    missed: defaultdict[str, list[str]] = defaultdict(list)
    for text, gold, spans in zip(texts, labels, found, strict=True):
        for one in gold:
            covered = {at for start, end in spans for at in range(max(start, one["start"]), min(end, one["end"]))}
            if len(covered) >= COVERED * (one["end"] - one["start"]):
                hits[one["type"]] += 1
            else:
                missed[one["type"]].append(f"{one['value']!r} in {text[:120]!r}")
        right = [any(start < one["end"] and one["start"] < end for one in gold) for start, end in spans]
        true, false = true + sum(right), false + len(right) - sum(right)
    for kind in PERSONAL if show else ():
        print("\n".join(f"  {kind}: {one}" for one in missed[kind]))
    return hits, true, false


def _table(counts: Counter[str], recall: dict[str, Counter[str]]) -> None:
    print(f"\n{'recall by type':22}{'values':>7}" + "".join(f"{name:>20}" for name in recall))
    for kind in (*PERSONAL, *sorted(set(counts) - set(PERSONAL))):
        print(
            f"{kind:22}{counts[kind]:7}"
            + "".join(f"{hits[kind] / max(1, counts[kind]):20.2f}" for hits in recall.values())
        )
    whole = sum(counts[kind] for kind in PERSONAL)
    print(
        f"{'all that is masked':22}{whole:7}"
        + "".join(f"{sum(hits[kind] for kind in PERSONAL) / whole:20.2f}" for hits in recall.values())
    )


if __name__ == "__main__":
    main()
