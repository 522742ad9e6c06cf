"""The task type from ground truth to score."""

import unittest

from conversation_genome.annotation import Fact, FactKind, Profile
from conversation_genome.conversation import Conversation, Utterance, Window
from conversation_genome.engines.loading import load_engine
from conversation_genome.errors import InputError
from conversation_genome.protocol.messages import MinerAnswer, MinerTask
from conversation_genome.tasks.conversation_tagging.tagging import ConversationTagging
from conversation_genome.tasks.registry import task_type
from conversation_genome.testing.embedder import HashEmbedder

TEXTS = (
    (0, "The heat pump is loud."),
    (2, "I am a nurse and Ann told me about the heat pump."),
    (1, "A wooden boat needs larch boards."),
    (2, "Larch boards rot slowly, said Ann."),
    (1, "The boat has copper rivets."),
    (2, "Copper rivets hold."),
)
CONVERSATION = Conversation(
    id="secret-id",
    source="secret-source",
    participants=("Ann", "Ben", "Cid"),
    lines=tuple(Utterance(speaker=speaker, text=text) for speaker, text in TEXTS),
    labels={"secret": True},
)
WINDOW = Window(conversation_id=CONVERSATION.id, level=2, start=1, end=6)
KIND = ConversationTagging()
EMBEDDER = HashEmbedder()


def task(window: Window = WINDOW) -> MinerTask:
    return KIND.mask(CONVERSATION, window, task_id="random-1", max_tags=8, timeout_seconds=5)


class MaskingTest(unittest.TestCase):
    def test_every_line_keeps_its_speaker_under_the_tasks_labels(self) -> None:
        masked = task()
        self.assertEqual(masked.participants, ("SPEAKER_0", "SPEAKER_1"))
        first, second = masked.lines[0][0], masked.lines[1][0]
        self.assertEqual([speaker for speaker, _ in masked.lines], [first, second, first, second, first])

    def test_equal_windows_under_other_ids_have_other_speaker_labels_and_the_answers_find_back(self) -> None:
        fact = Fact(kind=FactKind.ROLE, text="nurse", evidence=(0,))
        labels = set()
        for number in range(16):
            masked = KIND.mask(CONVERSATION, WINDOW, task_id=f"id-{number}", max_tags=8, timeout_seconds=5)
            label = masked.participants[masked.lines[0][0]]
            profile = Profile(participant=label, facts=(fact,))
            answer = MinerAnswer(task_id=masked.task_id, tags=(), profiles=(profile,), engine="e/1")
            self.assertEqual(KIND.unmask(answer, CONVERSATION, WINDOW).profiles[0].participant, "Cid")
            labels.add(label)
        self.assertEqual(labels, {"SPEAKER_0", "SPEAKER_1"})

    def test_a_task_names_neither_source_nor_id_nor_label(self) -> None:
        self.assertNotIn("secret", task().model_dump_json())

    def test_names_inside_the_texts_stay(self) -> None:
        self.assertIn("Ann told me", task().lines[0][1])

    def test_a_window_larger_than_a_task_is_refused(self) -> None:
        long = CONVERSATION.model_copy(update={"lines": CONVERSATION.lines * 400})
        whole = Window(conversation_id=long.id, level=0, start=0, end=len(long.lines))
        with self.assertRaisesRegex(InputError, "has 2400 lines"):
            KIND.mask(long, whole, task_id="random-1", max_tags=8, timeout_seconds=5)

    def test_unmasking_gives_names_and_lines_of_the_conversation_back(self) -> None:
        fact = Fact(kind=FactKind.ROLE, text="nurse", evidence=(0, 2))
        label = task().participants[task().lines[0][0]]
        answer = MinerAnswer(
            task_id="random-1", tags=(), profiles=(Profile(participant=label, facts=(fact,)),), engine="e/1"
        )
        unmasked = KIND.unmask(answer, CONVERSATION, WINDOW)
        self.assertEqual(unmasked.task_id, WINDOW.id)
        self.assertEqual(unmasked.profiles[0].participant, "Cid")
        self.assertEqual(unmasked.profiles[0].facts[0].evidence, (1, 3))

    def test_lines_of_a_thread_are_found_again(self) -> None:
        thread = Window(conversation_id=CONVERSATION.id, level=2, start=0, end=6, thread=3, lines=(0, 2, 5))
        fact = Fact(kind=FactKind.ROLE, text="nurse", evidence=(2,))
        label = task(thread).participants[task(thread).lines[2][0]]
        answer = MinerAnswer(
            task_id="random-1", tags=(), profiles=(Profile(participant=label, facts=(fact,)),), engine="e/1"
        )
        (profile,) = KIND.unmask(answer, CONVERSATION, thread).profiles
        self.assertEqual((profile.participant, profile.facts[0].evidence), ("Cid", (5,)))


class RunningTest(unittest.TestCase):
    def test_a_miners_own_answer_passes_the_check(self) -> None:
        answer = KIND.run(task(), load_engine("extractive", EMBEDDER), EMBEDDER)
        self.assertEqual(KIND.check(answer.model_dump_json().encode(), task()), answer)
        self.assertIn("boat", " ".join(tag.text for tag in answer.tags))
        self.assertEqual([fact.text for one in answer.profiles for fact in one.facts], ["I am a nurse"])

    def test_vectors_are_rounded_to_six_digits(self) -> None:
        answer = KIND.run(task(), load_engine("extractive", EMBEDDER), EMBEDDER)
        assert answer.embeddings is not None
        numbers = [number for vector in answer.embeddings.vectors for number in vector]
        self.assertEqual(numbers, [round(number, 6) for number in numbers])

    def test_a_task_in_which_nobody_says_anything_has_an_empty_answer(self) -> None:
        silent = task().model_copy(update={"lines": ((0, " "), (1, ""))})
        self.assertEqual(KIND.run(silent, load_engine("extractive", EMBEDDER), EMBEDDER).tags, ())


class GradingTest(unittest.TestCase):
    def test_the_ground_truth_holds_every_window_and_the_whole(self) -> None:
        truth = KIND.generate(CONVERSATION, [WINDOW], load_engine("extractive", EMBEDDER))
        self.assertEqual(set(truth.windows), {WINDOW.id})
        self.assertTrue(truth.tags)
        self.assertEqual([profile.participant for profile in truth.profiles], ["Ann", "Ben", "Cid"])

    def test_an_honest_answer_scores_above_every_baseline(self) -> None:
        engine = load_engine("extractive", EMBEDDER)
        truth = KIND.generate(CONVERSATION, [WINDOW], engine)
        honest = KIND.unmask(KIND.run(task(), engine, EMBEDDER), CONVERSATION, WINDOW)
        answers = {"honest": honest} | KIND.baselines(CONVERSATION, WINDOW)
        scores = {
            name: scored.score for name, scored in KIND.score(CONVERSATION, WINDOW, truth, answers, EMBEDDER).items()
        }
        self.assertEqual(max(scores, key=lambda name: scores[name]), "honest")

    def test_baselines_are_equal_wherever_they_are_made_and_differ_between_windows(self) -> None:
        other = WINDOW.model_copy(update={"start": 0})
        self.assertEqual(KIND.baselines(CONVERSATION, WINDOW), KIND.baselines(CONVERSATION, WINDOW))
        self.assertNotEqual(
            KIND.baselines(CONVERSATION, WINDOW)["baseline:random"].tags,
            KIND.baselines(CONVERSATION, other)["baseline:random"].tags,
        )


class RegistryTest(unittest.TestCase):
    def test_a_task_type_is_found_by_its_name(self) -> None:
        self.assertEqual(task_type("conversation_tagging").name, "conversation_tagging")

    def test_an_unknown_name_is_refused_with_the_known_ones(self) -> None:
        with self.assertRaisesRegex(InputError, "no task type 'x'; known are: conversation_tagging"):
            task_type("x")


if __name__ == "__main__":
    unittest.main()
